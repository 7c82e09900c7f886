import LinuxSystem
import SystemPackage

/// Packets to and from one peer, on an event loop, never waiting: what the peer does not take at once is kept, up to a
/// bound. Used from the loop alone.
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
    private let loop: EventLoop
    private let handler: @Sendable (Event) -> Void
    private var readWatch: DescriptorWatch?
    private var writeWatch: DescriptorWatch?
    /// What is received goes through here, so that a packet costs no more than its own bytes.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: PacketSocket.maximumByteCount, alignment: 16)
    private var backlog: [(bytes: [UInt8], attached: Descriptor?)] = []

    /// - Parameter handler: called on the loop.
    init(_ socket: PacketSocket, loop: EventLoop, handler: @Sendable @escaping (Event) -> Void) {
        self.socket = socket
        self.loop = loop
        self.handler = handler
        readWatch = loop.watch(socket.descriptor, for: .readable) { handler(.readable) }
    }

    deinit {
        close()
        buffer.deallocate()
    }

    var hasBacklog: Bool { !backlog.isEmpty }

    func send(_ bytes: [UInt8], attached: Descriptor?) -> SendOutcome {
        guard readWatch != nil else { return .ended }
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
                // There is always room towards a peer that is gone: its watch would call for ever.
                stopSending()
                return outcome
            }
        }
        stopSending()
        return .sent
    }

    /// One packet. Descriptors that a peer attaches are never accepted. After the end, nothing is reported any more.
    func receive() -> PacketSocket.Received {
        guard readWatch != nil else { return .nothing }
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

    /// A descriptor at its end is ready for ever.
    private func stopReading() {
        readWatch?.cancel()
        readWatch = nil
    }

    /// Forgets what was kept.
    private func stopSending() {
        writeWatch?.cancel()
        writeWatch = nil
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
        guard writeWatch == nil else { return }
        writeWatch = loop.watch(socket.descriptor, for: .writable) { [handler] in handler(.writable) }
    }
}
