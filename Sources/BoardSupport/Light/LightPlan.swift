public import LinuxSystem

/// What the light says, highest first: an answer to a hold, a hold that is under way, "here I am", a fault;
/// otherwise it is the system's. A value: what happens and the time go in, on and off come out.
public struct LightPlan: Sendable, Equatable {
    /// How the light shows one thing: on and off in turn, then from the beginning.
    struct Pattern: Equatable {
        /// Milliseconds on, off, on, off, …
        let times: [Int64]

        static let confirmed = Pattern(times: [1_000_000])
        static let holding = Pattern(times: [50, 50])
        static let locate = Pattern(times: [250, 250])
        /// Two short flashes, then a pause: seen from across a room, and no flicker to be annoyed by.
        static let fault = Pattern(times: [100, 200, 100, 1_600])
    }

    /// The hold was long enough: the light stands for so long.
    public static let confirmation: Duration = .seconds(3)

    private var confirmedUntil: MonotonicInstant?
    private var isHolding = false
    private var locateUntil: MonotonicInstant?
    private var hasFault = false
    /// When what is shown now began.
    private var began: MonotonicInstant?
    private var shown: Pattern?

    public init() {}

    public mutating func confirm(at now: MonotonicInstant) {
        isHolding = false
        confirmedUntil = now.advanced(by: Self.confirmation)
    }

    public mutating func setHolding(_ isHolding: Bool) { self.isHolding = isHolding }
    public mutating func locate(until: MonotonicInstant?) { locateUntil = until }
    public mutating func setFault(_ hasFault: Bool) { self.hasFault = hasFault }

    /// Whether the light is on; nil: it is the system's.
    public mutating func light(at now: MonotonicInstant) -> Bool? {
        let pattern = pattern(at: now)
        if pattern != shown { (shown, began) = (pattern, now) }
        guard let pattern, let began else { return nil }
        return Self.place(in: pattern, after: began.duration(to: now)).index % 2 == 0
    }

    /// When it changes next, if nothing happens; nil: not at all.
    public func nextChange(after now: MonotonicInstant) -> MonotonicInstant? {
        let ends = [confirmedUntil, locateUntil].compactMap { $0 }.filter { $0 > now }
        guard let shown, let began else { return ends.min() }
        let rest = Self.place(in: shown, after: began.duration(to: now)).rest
        return (ends + [now.advanced(by: rest)]).min()
    }

    private func pattern(at now: MonotonicInstant) -> Pattern? {
        if let confirmedUntil, now < confirmedUntil { return .confirmed }
        if isHolding { return .holding }
        if let locateUntil, now < locateUntil { return .locate }
        return hasFault ? .fault : nil
    }

    /// Which of the times it is, and what is left of it.
    private static func place(in pattern: Pattern, after time: Duration) -> (index: Int, rest: Duration) {
        let whole = pattern.times.reduce(0, +) * 1_000_000
        var rest = time.wholeNanoseconds % whole
        for (index, milliseconds) in pattern.times.enumerated() {
            let length = milliseconds * 1_000_000
            if rest < length { return (index, .nanoseconds(length - rest)) }
            rest -= length
        }
        return (0, .nanoseconds(whole))
    }
}
