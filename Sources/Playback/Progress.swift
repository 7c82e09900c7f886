import LinuxSystem
import MediaIndex

/// How far the current turn has come.
struct Progress: Sendable {
    var turn: Programme.Turn
    var kind: MediumKind
    /// How long a photo stays.
    var photoTime: Duration?
    /// Of a medium that moves.
    var length = MediumLength(told: nil)
    /// Of a medium that moves.
    var timeline: Timeline?
    /// Of a photo.
    var watch: Stopwatch?
    /// How much later than it was due its first picture came, as refreshes lie: what follows is not to be late for it, or a
    /// programme would drift.
    var deviation: Duration = .zero
    /// Position in the session at which this iteration of the medium began.
    var iterationStart: Duration = .zero
    /// Where in the medium the frame is that was shown last.
    var lastShown: Duration = .zero
    /// The session's time of the frame that was shown last.
    var lastTime: Duration?
    /// How long that one stays by itself, if that is known.
    var lastLength: Duration?
    /// The decoder was lost on the way, so that this turn says nothing of the medium's being well.
    var isInterrupted = false

    init(turn: Programme.Turn, item: ProgrammeItem) {
        self.turn = turn
        kind = item.kind
    }

    /// Of one iteration, or how long a photo stays; nil: not known.
    var duration: Duration? { kind == .image ? photoTime : length.value }

    /// Where in the medium it is.
    func position(at now: MonotonicInstant) -> Duration {
        if let watch { return min(watch.elapsed(at: now), duration ?? watch.elapsed(at: now)) }
        guard let sessionPosition = timeline?.position(at: now) else { return .zero }
        let position = max(.zero, sessionPosition - iterationStart)
        return min(position, duration ?? position)
    }

    mutating func pause(at now: MonotonicInstant) {
        timeline?.pause(at: now)
        watch?.stop(at: now)
    }

    mutating func resume(at now: MonotonicInstant) {
        timeline?.resume(at: now)
        watch?.goOn(at: now)
    }
}
