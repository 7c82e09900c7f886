import DecoderProtocol
import Frames
import LinuxSystem

/// One decoder process as the pool sees it. Belongs to the pool and is used inside it alone.
final class DecoderProcess {
    enum State {
        case launching
        /// Started; its greeting is awaited until then.
        case greeting(until: MonotonicInstant)
        case ready(SandboxReport)
        /// Told to end, or killed. Killed at the given moment, if it is not gone by then.
        case leaving(killAt: MonotonicInstant?)
        case gone
    }

    let key: Int
    var role: DecoderRole
    var state: State = .launching
    /// Why it is of no use any more.
    var failure: DecoderError?
    var peer: (any DecoderPeer)?
    var channel: PacketChannel?
    var session: SessionRecord?
    /// What it does with the board's own decoders.
    var hardware: HardwareReport?
    /// Somebody is about to open a session in it.
    var isReserved = false
    /// It closed its end of the socket, so that it owes its own end.
    var hasHungUp = false
    var idleSince: MonotonicInstant?
    var watch: StallWatch
    var exitTask: Task<Void, Never>?
    var timer: Task<Void, Never>?
    var armedFor: MonotonicInstant?

    init(key: Int, role: DecoderRole, stall: Duration) {
        self.key = key
        self.role = role
        watch = StallWatch(limit: stall)
    }

    deinit {
        timer?.cancel()
        channel?.close()
        if case .gone = state { return }
        peer?.kill()
    }

    var isUsable: Bool {
        switch state {
        case .launching, .greeting, .ready: failure == nil
        case .leaving, .gone: false
        }
    }

    /// Ready, and nobody has a use for it.
    var isIdle: Bool {
        guard case .ready = state else { return false }
        return session == nil && !isReserved && !hasHungUp && failure == nil
    }

    /// The next moment at which its silence means something.
    func nextDeadline(idle: Duration) -> MonotonicInstant? {
        switch state {
        case .launching, .gone: return nil
        case .greeting(let deadline): return deadline
        case .leaving(let killAt): return killAt
        case .ready:
            return [watch.deadline, session?.jobDeadline, idleSince?.advanced(by: idle)].compactMap { $0 }.min()
        }
    }
}

/// One session as the pool sees it.
final class SessionRecord {
    let name: String
    var machine: SessionMachine
    /// The process that it is open in, as long as it is.
    weak var process: DecoderProcess?
    /// Nobody else may open in its role before it is over.
    var holdsTurn = false
    /// It was opened in a process that had another session before.
    let isReused: Bool
    var progress: (@Sendable (Double) -> Void)?
    /// Asked first for memory; nil: memfds only.
    var lender: (any FrameLending)?
    /// What it lacks since there was no memory.
    var debt = BufferDebt()
    /// A check must be over by then, however much progress it claims.
    var jobDeadline: MonotonicInstant?
    /// From the check's start to its deadline.
    var jobLimit: Duration = .zero

    init(name: String, machine: SessionMachine, process: DecoderProcess, isReused: Bool) {
        self.name = name
        self.machine = machine
        self.process = process
        self.isReused = isReused
    }

    /// With fewer buffers it would stand still: one frame of what moves is on the screen until another takes its place.
    var fewestBuffers: Int { machine.description?.kind == .image ? 1 : 2 }
}
