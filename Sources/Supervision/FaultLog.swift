public import LinuxSystem

/// Tells when a fault that lasts is to be logged: once when it starts, once when it ends.
public struct FaultLog<Key: Hashable & Sendable>: Sendable {
    /// A fault that is over.
    public struct Ended: Sendable, Equatable {
        public var lasted: Duration
        /// How often it was seen.
        public var count: Int

        public init(lasted: Duration, count: Int) {
            self.lasted = lasted
            self.count = count
        }
    }

    private var open: [Key: (since: MonotonicInstant, count: Int)] = [:]

    public init() {}

    /// A fault was seen. `true` when it is new: log it.
    public mutating func failed(_ key: Key, at now: MonotonicInstant) -> Bool {
        let earlier = open[key]
        open[key] = (earlier?.since ?? now, (earlier?.count ?? 0) + 1)
        return earlier == nil
    }

    /// The same thing went well. Not nil when it was failing before: log the end.
    public mutating func succeeded(_ key: Key, at now: MonotonicInstant) -> Ended? {
        guard let fault = open.removeValue(forKey: key) else { return nil }
        return Ended(lasted: fault.since.duration(to: now), count: fault.count)
    }

    /// What is failing now.
    public var failing: Set<Key> { Set(open.keys) }
}
