public import GPIO
import LinuxSystem
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Panels on this machine's SPI buses, through spidev (https://docs.kernel.org/spi/spidev.html).
public struct SpidevHost: PanelBusHost {
    private let gpio: any GPIOHost
    /// `/`, elsewhere in tests.
    private let root: FilePath

    public init(gpio: any GPIOHost = BoardGPIO.host, root: FilePath = "/") {
        self.gpio = gpio
        self.root = root
    }

    public func problem(with wiring: PanelWiring) -> String? {
        if let problem = deviceProblem(wiring.device) { return "spi.device: \(problem)" }
        guard let dataCommand = wiring.dataCommandLine else {
            return "spi.dc_pin is missing: the line that tells commands from data, such as GPIO25"
        }
        if let problem = gpio.problem(with: dataCommand) { return "spi.dc_pin: \(problem)" }
        if let line = wiring.resetLine, let problem = gpio.problem(with: line) { return "spi.reset_pin: \(problem)" }
        if let problem = backlightProblem(wiring.backlight) { return "spi.backlight_pin: \(problem)" }
        return nil
    }

    public func open(_ wiring: PanelWiring) throws(PanelBusError) -> any PanelBus {
        guard let dataCommand = wiring.dataCommandLine else {
            throw PanelBusError(device: wiring.device, doing: "spi.dc_pin is missing", errno: .invalidArgument)
        }
        let port = try SpidevPort(wiring, bufferSize: bufferSize, root: root)
        // What was taken is let go of when a later step throws: nothing outlives its last reference.
        let lines = try PanelLines(dataCommand: dataCommand, reset: wiring.resetLine, gpio: gpio)
        return SpidevBus(
            port: port, lines: lines, light: try BacklightControl(wiring.backlight, gpio: gpio, root: root))
    }

    /// spidev's `bufsiz`: a longer transfer fails with EMSGSIZE.
    private var bufferSize: Int {
        let path = root.appending("sys/module/spidev/parameters/bufsiz")
        let text = try? TextFile.read(path)
        // 4096 is the kernel's default.
        return text.flatMap { Int($0.prefix { $0.isNumber }) }.flatMap { $0 > 0 ? $0 : nil } ?? 4_096
    }

    private func deviceProblem(_ device: String) -> String? {
        let path = root.pushing(FilePath(device).removingRoot())
        if access(path.string, R_OK | W_OK) == 0 { return nil }
        switch Errno(rawValue: errno) {
        case .noSuchFileOrDirectory:
            let others = devices()
            let found = others.isEmpty ? "there is no SPI device at all" : "there are " + others.joined(separator: ", ")
            return "\(device) does not exist (\(found)); switch SPI on (dtparam=spi=on in config.txt), or name another"
        case .permissionDenied:
            return "\(device) may not be opened; the user that runs vitrine belongs into the group spi"
        case let code: return "\(device): \(code)"
        }
    }

    private func devices() -> [String] {
        let names = (try? FolderNames.list(root.appending("dev"))) ?? []
        return names.filter { $0.hasPrefix("spidev") }.map { "/dev/\($0)" }
    }

    private func backlightProblem(_ backlight: PanelWiring.Backlight) -> String? {
        switch backlight {
        case .none: return nil
        case .line(let line): return gpio.problem(with: line)
        case .pwm(let chip, let channel):
            let text = try? TextFile.read(root.appending("sys/class/pwm").appending(chip).appending("npwm"))
            guard let text, let count = Int(text.prefix { $0.isNumber }) else {
                return "there is no \(chip) in /sys/class/pwm; load its overlay (dtoverlay=pwm), or use a line"
            }
            return (0..<count).contains(channel) ? nil : "\(chip) has \(count) channels, counted from 0"
        case .kernel(let name):
            let path = root.appending("sys/class/backlight").appending(name).appending("max_brightness")
            return (try? TextFile.read(path)) == nil ? "there is no \(name) in /sys/class/backlight" : nil
        }
    }
}
