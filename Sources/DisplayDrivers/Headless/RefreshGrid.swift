import LinuxSystem

/// The refreshes of a display without hardware: moments at equal distances, numbered from 0. They are computed from
/// the number, never added up, so that they do not drift.
struct RefreshGrid: Sendable {
    let origin: MonotonicInstant
    /// Per second.
    let rate: Double

    /// When refresh number `sequence` is.
    func time(of sequence: UInt64) -> MonotonicInstant {
        let offset = (Double(sequence) * 1_000_000_000 / rate).rounded()
        return MonotonicInstant(nanoseconds: origin.nanoseconds + Int64(offset))
    }

    /// The first refresh at or after a moment.
    func first(atOrAfter instant: MonotonicInstant) -> UInt64 {
        let elapsed = instant.nanoseconds - origin.nanoseconds
        guard elapsed > 0 else { return 0 }
        // The estimate can be one off, since both directions round.
        var sequence = UInt64(Double(elapsed) * rate / 1_000_000_000)
        if sequence > 0 { sequence -= 1 }
        while time(of: sequence) < instant { sequence += 1 }
        return sequence
    }
}
