public import LinuxSystem

/// When a part that died is started again: the first time at once, then some time apart, a few times in a row, and
/// after that only now and then. Good work for a while makes it all forgotten.
public struct RestartPolicy: Sendable, Equatable {
    /// `supervision.*` of the configuration.
    public struct Limits: Sendable, Equatable {
        /// Restarts in a row.
        public var restarts: Int
        /// Least time between two restarts.
        public var delay: Duration
        /// Good work for this long makes earlier deaths forgotten.
        public var reset: Duration
        /// Time to the next try once the restarts are exhausted.
        public var retry: Duration

        public init(
            restarts: Int = 5, delay: Duration = .seconds(5), reset: Duration = .seconds(300),
            retry: Duration = .seconds(300)
        ) {
            self.restarts = restarts
            self.delay = delay
            self.reset = reset
            self.retry = retry
        }
    }

    public enum Verdict: Sendable, Equatable {
        /// Start it again at this moment, which is now or later.
        case restart(at: MonotonicInstant)
        /// Go on without it; one more try at this moment.
        case exhausted(nextTry: MonotonicInstant)
    }

    public let limits: Limits
    /// Restarts since good work was last seen for long enough.
    public private(set) var restartsInARow = 0
    /// True from the verdict `.exhausted` until good work.
    public private(set) var isExhausted = false
    private var lastStart: MonotonicInstant?
    private var workingSince: MonotonicInstant?

    public init(_ limits: Limits = Limits()) { self.limits = limits }

    /// The part died, or could not be started.
    public mutating func died(at now: MonotonicInstant) -> Verdict {
        forgetIfGood(at: now)
        workingSince = nil
        guard restartsInARow < limits.restarts else {
            isExhausted = true
            let next = now.advanced(by: limits.retry)
            lastStart = next
            return .exhausted(nextTry: next)
        }
        restartsInARow += 1
        let start = max(now, lastStart?.advanced(by: limits.delay) ?? now)
        lastStart = start
        return .restart(at: start)
    }

    /// The part does what it is for. To be called when work is seen, as often as one likes.
    public mutating func worked(at now: MonotonicInstant) {
        if workingSince == nil { workingSince = now }
        forgetIfGood(at: now)
    }

    private mutating func forgetIfGood(at now: MonotonicInstant) {
        guard let workingSince, workingSince.duration(to: now) >= limits.reset else { return }
        restartsInARow = 0
        isExhausted = false
        lastStart = nil
    }
}
