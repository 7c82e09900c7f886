import DecoderProtocol
import Foundation
import Frames
import LinuxSystem
import Supervision
import Synchronization
import SystemPackage

@testable import DecoderClient

#if canImport(Glibc)
    import Glibc
#endif

/// A decoder without a process: a thread at the other end of the socket that speaks the protocol, or lies.
final class FakeDecoder: DecoderPeer {
    /// How it behaves.
    struct Script: Sendable {
        var version = DecoderProtocolVersion.current
        var greets = true
        var medium = FakeDecoder.video
        /// Frames of a session; then it ends.
        var frames = Int.max
        /// Ends when its socket is closed.
        var obeys = true
        /// Waits in the kernel for what never comes.
        var isUnkillable = false
        /// Instead of the usual answer. Returns false to leave it to the usual.
        var answer: @Sendable (DecoderRequest, FakeDecoder) -> Bool = { _, _ in false }
    }

    private struct State {
        var requests: [DecoderRequest] = []
        var cause: ExitCause?
        var isFrozen = false
        var framesSent = 0
        var session: UInt32 = 0
        var openRequest: OpenRequest?
        var lent: [UInt32: MemoryFile] = [:]
        var killed = false
    }

    let socket: PacketSocket
    let processID: Int32
    private let theirs: PacketSocket
    private let script: Script
    private let state = Mutex(State())
    private let changed = Wakeup()

    init(_ script: Script, processID: Int32) throws(Errno) {
        let ends = try PacketSocket.pair()
        socket = ends.nonblocking
        theirs = ends.blocking
        self.script = script
        self.processID = processID
        // A thread of its own: it waits in the kernel, and dispatch has only so many to wait with.
        Thread.detachNewThread { self.live() }
    }

    // MARK: As a peer

    func kill() {
        state.withLock { $0.killed = true }
        if !script.isUnkillable { die(.signal(SIGKILL)) }
    }

    func waitForExit() async -> ExitCause? {
        while true {
            let seen = changed.generation
            if let cause = state.withLock({ $0.cause }) { return cause }
            await changed.wait(after: seen)
        }
    }

    // MARK: For tests

    var requests: [DecoderRequest] { state.withLock { $0.requests } }
    var framesSent: Int { state.withLock { $0.framesSent } }
    var wasKilled: Bool { state.withLock { $0.killed } }
    var hasEnded: Bool { state.withLock { $0.cause != nil } }
    var session: UInt32 { state.withLock { $0.session } }

    func die(_ cause: ExitCause) {
        state.withLock { state in
            if state.cause == nil { state.cause = cause }
            state.lent = [:]
        }
        theirs.shutDown()
        changed.wake()
    }

    /// As SIGSTOP does: from now on it reads nothing.
    func freeze() { state.withLock { $0.isFrozen = true } }

    func send(_ answer: DecoderAnswer) { send(answer.encoded()) }
    func send(_ bytes: [UInt8]) { _ = try? theirs.send(bytes) }

    /// The lent buffers, oldest first.
    var lentBuffers: [UInt32] { state.withLock { $0.lent.keys.sorted() } }

    static let video = MediumDescription(
        kind: .video, format: "mov,mp4", width: 64, height: 48, rotation: 0, durationNanoseconds: 1_000_000_000,
        frameRate: 25, seekable: true, streams: [StreamDescription(kind: .video, codec: "h264", language: "")])

    static let photo = MediumDescription(
        kind: .image, format: "jpeg", width: 64, height: 48, rotation: 0, durationNanoseconds: nil, frameRate: nil,
        seekable: false, streams: [])

    static let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 64, height: 48))

    static func report(
        buffer: UInt32, number: Int = 0, layout: FrameLayout = FakeDecoder.layout
    ) -> FrameReport {
        FrameReport(
            buffer: buffer, layout: layout, presentationTime: Int64(number) * 40_000_000, duration: 40_000_000,
            iteration: 0, discontinuity: number == 0, cacheable: true)
    }

    // MARK: Its life

    private func live() {
        while true {
            guard case .packet(let bytes, let attached)? = try? theirs.receive(acceptingDescriptors: true) else {
                break
            }
            // Frozen: it has read its last.
            if state.withLock({ $0.isFrozen }) { return }
            guard let request = try? DecoderRequest.decode(bytes) else { continue }
            if case .lend(_, let buffer, let byteCount) = request, let attached {
                let memory = try? MemoryFile(borrowed: attached, byteCount: byteCount)
                state.withLock { $0.lent[buffer] = memory }
            }
            if !script.answer(request, self) { answer(request, attached) }
            // After the answer, so that whoever has seen the request knows that it was answered.
            state.withLock { $0.requests.append(request) }
            changed.wake()
        }
        if script.obeys { die(.exited(status: 0)) }
    }

    func answer(_ request: DecoderRequest, _ attached: Descriptor? = nil) {
        switch request {
        case .hello:
            if script.greets { send(.hello(version: script.version, sandbox: SandboxReport(landlock: "none here"))) }
        case .open(let session, let open):
            state.withLock { state in
                state.session = session
                state.framesSent = 0
                state.lent = [:]
                state.openRequest = open
            }
            send(.opened(session: session, script.medium, bufferByteCount: Self.layout.byteCount))
        case .lend(let session, let buffer, _): paint(session: session, into: buffer)
        case .thumbnail(let session, let buffer, let byteCount, _):
            guard let attached, let memory = try? MemoryFile(borrowed: attached, byteCount: byteCount) else { return }
            memory.withBytes { $0.copyBytes(from: [0xFF, 0xD8, 0xFF, 0xD9]) }
            send(.thumbnail(session: session, buffer: buffer, byteCount: 4))
        case .check(let session, _):
            send(.progress(session: session, fraction: 0.5))
            send(.checked(session: session, CheckReport(frames: 25, decodeRate: 100, partial: false)))
        case .forget(_, let buffer): state.withLock { $0.lent[buffer] = nil }
        case .role, .late, .close: break
        }
    }

    private func paint(session: UInt32, into buffer: UInt32) {
        let (number, memory) = state.withLock { state in
            (state.framesSent, state.lent[buffer])
        }
        let last = script.medium.kind == .image ? 1 : script.frames
        guard number < last, let memory else { return }
        memory.withBytes { $0.bindMemory(to: UInt32.self).update(repeating: UInt32(number)) }
        send(.frame(session: session, Self.report(buffer: buffer, number: number)))
        // Counted once it is on its way: who waits for the count may end this decoder at once.
        state.withLock { $0.framesSent += 1 }
        if number + 1 == last { send(.ended(session: session)) }
    }
}

/// Starts fake decoders, by a script for each, the last one for all that follow.
final class FakeLauncher: DecoderLauncher {
    private struct State {
        var scripts: [FakeDecoder.Script]
        var started: [FakeDecoder] = []
    }

    private let state: Mutex<State>

    init(_ scripts: FakeDecoder.Script...) { state = Mutex(State(scripts: scripts)) }

    func launch(_ role: DecoderRole) async throws(DecoderError) -> any DecoderPeer {
        let script = state.withLock { state in
            state.scripts.count > 1 ? state.scripts.removeFirst() : state.scripts.first
        }
        guard let script else { throw .cannotStart(reason: "there is no decoder") }
        do throws(Errno) {
            let peer = try FakeDecoder(script, processID: Int32(1_000 + started.count))
            state.withLock { $0.started.append(peer) }
            return peer
        } catch {
            throw .cannotStart(reason: "\(error)")
        }
    }

    var limits: DecoderLimitReport { DecoderStatus(processes: [], deaths: 0).limits }

    /// All that were started, in order.
    var started: [FakeDecoder] { state.withLock { $0.started } }
}
