import Synchronization
public import SystemPackage

/// What the board's sensors say now. What it has no sensor for is nil.
public struct BoardReading: Sendable, Equatable {
    /// Of the processor.
    public var temperatureCelsius: Double?
    /// The supply's voltage is too low now, or was within the last two seconds.
    public var undervoltage: Bool?
    /// It was too low at some time, as the firmware remembers. The kernel has it forget this: a no says nothing.
    public var undervoltageOccurred: Bool
    /// The processor runs slower than it could, for heat or for want of power.
    public var throttled: Bool?

    public init(
        temperatureCelsius: Double? = nil, undervoltage: Bool? = nil, undervoltageOccurred: Bool = false,
        throttled: Bool? = nil
    ) {
        self.temperatureCelsius = temperatureCelsius
        self.undervoltage = undervoltage
        self.undervoltageOccurred = undervoltageOccurred
        self.throttled = throttled
    }
}

/// Where a board's sensors are read from: the kernel, or a script.
public protocol BoardSensing: Sendable {
    /// Whether the board can tell of its supply at all: then it is worth looking often.
    var knowsVoltage: Bool { get }
    func read() -> BoardReading
}

/// The kernel's sensors under `/sys`, or under a folder of recorded ones.
///
/// - Temperature: `thermal_zone*/temp`, thousandths of a degree (Linux,
///   Documentation/driver-api/thermal/sysfs-api.rst).
/// - Under-voltage: `in0_lcrit_alarm` of the driver `rpi_volt` (Documentation/hwmon/raspberrypi-hwmon.rst). It asks
///   the firmware every two seconds and has it forget: the file says what happened since. Debian's own kernels are
/// built without it (CONFIG_SENSORS_RASPBERRYPI_HWMON), and then nothing tells.
/// - Throttling: `get_throttled` of Raspberry Pi's own kernels, where bits 0 to 3 are now and bits 16 to 19 were
///   (Raspberry Pi documentation, `vcgencmd get_throttled`).
public struct BoardSensors: BoardSensing {
    private let files: BoardFiles
    private let zone: String?
    private let alarm: String?
    private let throttling: String?

    public var knowsVoltage: Bool { alarm != nil || throttling != nil }

    /// Finds what there is once: none of it comes or goes while the board is on.
    public init(root: FilePath = "/") {
        let files = BoardFiles(root: root)
        let zones = files.numbered("thermal_zone", in: "sys/class/thermal")
        // Others are a battery's, a charger's or a wireless chip's.
        let processors: Set = ["cpu-thermal", "cpu_thermal", "soc-thermal", "x86_pkg_temp"]
        zone = (zones.first { processors.contains(files.text("\($0)/type") ?? "") } ?? zones.first).map { "\($0)/temp" }
        alarm = files.numbered("hwmon", in: "sys/class/hwmon")
            .first { files.text("\($0)/name") == "rpi_volt" }
            .map { "\($0)/in0_lcrit_alarm" }
        let firmware = "sys/devices/platform/soc/soc:firmware/get_throttled"
        throttling = files.text(firmware) == nil ? nil : firmware
        self.files = files
    }

    public func read() -> BoardReading {
        var reading = BoardReading()
        reading.temperatureCelsius = zone.flatMap { files.text($0) }.flatMap { Int($0) }.map { Double($0) / 1_000 }
        if let alarm { reading.undervoltage = files.text(alarm).map { $0 != "0" } }
        if let flags = throttling.flatMap({ files.text($0) }).flatMap({ UInt32($0, radix: 16) }) {
            reading.undervoltage = (reading.undervoltage ?? false) || flags & 1 != 0
            reading.undervoltageOccurred = flags & 1 << 16 != 0
            reading.throttled = flags & 0b1110 != 0
        }
        return reading
    }
}

/// Sensors that say what they are told, for tests and for trying out what a weak supply looks like.
public final class ScriptedSensors: BoardSensing {
    private let reading: Mutex<BoardReading>

    public let knowsVoltage: Bool

    public init(_ reading: BoardReading, knowsVoltage: Bool = true) {
        self.reading = Mutex(reading)
        self.knowsVoltage = knowsVoltage
    }

    public func read() -> BoardReading { reading.withLock { $0 } }
    public func set(_ reading: BoardReading) { self.reading.withLock { $0 = reading } }
}
