public import LinuxSystem

#if canImport(Glibc)
    import Glibc
#endif

/// How bright the picture is, for how light it is around: a value that is told measurements and the time.
///
/// Eyes see ratios, so that the curve is straight over the logarithm of the illuminance. Measurements are smoothed; the
/// brightness follows only when it is off by a step, and moves there gradually: a lamp's flicker, a passing shadow or a
/// measurement's last bit move nothing.
public struct AmbientBrightness: Sendable {
    /// Illuminance in lux and brightness; in between, straight over log(1 + lux). A living room in the evening has 20 to
    /// 100 lx, an office 500, a window sill thousands.
    static let curve: [(lux: Double, level: Double)] = [(0, 0.06), (3, 0.12), (30, 0.35), (300, 0.75), (1_500, 1)]
    /// The brightness follows when it is off by this.
    static let step = 0.08
    /// Of the smoothing; into the dark eyes adapt slowly.
    static let settling = (brighter: 2.0, darker: 8.0)
    /// Brightness in a second while it moves.
    static let speed = (brighter: 0.25, darker: 0.1)
    /// Between moves, while it moves.
    public static let movesEvery = Duration.milliseconds(100)
    /// A sensor that is gone may have gone in the dark: after this the picture is as bright as without one.
    static let patience = Duration.seconds(60)

    /// Where it is, and where it goes.
    public private(set) var level: Double?
    private var target: Double?
    private var smoothed: Double?
    private var measured: MonotonicInstant?
    private var moved: MonotonicInstant?

    public init() {}

    /// Whether `move` has something to do.
    public var isMoving: Bool { level != target }

    /// Takes a measurement.
    public mutating func see(lux: Double, at now: MonotonicInstant) {
        let value = log(1 + max(0, lux))
        if let smoothed, let measured {
            let elapsed = measured.duration(to: now).secondsAsDouble
            let settling = value > smoothed ? Self.settling.brighter : Self.settling.darker
            self.smoothed = smoothed + (value - smoothed) * (1 - exp(-elapsed / settling))
        } else {
            smoothed = value
        }
        measured = now
        head(for: Self.level(logarithm: smoothed ?? value))
    }

    /// There was no measurement.
    public mutating func miss(at now: MonotonicInstant) {
        guard let measured, measured.duration(to: now) >= Self.patience else { return }
        (smoothed, self.measured) = (nil, nil)
        head(for: 1)
    }

    /// Moves on; the new brightness, from 0 to 1, where it is another.
    public mutating func move(at now: MonotonicInstant) -> Double? {
        defer { moved = now }
        guard let target, level != target else { return nil }
        guard let level, let moved else {
            self.level = target
            return target
        }
        // A clock that stood long in between makes no jump.
        let elapsed = min(moved.duration(to: now), Self.movesEvery * 2).secondsAsDouble
        let brighter = min(target, level + Self.speed.brighter * elapsed)
        let darker = max(target, level - Self.speed.darker * elapsed)
        self.level = target > level ? brighter : darker
        return self.level
    }

    /// The curve.
    public static func level(lux: Double) -> Double { level(logarithm: log(1 + max(0, lux))) }

    private mutating func head(for wanted: Double) {
        guard let target else { return target = wanted }
        let (darkest, near) = (Self.curve[0].level, Self.step / 8)
        if wanted >= 1 - near {
            // The ends are reached, however near the last step before them was.
            self.target = 1
        } else if wanted <= darkest + near {
            self.target = darkest
        } else if abs(wanted - target) >= Self.step {
            self.target = wanted
        }
    }

    private static func level(logarithm value: Double) -> Double {
        for (left, right) in zip(curve, curve.dropFirst()) {
            let (from, to) = (log(1 + left.lux), log(1 + right.lux))
            if value <= to { return left.level + (right.level - left.level) * max(0, value - from) / (to - from) }
        }
        return 1
    }
}
