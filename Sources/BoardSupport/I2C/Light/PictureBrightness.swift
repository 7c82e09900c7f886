/// How bright the picture is, out of what the light around asks for and what people did with buttons. A value; whoever
/// changes it sets the display.
public struct PictureBrightness: Sendable, Equatable {
    /// What may be reached; a picture that cannot be seen would look like a fault.
    public static let range = 0.04...1.0
    /// What one press of a button changes.
    public static let step = 0.1

    /// What the light asks for; nil: nothing does, which is full brightness.
    public var ambient: Double?
    /// How far people moved it from there.
    public private(set) var offset = 0.0

    public init() {}

    /// From 0 to 1.
    public var level: Double { Self.clamped((ambient ?? 1) + offset) }

    /// A press of a button. What it leads over the end of the range is forgotten, so that the next press back is seen.
    public mutating func move(by change: Double) {
        offset = Self.clamped(level + change) - (ambient ?? 1)
    }

    private static func clamped(_ level: Double) -> Double { min(max(level, range.lowerBound), range.upperBound) }
}
