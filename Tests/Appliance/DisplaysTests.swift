import DeviceSettings
import DisplayDrivers
import Frames
import LinuxSystem
import Testing

@testable import Appliance

@Suite struct DisplaysTests {
    /// What the browser shows is upright, as somebody sees it who stands before the screen.
    @Test(arguments: [0, 90, 180, 270]) func aHeadlessScreenThatStandsIsAsHighAsItWasWide(_ degrees: Int) {
        let keys = SettingKey.all(paths: StandardPaths(data: "/tmp/data", socket: "/tmp/run/vitrine.sock"))
        let toml = "display.rotation = \(degrees)\ndisplay.headless.size = \"640x360\""
        let displays = Displays(
            Settings(keys: keys, layers: [SettingLayer(toml: toml, origin: "test.toml", keys: keys)]), stored: [:],
            isKept: false, clock: MonotonicClock())
        let stands = degrees == 90 || degrees == 270
        #expect(
            displays.headless.size
                == (stands ? PixelSize(width: 360, height: 640) : PixelSize(width: 640, height: 360)))
    }
}
