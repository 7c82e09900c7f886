public import Frames

/// What an open display is and takes. It does not change while the display is open: another mode is another display.
public struct DisplayCapabilities: Sendable, Equatable {
    /// What scenes are made for, in pixels, after a turn by `display.rotation`.
    public var size: PixelSize
    /// Refreshes per second.
    public var refreshRate: Double
    /// What frames it takes without a conversion, best first.
    public var formats: [PixelFormat]
    /// What the screen calls itself (EDID), or the panel's name; nil where nothing tells.
    public var name: String?
    /// Of the visible area; nil where nothing tells, or what tells is not to be believed.
    public var millimetres: PixelSize?
    /// The modes that it could be opened in, best first; empty where there is no choice.
    public var modes: [DisplayMode]
    /// Layers that the hardware can put above each other; 0: all are composed in software.
    public var planes: Int
    /// Clockwise turns in degrees that cost nothing; 0 is always among them.
    public var rotations: [Int]
    public var hasBrightness: Bool
    /// What is less than it could be and why, in words for the status: fewer buffers, a mode that was not asked for.
    public var notes: [String]

    public init(
        size: PixelSize, refreshRate: Double, formats: [PixelFormat], name: String? = nil,
        millimetres: PixelSize? = nil, modes: [DisplayMode] = [], planes: Int = 0, rotations: [Int] = [0],
        hasBrightness: Bool = false, notes: [String] = []
    ) {
        self.size = size
        self.refreshRate = refreshRate
        self.formats = formats
        self.name = name
        self.millimetres = millimetres
        self.modes = modes
        self.planes = planes
        self.rotations = rotations
        self.hasBrightness = hasBrightness
        self.notes = notes
    }

    public var refreshInterval: Duration { .nanoseconds(Int64(1_000_000_000 / refreshRate)) }
}

/// A size and a rate that a screen can be driven with. As text, and as `display.mode` takes it: `1920x1080@50`.
public struct DisplayMode: Sendable, Hashable, CustomStringConvertible {
    public var size: PixelSize
    /// In thousandths of a hertz, so that 59.94 is not 60.
    public var millihertz: Int

    public init(size: PixelSize, millihertz: Int) {
        self.size = size
        self.millihertz = millihertz
    }

    public var description: String {
        let hertz = millihertz / 1_000
        let rest = millihertz % 1_000
        guard rest != 0 else { return "\(size.width)x\(size.height)@\(hertz)" }
        var digits = String(1_000 + rest).dropFirst()
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(size.width)x\(size.height)@\(hertz).\(digits)"
    }
}
