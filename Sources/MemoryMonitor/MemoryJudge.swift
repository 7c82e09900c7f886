public import LinuxSystem

/// A level, and the reading that it was last judged by.
public struct MemoryState: Sendable, Equatable {
    public var level: MemoryLevel
    public var reading: MemoryReading

    public init(level: MemoryLevel, reading: MemoryReading) {
        self.level = level
        self.reading = reading
    }
}

/// Makes levels of readings, with hysteresis, and says when to read again. A value: readings and the time go in.
///
/// It is worse at once, and better only when for `patience` every reading was better by a margin: what was given back is
/// not taken again on the line.
public struct MemoryJudge: Sendable {
    /// So many bytes beyond a line it is better again.
    static let margin = 16 << 20
    /// And when pressure is below so much of its line.
    static let pressureFactor = 0.5
    static let patience: Duration = .seconds(3)
    /// Between two readings when little happens.
    static let calm: Duration = .seconds(1)
    /// While memory falls.
    static let alert: Duration = .milliseconds(250)
    /// It falls when, going on so, a line is reached before this.
    static let horizon: Duration = .seconds(8)

    public private(set) var level: MemoryLevel?
    private var betterSince: MonotonicInstant?
    private var last: (reading: MemoryReading, at: MonotonicInstant)?

    public init() {}

    /// - Returns: the state, and how long to wait for the next reading.
    public mutating func take(
        _ reading: MemoryReading, at now: MonotonicInstant
    ) -> (state: MemoryState, next: Duration) {
        defer { last = (reading, now) }
        let level = judged(reading, at: now)
        self.level = level
        return (MemoryState(level: level, reading: reading), isFalling(reading, at: now) ? Self.alert : Self.calm)
    }

    private mutating func judged(_ reading: MemoryReading, at now: MonotonicInstant) -> MemoryLevel {
        let plain = MemoryLevel(of: reading)
        guard let level, plain < level else {
            betterSince = nil
            return plain
        }
        let safe = MemoryLevel(of: reading, beyondBytes: Self.margin, pressureFactor: Self.pressureFactor)
        guard safe < level else {
            betterSince = nil
            return level
        }
        guard let since = betterSince else {
            betterSince = now
            return level
        }
        guard since.duration(to: now) >= Self.patience else { return level }
        // From critical to low the next step is waited for anew.
        betterSince = nil
        return safe
    }

    private func isFalling(_ reading: MemoryReading, at now: MonotonicInstant) -> Bool {
        guard let last, last.at < now, reading.spare < last.reading.spare else { return false }
        let line = [MemoryLevel.lowBytes, MemoryLevel.criticalBytes].first { $0 <= reading.spare }
        guard let line else { return true }
        let fallen = Double(last.reading.spare - reading.spare)
        let elapsed = last.at.duration(to: now) / .seconds(1)
        return Double(reading.spare - line) / fallen * elapsed < Self.horizon / .seconds(1)
    }
}
