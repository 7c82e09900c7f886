import LinuxSystem

/// Time that passes, except while it is stopped.
struct Stopwatch: Sendable {
    private var start: MonotonicInstant
    private var stoppedAt: MonotonicInstant?

    init(startedAt start: MonotonicInstant) { self.start = start }

    func elapsed(at now: MonotonicInstant) -> Duration { max(.zero, start.duration(to: stoppedAt ?? now)) }

    /// When so much time will have passed; nil while it is stopped.
    func moment(of elapsed: Duration) -> MonotonicInstant? { stoppedAt == nil ? start.advanced(by: elapsed) : nil }

    mutating func stop(at now: MonotonicInstant) {
        if stoppedAt == nil { stoppedAt = max(now, start) }
    }

    mutating func goOn(at now: MonotonicInstant) {
        guard let stoppedAt else { return }
        start = start.advanced(by: stoppedAt.duration(to: now))
        self.stoppedAt = nil
    }
}
