import DeviceSettings
import DisplayDrivers
import GPIO
import LinuxSystem
import PanelBus
import Testing

@testable import Appliance

@Suite struct PanelSettingsTests {
    private func settings(_ toml: String) -> Settings {
        let keys = SettingKey.all(paths: StandardPaths(data: "/tmp/data", socket: "/tmp/run/vitrine.sock"))
        return Settings(keys: keys, layers: [SettingLayer(toml: toml, origin: "test.toml", keys: keys)])
    }

    @Test func whatIsLeftEmptyIsTheProducts() throws {
        let panel = SPIPanelConfiguration(settings("spi.panel = \"pimoroni-display-hat-mini\""))
        #expect(panel == SPIPanelConfiguration(panel: "pimoroni-display-hat-mini"))
        #expect(try panel.resolved().wiring.dataCommandLine == 9)
    }

    @Test func everyKeyReachesTheWires() throws {
        let panel = SPIPanelConfiguration(
            settings(
                """
                display.rotation = 90
                [spi]
                panel = "pimoroni-display-hat-mini"
                device = "/dev/spidev1.0"
                dc_pin = "GPIO5"
                reset_pin = "gpiochip1:6"
                backlight_pin = "pwmchip0:1"
                speed_hz = 8000000
                mode = "3"
                """))
        let resolved = try panel.resolved()
        #expect(
            resolved.wiring
                == PanelWiring(
                    device: "/dev/spidev1.0", dataCommandLine: 5, resetLine: .offset(chip: "gpiochip1", 6),
                    backlight: .pwm(chip: "pwmchip0", channel: 1), clockRate: 8_000_000, mode: 3))
        #expect(panel.rotation == 90)
    }

    @Test func noneTakesALineAway() throws {
        let panel = SPIPanelConfiguration(
            settings("[spi]\npanel = \"waveshare-1.54\"\nreset_pin = \"none\"\nbacklight_pin = \"none\""))
        let wiring = try panel.resolved().wiring
        #expect(wiring.resetLine == nil)
        #expect(wiring.backlight == PanelWiring.Backlight.none)
    }

    @Test func aPanelInMemoryNeedsNoLines() async throws {
        let panel = SPIPanelConfiguration(settings("[spi]\npanel = \"st7789-240x240\"\ndevice = \"simulated\""))
        let driver = SPIPanelDriver(panel, host: panel.host(clock: MonotonicClock()))
        #expect(await driver.probe() == .usable)
        let display = try await driver.open()
        #expect(display.capabilities.name?.contains("simulated panel") == true)
        await display.close()
    }

    @Test func withoutAPanelTheReasonNamesTheKey() async {
        let panel = SPIPanelConfiguration(settings(""))
        guard
            case .unusable(let reason) = await SPIPanelDriver(panel, host: panel.host(clock: MonotonicClock())).probe()
        else {
            Issue.record("no panel is configured")
            return
        }
        #expect(reason.hasPrefix("spi.panel: "))
    }
}
