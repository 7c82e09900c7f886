public import GPIO
public import SystemPackage

/// The wires of one SPI panel: the bus with its chip select, the D/C line, and the reset and backlight lines where the board
/// has them. What is sent is the panel's business; below is Linux (spidev, GPIO lines, a backlight) or a simulated panel.
///
/// Calls block for as long as the transfer takes (a full frame of 320×240 takes 20 ms at 62.5 MHz), so that they belong on
/// a queue of their own. Errors are the kernel's, with the device that gave them.
public protocol PanelBus: AnyObject, Sendable {
    /// What the status calls it: `/dev/spidev0.0`, `simulated panel`.
    var name: String { get }
    /// Bits per second on the wire, as the hardware divides its clock; at most what was asked for.
    var clockRate: Int { get }
    /// Bytes that one transfer takes at most: spidev's `bufsiz`, 4096 unless the kernel was told otherwise.
    var largestTransfer: Int { get }
    var hasReset: Bool { get }
    var hasBacklight: Bool { get }

    /// One command byte with D/C low, its parameters with D/C high. Parameters fit into one transfer.
    func send(_ command: UInt8, _ parameters: UnsafeRawBufferPointer) throws(PanelBusError)
    /// Bytes of memory contents with D/C high, following a command; any length, cut into transfers here.
    func send(pixels: UnsafeRawBufferPointer) throws(PanelBusError)
    /// Asserts or releases the reset line (active low on every panel that Vitrine knows). Without a line: nothing.
    func setReset(asserted: Bool) throws(PanelBusError)
    /// 0 is dark, 1 is the brightest; between them where the backlight can be dimmed, otherwise on. Without one: nothing.
    func setBacklight(_ level: Double) throws(PanelBusError)
    /// Gives up the lines and the bus. Nothing may be called afterwards.
    func close()
}

/// A transfer or a line that failed.
public struct PanelBusError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The device or line: `/dev/spidev0.0`, `gpiochip0 line 25 (D/C)`.
    public let device: String
    public let doing: String
    public let errno: Errno

    public init(device: String, doing: String, errno: Errno) {
        (self.device, self.doing, self.errno) = (device, doing, errno)
    }

    public var description: String { "\(device): \(doing): \(errno)" }
}

/// Which wires a panel hangs on: configuration, checked when it is opened.
public struct PanelWiring: Equatable, Sendable {
    /// `/dev/spidev0.0`.
    public var device: String
    /// Low for commands, high for data. Every panel here needs one.
    public var dataCommandLine: LineName?
    public var resetLine: LineName?
    public var backlight: Backlight
    /// Bits per second that are asked for.
    public var clockRate: Int
    /// SPI mode 0 or 3.
    public var mode: Int

    public enum Backlight: Hashable, Sendable {
        case none
        /// A GPIO line, high is light.
        case line(LineName)
        /// `/sys/class/pwm/<chip>` (`pwmchip0`), and the channel there.
        case pwm(chip: String, channel: Int)
        /// `/sys/class/backlight/<name>`.
        case kernel(String)
    }

    public init(
        device: String, dataCommandLine: LineName?, resetLine: LineName? = nil, backlight: Backlight = .none,
        clockRate: Int = 62_500_000, mode: Int = 0
    ) {
        (self.device, self.dataCommandLine) = (device, dataCommandLine)
        (self.resetLine, self.backlight, self.clockRate, self.mode) = (resetLine, backlight, clockRate, mode)
    }
}

/// Where panels' wires come from: Linux, or a simulated panel.
public protocol PanelBusHost: Sendable {
    /// Whether the wiring could be opened, without opening it: nil, or what is missing and what to do, in words, naming the key
    /// of the settings (`spi.device`, `spi.dc_pin`, …).
    func problem(with wiring: PanelWiring) -> String?
    func open(_ wiring: PanelWiring) throws(PanelBusError) -> any PanelBus
}
