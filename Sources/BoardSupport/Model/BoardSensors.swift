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
///   built without it (CONFIG_SENSORS_RASPBERRYPI_HWMON), and then nothing tells.
/// - Throttling: `get_throttled` of Raspberry Pi's own kernels, where bits 0 to 3 are now and bits 16 to 19 were
///   (Raspberry Pi documentation, `vcgencmd get_throttled`).
///
/// Their drivers may come after this program: the card loads them once the first picture is there. What is missing is
/// looked for again at each reading; none of it goes while the board is on.
public final class BoardSensors: BoardSensing {
    private struct Places {
        /// The processor's own.
        var zone: String?
        var alarm: String?
        var throttling: String?
    }

    private let files: BoardFiles
    private let places = Mutex(Places())

    public var knowsVoltage: Bool {
        let places = find()
        return places.alarm != nil || places.throttling != nil
    }

    public init(root: FilePath = "/") { files = BoardFiles(root: root) }

    private func find() -> Places {
        places.withLock { places in
            if places.zone == nil {
                // Others are a battery's, a charger's or a wireless chip's.
                let processors: Set = ["cpu-thermal", "cpu_thermal", "soc-thermal", "x86_pkg_temp"]
                places.zone = zones.first { processors.contains(files.text("\($0)/type") ?? "") }
            }
            if places.alarm == nil {
                places.alarm = files.numbered("hwmon", in: "sys/class/hwmon")
                    .first { files.text("\($0)/name") == "rpi_volt" }
                    .map { "\($0)/in0_lcrit_alarm" }
            }
            if places.throttling == nil {
                let firmware = "sys/devices/platform/soc/soc:firmware/get_throttled"
                if files.text(firmware) != nil { places.throttling = firmware }
            }
            return places
        }
    }

    private var zones: [String] { files.numbered("thermal_zone", in: "sys/class/thermal") }

    public func read() -> BoardReading {
        let places = find()
        var reading = BoardReading()
        // Where no zone says that it is the processor's, the first one is, as far as anybody can tell.
        reading.temperatureCelsius = (places.zone ?? zones.first).flatMap { files.text("\($0)/temp") }
            .flatMap { Int($0) }
            .map { Double($0) / 1_000 }
        if let alarm = places.alarm { reading.undervoltage = files.text(alarm).map { $0 != "0" } }
        if let flags = places.throttling.flatMap({ files.text($0) }).flatMap({ UInt32($0, radix: 16) }) {
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
