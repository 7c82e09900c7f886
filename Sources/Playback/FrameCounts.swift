import LinuxSystem

/// How pictures came onto the glass since the start, for the metrics.
public struct FrameCounts: Sendable, Equatable {
    /// Frames of what moves that were on the glass within half a refresh of their time.
    public var onTime = 0
    /// Those that came later.
    public var late = 0
    /// Frames that did not come, for their time was over, or because the decoder had left them out for that.
    public var lost = 0
    /// Frames that were left out because the rate is halved.
    public var halved = 0
    /// Media whose first picture came at the refresh nearest to the end of the one before.
    public var changesOnTime = 0
    /// Media that came later than that, with the last picture of the one before on the glass meanwhile.
    public var changesLate = 0

    public init() {}

    /// How many frames should have been between the end of one and the beginning of the next that came. The one before may
    /// have been longer, as an animation's are.
    static func missing(between end: Duration, and next: Duration, each length: Duration) -> Int {
        guard length > .zero, next > end else { return 0 }
        return Int(((next - end).wholeNanoseconds + length.wholeNanoseconds / 2) / length.wholeNanoseconds)
    }

    /// - Parameters:
    ///   - due: when it should have been there; the refresh nearest to that is meant.
    ///   - interval: of the display's refreshes.
    static func isLate(_ now: MonotonicInstant, due: MonotonicInstant, interval: Duration) -> Bool {
        due.duration(to: now) > interval / 2
    }
}
