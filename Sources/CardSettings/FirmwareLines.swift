import DeviceSettings

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
        let pins = Set(settings.all.flatMap { Self.lines(in: $0.value) })
        lines.append(
            pins.isDisjoint(with: ["GPIO2", "GPIO3"]) ? "dtoverlay=vitrine-i2c1" : "dtoverlay=vitrine-i2c1-off")
        let head = "# Made by Vitrine at its start, from its settings; what is written here is lost.\n"
        bytes = Array((head + lines.map { $0 + "\n" }.joined()).utf8)
        self.faults = faults
    }

    private static func lines(in value: SettingValue) -> [String] {
        switch value {
        case .text(let text): [text]
        case .list(let items): items
        case .table(let entries): entries.values.flatMap { lines(in: $0) }
        default: []
        }
    }
}
