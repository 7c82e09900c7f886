import DeviceSettings
import DisplayDrivers
import GPIO
import LinuxSystem
import PanelBus

extension SPIPanelConfiguration {
    /// `spi.device` of a panel in memory, for people who have none.
    private static let simulated = "simulated"

    /// What the settings say of a panel. Left empty is what the product's preset knows.
    init(_ settings: Settings) {
        let device = settings.text("spi.device")
        let reset: Reset? =
            switch settings.text("spi.reset_pin") {
            case "": nil
            case "none": Reset.none
            case let text: LineName(text).map { .line($0) }
            }
        let speed = settings.integer("spi.speed_hz")
        self.init(
            panel: settings.text("spi.panel"), device: device.isEmpty ? nil : device,
            dataCommandLine: LineName(settings.text("spi.dc_pin")), reset: reset,
            backlight: Self.backlight(settings.text("spi.backlight_pin")), clockRate: speed == 0 ? nil : speed,
            mode: Int(settings.text("spi.mode")), rotation: settings.integer("display.rotation"))
        // In memory every line is there.
        if device == Self.simulated, dataCommandLine == nil { dataCommandLine = 25 }
    }

    private static func backlight(_ text: String) -> PanelWiring.Backlight? {
        if text.isEmpty { return nil }
        if text == "none" { return PanelWiring.Backlight.none }
        let parts = text.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0] == "backlight" { return .kernel(String(parts[1])) }
        if parts.count == 2, parts[0].hasPrefix("pwmchip"), let channel = Int(parts[1]) {
            return .pwm(chip: String(parts[0]), channel: channel)
        }
        return LineName(text).map { .line($0) }
    }

    /// The wires that the settings mean.
    func host(clock: any BoardClock) -> any PanelBusHost {
        // What is wrong with the settings is the driver's to say, when it is asked whether it is usable.
        guard device == Self.simulated, let panel = try? resolved() else { return SpidevHost() }
        return SimulatedPanel(panel.model, clock: clock)
    }
}
