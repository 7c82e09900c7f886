import Dispatch
import LinuxSystem
import SystemPackage

/// Packets to and from one peer, on one dispatch queue, never waiting: what the peer does not take at once is kept, up
/// to a bound. Used from the queue alone.
final class PacketChannel {
    enum Event: Sendable {
        /// Something can be received: call `receive()`.
        case readable
        /// Some of what was kept may be sent now: call `flush()`.
        case writable
    }

    enum SendOutcome: Equatable {
        case sent
        /// Kept until the peer reads.
        case kept
        /// The peer does not read, and there is too much waiting for it.
        case overflow
        /// The peer has closed its end: its exit tells more.
        case ended
        case failed(Errno)
    }

    /// Packets that may wait for the peer. A session has a handful of buffers, so that a peer that reads never gets here.
    static let backlogLimit = 128

    private let socket: PacketSocket
    private let queue: DispatchQueue
    private let handler: @Sendable (Event) -> Void
    private var readSource: (any DispatchSourceRead)?
    private var writeSource: (any DispatchSourceWrite)?
    /// What is received goes through here, so that a packet costs no more than its own bytes.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: PacketSocket.maximumByteCount, alignment: 16)
    private var backlog: [(bytes: [UInt8], attached: Descriptor?)] = []

    /// - Parameter handler: called on the queue.
    init(_ socket: PacketSocket, queue: DispatchQueue, handler: @Sendable @escaping (Event) -> Void) {
        self.socket = socket
        self.queue = queue
        self.handler = handler
        let source = DispatchSource.makeReadSource(fileDescriptor: socket.descriptor.rawValue, queue: queue)
        source.setEventHandler { handler(.readable) }
        // The descriptor must stay open until the source no longer watches it.
        source.setCancelHandler { [descriptor = socket.descriptor] in _ = descriptor }
        source.activate()
        readSource = source
    }

    deinit {
        close()
        buffer.deallocate()
    }

    var hasBacklog: Bool { !backlog.isEmpty }

    func send(_ bytes: [UInt8], attached: Descriptor?) -> SendOutcome {
        guard readSource != nil else { return .ended }
        if backlog.isEmpty {
            let outcome = trySend(bytes, attached)
            if outcome != .kept { return outcome }
        }
        guard backlog.count < Self.backlogLimit else { return .overflow }
        backlog.append((bytes, attached))
        watchForRoom()
        return .kept
    }

    /// Sends of what was kept as much as the peer takes now.
    func flush() -> SendOutcome {
        while let first = backlog.first {
            let outcome = trySend(first.bytes, first.attached)
            switch outcome {
            case .sent: backlog.removeFirst()
            case .kept, .overflow: return outcome
            case .ended, .failed:
                // There is always room towards a peer that is gone: its source would call for ever.
                stopSending()
                return outcome
            }
        }
        stopSending()
        return .sent
    }

    /// One packet. Descriptors that a peer attaches are never accepted. After the end, nothing is reported any more.
    func receive() -> PacketSocket.Received {
        guard readSource != nil else { return .nothing }
        do {
            let received = try socket.receive(into: buffer, acceptingDescriptors: false)
            if case .ended = received { stopReading() }
            return received
        } catch {
            // Only a packet that is too long gets here (EMSGSIZE): no message is, so whoever sent it is no decoder of ours.
            stopReading()
            return .ended
        }
    }

    /// Ends both directions; the peer sees the end of its input. Forgets what was kept.
    func close() {
        stopReading()
        stopSending()
        socket.shutDown()
    }

    /// A source at its end would call its handler for ever.
    private func stopReading() {
        readSource?.cancel()
        readSource = nil
    }

    /// Forgets what was kept.
    private func stopSending() {
        writeSource?.cancel()
        writeSource = nil
        backlog = []
    }

    private func trySend(_ bytes: [UInt8], _ attached: Descriptor?) -> SendOutcome {
        do throws(Errno) {
            return try socket.send(bytes, with: attached) ? .sent : .kept
        } catch .brokenPipe {
            return .ended
        } catch .connectionReset {
            return .ended
        } catch {
            return .failed(error)
        }
    }

    private func watchForRoom() {
        guard writeSource == nil else { return }
        let source = DispatchSource.makeWriteSource(fileDescriptor: socket.descriptor.rawValue, queue: queue)
        source.setEventHandler { [handler] in handler(.writable) }
        source.setCancelHandler { [descriptor = socket.descriptor] in _ = descriptor }
        source.activate()
        writeSource = source
    }
}
