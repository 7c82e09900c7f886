public import Frames
public import LinuxSystem

/// A kind of display. A driver is configuration only: what it holds at run time is the `Display` that it opens, and
/// closing that is the recovery from every fault.
public protocol DisplayDriver: Sendable {
    /// As `display.order` and the status call it: `drm`, `spi` or `headless`.
    var name: String { get }

    /// Looks whether a display is there, without changing anything on it.
    func probe() async -> DisplayProbe

    /// Takes the display over. On return it can be presented to.
    func open() async throws(DisplayError) -> any Display

    /// Bytes of the buffers that its open displays have from the kernel: those that are drawn in and those that are lent.
    /// They are in the memory of no process. 0 where there are none.
    var bufferBytes: Int { get }
}

extension DisplayDriver {
    public var bufferBytes: Int { 0 }
}

/// What a driver found when it looked.
public enum DisplayProbe: Sendable, Equatable {
    case usable
    /// Why not, in words for the person who looks at the status.
    case unusable(reason: String)
}

/// A display that is open. All calls come from one task at a time; `close` and `setBrightness` may come at any time.
public protocol Display: Sendable {
    var capabilities: DisplayCapabilities { get }

    /// Where decoders get buffers that this display scans out as they are; nil: it has none.
    var lender: (any FrameLending)? { get }

    /// Shows a scene, and returns when it is on the glass.
    ///
    /// The first refresh at or after `notBefore` takes it. N presents take at least N−1 refresh intervals on every
    /// driver. The scene, and with it the frames' buffers, is held until the next one has replaced it.
    func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation

    /// Yields once, with why, when the display ends by itself (unplugged, its link lost), so that a picture that stays
    /// for an hour need not be presented again to notice; finishes without a value when it was closed. For one listener.
    var ended: AsyncStream<DisplayError> { get }

    /// Lets the screen sleep, or wakes it. Presenting goes on meanwhile and keeps its pace; what was presented last is on
    /// the glass when it wakes. Where there is nothing to switch, this does nothing.
    func setPower(_ isOn: Bool) async throws(DisplayError)

    /// How bright the backlight is, from 0 (dark) to 1. Where `capabilities.hasBrightness` is false, this does nothing.
    func setBrightness(_ level: Double) async throws(DisplayError)

    /// Gives the display back. Idempotent; a `present` under way ends at once, with an error or its result.
    func close() async
}

extension Display {
    public var lender: (any FrameLending)? { nil }
}

/// When and how a scene came onto the glass.
public struct Presentation: Sendable, Equatable {
    public enum Source: Sendable, Equatable {
        case verticalBlank
        case timer
        case transfer
    }

    /// When it was on the glass.
    public var time: MonotonicInstant
    /// Number of the refresh; grows by at least one from present to present.
    public var sequence: UInt64
    public var interval: Duration
    public var source: Source

    public init(time: MonotonicInstant, sequence: UInt64, interval: Duration, source: Source) {
        self.time = time
        self.sequence = sequence
        self.interval = interval
        self.source = source
    }
}

/// What went wrong with a display, where, and what to do now.
public struct DisplayError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// Closed, by us or because the hardware went away.
        case gone
        /// Not there, or not usable, when it was opened.
        case unusable
        case cancelled
    }

    public var code: Code
    public var driver: String
    public var what: String
    public var suggestion: String?

    public init(_ code: Code, driver: String, what: String, suggestion: String? = nil) {
        self.code = code
        self.driver = driver
        self.what = what
        self.suggestion = suggestion
    }

    public var description: String { "\(driver): \(what)" + (suggestion.map { " (\($0))" } ?? "") }
}
