import DeviceSettings
import GPIO

/// `vitrine-generated.txt`, which config.txt includes: the device-tree overlays that the settings need. They are the image's
/// own (`image/overlays`): Debian's device trees know no `dtparam=spi=on`.
struct FirmwareLines: Equatable {
    private(set) var bytes: [UInt8]
    private(set) var faults: [SettingFault] = []

    /// - Parameter panelDevice: the bus that a product of this name is wired to; nil for none.
    init(settings: Settings, panelDevice: (String) -> String?) {
        var lines: [String] = []
        var faults: [SettingFault] = []
        let panel = settings.text("spi.panel")
        if !panel.isEmpty, settings.list("display.order").contains("spi") {
            let chosen = settings.text("spi.device")
            let device = chosen.isEmpty ? panelDevice(panel) ?? "/dev/spidev0.0" : chosen
            switch device {
            case "/dev/spidev0.0": lines.append("dtoverlay=vitrine-spi0-0")
            case "/dev/spidev0.1": lines.append("dtoverlay=vitrine-spi0-1")
            case "simulated": break
            default:
                faults.append(
                    SettingFault(
                        origin: "config.toml", key: "spi.device", value: SettingValue.text(device).description,
                        expected: "the card can switch on /dev/spidev0.0 and /dev/spidev0.1"))
            }
            switch settings.text("spi.backlight_pin") {
            case "pwmchip0:0": lines.append("dtoverlay=vitrine-pwm-18")
            case "pwmchip0:1": lines.append("dtoverlay=vitrine-pwm-13")
            default: break
            }
        }
        // The I2C bus is searched at each start, unless its pins have something else to do.
        let isTaken = settings.keys.contains { key in
            settings.effective(key.name).flatMap { Self.line(key.shape, $0.value) }.map(Self.busLines.contains) ?? false
        }
        lines.append(isTaken ? "dtoverlay=vitrine-i2c1-off" : "dtoverlay=vitrine-i2c1")
        let head = "# Made by Vitrine at its start, from its settings; what is written here is lost.\n"
        bytes = Self.filled(Array((head + lines.map { $0 + "\n" }.joined()).utf8))
        self.faults = faults
    }

    /// The I2C bus of the header, by either name: the first chip is the processor's own on every board of the card.
    private static let busLines: Set<LineName> = [
        2, 3, .offset(chip: "gpiochip0", 2), .offset(chip: "gpiochip0", 3),
    ]

    /// The line that a setting names; nil where it names none, or is about something else.
    private static func line(_ shape: SettingShape, _ value: SettingValue) -> LineName? {
        switch (shape, value) {
        case (.line, .text(let text)), (.button, .text(let text)): LineName(text)
        case (.button, .table(let entries)): entries["line"].flatMap { line(.line(orLight: false), $0) }
        default: nil
        }
    }

    /// One sector of the card, whatever the settings are: so the file is written over in place, and nothing of the FAT
    /// file system itself changes. See `CardApplier`.
    static let size = 512

    /// With remarks behind, in lines that the firmware can read (98 bytes at most).
    private static func filled(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        while bytes.count < size {
            let rest = size - bytes.count
            // No line of its own for the last byte.
            let length = rest == 65 ? 63 : min(rest, 64)
            bytes += [UInt8](repeating: UInt8(ascii: "#"), count: length - 1) + [UInt8(ascii: "\n")]
        }
        return bytes
    }
}
