public import LinuxSystem

/// Which media decoders died of. Two strikes set a medium aside; it is tried again after an hour, then daily.
///
/// Moments are monotonic and end with the boot: what the index remembers as set aside is entered with `restore`.
public struct StrikeBook<Medium: Hashable & Sendable>: Sendable {
    public struct Limits: Sendable, Equatable {
        /// Strikes that set a medium aside.
        public var strikes: Int
        /// Time to the first try of what was set aside.
        public var firstRetry: Duration
        /// Time to each later try.
        public var laterRetry: Duration

        public init(
            strikes: Int = 2, firstRetry: Duration = .seconds(3_600), laterRetry: Duration = .seconds(86_400)
        ) {
            self.strikes = strikes
            self.firstRetry = firstRetry
            self.laterRetry = laterRetry
        }
    }

    /// What a medium was seen doing.
    public enum Fault: Sendable, Equatable {
        /// Its decoder ended; `ownDoing` as `ExitCause` tells.
        case died(ownDoing: Bool)
        /// Its decoder stood still past a deadline.
        case stalled

        /// True unless somebody else ended the decoder.
        public var earnsStrike: Bool {
            switch self {
            case .died(let ownDoing): ownDoing
            case .stalled: true
            }
        }
    }

    public enum Standing: Sendable, Equatable {
        case good
        /// May be played; so many strikes so far.
        case suspected(strikes: Int)
        /// May not be played before this moment, except by hand.
        case setAside(until: MonotonicInstant)
    }

    private struct Entry: Sendable {
        var strikes = 0
        var timesSetAside = 0
        var asideUntil: MonotonicInstant?
    }

    public let limits: Limits
    private var entries: [Medium: Entry] = [:]

    public init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Counts a fault and returns where the medium stands now.
    @discardableResult
    public mutating func note(_ fault: Fault, of medium: Medium, at now: MonotonicInstant) -> Standing {
        guard fault.earnsStrike else { return standing(of: medium, at: now) }
        var entry = entries[medium] ?? Entry()
        entry.strikes += 1
        // What was set aside before has used up its strikes: one more is enough.
        if entry.strikes >= limits.strikes || entry.timesSetAside > 0 { setAside(&entry, at: now) }
        entries[medium] = entry
        return standing(of: medium, at: now)
    }

    /// The medium played from its beginning to its end, so earlier strikes are forgotten. A part of it proves nothing: a
    /// file may be broken near its end.
    public mutating func playedWhole(_ medium: Medium) { entries[medium] = nil }

    /// A person wants it tried: it may be played at once, and the strikes are forgotten.
    public mutating func retryByHand(_ medium: Medium) { entries[medium] = nil }

    /// Enters what was set aside before this boot.
    public mutating func restore(_ medium: Medium, at now: MonotonicInstant) {
        var entry = Entry()
        entry.strikes = limits.strikes
        setAside(&entry, at: now)
        entries[medium] = entry
    }

    /// The medium is deleted.
    public mutating func forget(_ medium: Medium) { entries[medium] = nil }

    public func standing(of medium: Medium, at now: MonotonicInstant) -> Standing {
        guard let entry = entries[medium] else { return .good }
        if let until = entry.asideUntil, until > now { return .setAside(until: until) }
        return .suspected(strikes: entry.strikes)
    }

    /// When the next medium that is set aside may be tried again; nil when none is.
    public func nextRetry(after now: MonotonicInstant) -> MonotonicInstant? {
        entries.values.compactMap(\.asideUntil).filter { $0 > now }.min()
    }

    private func setAside(_ entry: inout Entry, at now: MonotonicInstant) {
        let wait = entry.timesSetAside == 0 ? limits.firstRetry : limits.laterRetry
        entry.timesSetAside += 1
        entry.asideUntil = now.advanced(by: wait)
    }
}
