import Frames
public import LinuxSystem

/// Keeps an OLED from burning in: what stands still moves by a dot or two every minute, and what nobody has a reason to look
/// at is dimmed.
public struct OLEDCare: Sendable {
    /// How far the picture is moved from its upper left place, in dots.
    public struct Shift: Sendable, Equatable {
        public var right: Int
        public var down: Int

        public static let none = Shift(right: 0, down: 0)
    }

    /// Of 255, after a change; later; and where it is dark.
    static let bright: UInt8 = 0xCF
    static let dimmed: UInt8 = 0x30
    static let night: UInt8 = 0x04
    /// How long a change stays bright.
    static let attention = Duration.seconds(120)
    static let moveEvery = Duration.seconds(60)
    /// Below this it is night; it is day again above the other.
    static let darkness = (below: 3.0, above: 6.0)

    private let start: MonotonicInstant
    private var lines: StatusLines?
    private var changed: MonotonicInstant
    private var isDark = false

    public init(at now: MonotonicInstant) { (start, changed) = (now, now) }

    /// What is shown: a change has it bright again.
    public mutating func show(_ lines: StatusLines, at now: MonotonicInstant) {
        if lines != self.lines { changed = now }
        self.lines = lines
    }

    /// How light it is around; nil: nobody knows.
    public mutating func see(lux: Double?) {
        guard let lux else { return isDark = false }
        isDark = lux < (isDark ? Self.darkness.above : Self.darkness.below)
    }

    public func contrast(at now: MonotonicInstant) -> UInt8 {
        if isDark { return Self.night }
        return changed.duration(to: now) < Self.attention ? Self.bright : Self.dimmed
    }

    /// There and back again in both directions, at two paces, so that every place of the margin comes up.
    public func shift(at now: MonotonicInstant) -> Shift {
        let step = Int(start.duration(to: now).wholeNanoseconds / Self.moveEvery.wholeNanoseconds)
        let margin = StatusPainter.margin
        return Shift(
            right: Self.swing(step, margin.width), down: Self.swing(step / (2 * margin.width), margin.height))
    }

    private static func swing(_ step: Int, _ width: Int) -> Int {
        let place = step % (2 * width)
        return place <= width ? place : 2 * width - place
    }
}
