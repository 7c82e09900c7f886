import GPIO
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The light behind a panel.
struct BacklightControl: Sendable {
    private enum Means: Sendable {
        case none
        case line(any GPIOOutput)
        /// Files of https://docs.kernel.org/driver-api/pwm.html
        case pwm(channel: FilePath, period: Int)
        /// Files of https://docs.kernel.org/gpu/backlight.html
        case kernel(brightness: FilePath, maximum: Int)
    }

    /// 1 kHz: no flicker that eyes or cameras see, and slow enough for any transistor.
    private static let period = 1_000_000

    private let means: Means

    var isThere: Bool { if case .none = means { false } else { true } }

    init(_ backlight: PanelWiring.Backlight, gpio: any GPIOHost, root: FilePath) throws(PanelBusError) {
        switch backlight {
        case .none: means = .none
        case .line(let line):
            do throws(GPIOError) {
                // Dark until there is a picture.
                means = .line(try gpio.output(line, initially: false, consumer: "vitrine spi.backlight_pin"))
            } catch {
                throw PanelBusError(
                    device: "line \(line)", doing: "spi.backlight_pin: \(error.what)", errno: error.errno)
            }
        case .pwm(let chip, let channel):
            let chip = root.appending("sys/class/pwm").appending(chip)
            let folder = chip.appending("pwm\(channel)")
            if access(folder.string, F_OK) != 0 { try Self.write("\(channel)", to: chip.appending("export")) }
            // The duty may never be longer than the period: it goes down first.
            try? Self.write("0", to: folder.appending("duty_cycle"))
            try Self.write("\(Self.period)", to: folder.appending("period"))
            try Self.write("1", to: folder.appending("enable"))
            means = .pwm(channel: folder, period: Self.period)
        case .kernel(let name):
            let folder = root.appending("sys/class/backlight").appending(name)
            do throws(Errno) {
                let text = try TextFile.read(folder.appending("max_brightness"))
                means = .kernel(
                    brightness: folder.appending("brightness"), maximum: Int(text.prefix { $0.isNumber }) ?? 1)
            } catch {
                throw PanelBusError(device: folder.string, doing: "reading max_brightness", errno: error)
            }
        }
    }

    /// - Parameter level: 0 to 1. What cannot be dimmed is on above 0.
    func set(_ level: Double) throws(PanelBusError) {
        let level = min(1, max(0, level))
        switch means {
        case .none: break
        case .line(let line):
            do throws(GPIOError) {
                try line.set(level > 0)
            } catch {
                throw PanelBusError(device: "line \(error.line)", doing: error.what, errno: error.errno)
            }
        case .pwm(let channel, let period):
            try Self.write("\(Int((level * Double(period)).rounded()))", to: channel.appending("duty_cycle"))
        case .kernel(let brightness, let maximum):
            // The least light is not off.
            let value = level == 0 ? 0 : max(1, Int((level * Double(maximum)).rounded()))
            try Self.write("\(value)", to: brightness)
        }
    }

    private static func write(_ text: String, to path: FilePath) throws(PanelBusError) {
        do throws(Errno) {
            let file = try Descriptor.open(path, .writeOnly)
            var text = text
            let count = text.utf8.count
            try syscall { text.withUTF8 { Glibc.write(file.rawValue, $0.baseAddress, count) } }
        } catch {
            throw PanelBusError(device: path.string, doing: "writing \(text)", errno: error)
        }
    }
}
