public import Frames
public import LinuxSystem

/// A display without hardware: it has a size, a clock and a picture that can be watched, and composes nothing until
/// somebody does. It is always usable, which makes it the last of every chain.
public struct HeadlessDriver: DisplayDriver {
    /// As configurations and the status call it.
    public static let name = "headless"

    public let size: PixelSize
    /// Refreshes per second.
    public let refreshRate: Double
    private let clock: any BoardClock

    /// - Parameters:
    ///   - size: at least one pixel each way.
    ///   - refreshRate: per second, from 1 to 1000; what is outside is taken as the nearest of them.
    public init(size: PixelSize, refreshRate: Double = 60, clock: any BoardClock = MonotonicClock()) {
        self.size = PixelSize(width: max(1, size.width), height: max(1, size.height))
        self.refreshRate = refreshRate.isFinite ? min(max(refreshRate, 1), 1000) : 60
        self.clock = clock
    }

    public var name: String { Self.name }

    public func probe() async -> DisplayProbe { .usable }

    public func open() async throws(DisplayError) -> any Display {
        HeadlessDisplay(
            capabilities: DisplayCapabilities(size: size, refreshRate: refreshRate, formats: Self.formats),
            clock: clock)
    }

    /// Like hardware with planes, it takes video as it was decoded, three eighths of XRGB's bytes; whoever watches has it
    /// converted.
    private static let formats: [PixelFormat] = [.yuv420, .nv12, .xrgb8888]
}
