import Testing

@testable import DeviceSettings

private let paths = StandardPaths(data: "/tmp/data", socket: "/tmp/run/vitrine.sock")
private let keys = SettingKey.all(paths: paths)

@Suite struct SettingLayerTests {
    @Test func readsEveryShape() {
        let layer = SettingLayer(
            toml: """
                version = 1
                device.name = "Küche"
                [display]
                order = ["headless"]
                headless.size = "240x240"
                [web]
                port = 9000
                access_open_on_network = true
                [playback]
                photo_seconds = 7
                minimum_loop_seconds = 2.5
                """, origin: "a.toml", keys: keys)
        #expect(layer.faults == [])
        #expect(
            layer.values == [
                "device.name": .text("Küche"), "display.order": .list(["headless"]),
                "display.headless.size": .text("240x240"), "web.port": .integer(9000),
                "web.access_open_on_network": .boolean(true), "playback.photo_seconds": .number(7),
                "playback.minimum_loop_seconds": .number(2.5),
            ])
    }

    @Test func aFaultCostsItsKeyAloneAndIsLocated() {
        let layer = SettingLayer(
            toml: "[playback]\r\nphoto_secnds = 3\r\nphoto_seconds = \"long\"\r\nfit = \"cover\"\r\n", origin: "b.toml",
            keys: keys)
        #expect(layer.values == ["playback.fit": .text("cover")])
        #expect(layer.faults.count == 2)
        #expect(layer.faults[0].line == 2)
        #expect(layer.faults[0].expected == "unknown; did you mean playback.photo_seconds?")
        #expect(layer.faults[1].line == 3)
        #expect(layer.faults[1].key == "playback.photo_seconds")
        #expect(layer.faults[1].value == "\"long\"")
        #expect(layer.faults[1].expected == "expected a number from 1 to 86400")
    }

    @Test(arguments: [
        ("", true, true), ("none", true, true), ("GPIO25", true, true), ("gpiochip0:25", true, true),
        ("25", false, false),
        ("GPIO", false, false), ("gpiochip:1", false, false), ("gpiochip0:", false, false), ("pwmchip0:1", false, true),
        ("backlight:panel", false, true), ("backlight:../x", false, false), ("backlight:", false, false),
    ])
    func linesAndLights(_ text: String, _ isLine: Bool, _ isLight: Bool) {
        #expect((SettingShape.line(orLight: false).parse(text) != nil) == isLine)
        #expect((SettingShape.line(orLight: true).parse(text) != nil) == isLight)
        #expect(SettingShape.line(orLight: false).accept(.integer(25)) == .text("GPIO25"))
    }

    @Test func aByteOrderMarkIsTolerated() {
        let layer = SettingLayer(toml: "\u{FEFF}device.name = \"x\"\n", origin: "c.toml", keys: keys)
        #expect(layer.values == ["device.name": .text("x")])
    }

    @Test func whatIsNoTOMLIsOneFaultWithItsLine() {
        let layer = SettingLayer(toml: "device.name = \"x\"\nthis is not\n", origin: "d.toml", keys: keys)
        #expect(layer.values.isEmpty)
        #expect(layer.faults.map(\.line) == [2])
    }

    @Test(arguments: ["version = 2", "version = \"1\""]) func anotherVersionIsAFault(_ text: String) {
        let layer = SettingLayer(toml: text, origin: "e.toml", keys: keys)
        #expect(layer.faults.map(\.key) == ["version"])
    }

    @Test func readsTheEnvironment() {
        let layer = SettingLayer(
            environment: [
                "VITRINE_WEB_PORT": "9000", "VITRINE_DISPLAY_ORDER": "headless",
                "VITRINE_WEB_ACCESS_OPEN_ON_NETWORK": "yes",
                "VITRINE_PLAYBACK_FIT": "strech", "VITRINE_WEB_PROT": "1", "HOME": "/root", "VITRINE_BIN": "x",
            ], keys: keys, ignoring: ["VITRINE_BIN"])
        #expect(
            layer.values == [
                "web.port": .integer(9000), "display.order": .list(["headless"]),
                "web.access_open_on_network": .boolean(true),
            ])
        #expect(layer.faults.map(\.key) == ["VITRINE_PLAYBACK_FIT", "VITRINE_WEB_PROT"])
        #expect(layer.faults[1].expected == "unknown; did you mean VITRINE_WEB_PORT?")
    }

    @Test func environmentNamesAreUnambiguous() {
        #expect(Set(keys.map(\.environmentName)).count == keys.count)
    }

    @Test func everyDefaultFitsItsShape() {
        for key in keys { #expect(key.shape.accept(key.standard) == key.standard, "\(key.name)") }
    }

    @Test(arguments: [("1280x720", true), ("1280", false), ("x720", false), ("8x8", false), ("1280x720x2", false)])
    func sizes(text: String, valid: Bool) {
        #expect((SettingShape.pixelSize.accept(.text(text)) != nil) == valid)
    }
}

@Suite struct ButtonSettingTests {
    @Test(arguments: [
        "buttons.next = \"GPIO17\"", "buttons.next = 17", "[buttons]\nnext = \"GPIO17\"",
        "buttons.next = '{ line = \"GPIO17\" }'",
    ])
    func aLineIsEnough(_ text: String) {
        let layer = SettingLayer(toml: text, origin: "a.toml", keys: keys)
        #expect(layer.faults == [])
        let table = SettingValue.table(["line": .text("GPIO17")])
        #expect(layer.values["buttons.next"] == (text.contains("{") ? table : .text("GPIO17")))
    }

    @Test(arguments: [
        "buttons.info = { line = 4, active_low = false, pull = \"down\", hold_ms = 800 }",
        "[buttons.info]\nline = \"GPIO4\"\nactive_low = false\npull = \"down\"\nhold_ms = 800",
        "buttons.info.line = \"GPIO4\"\nbuttons.info.active_low = false\nbuttons.info.pull = \"down\"\nbuttons.info.hold_ms = 800",
    ])
    func aTableSaysHowItIsWired(_ text: String) {
        let layer = SettingLayer(toml: text, origin: "a.toml", keys: keys)
        #expect(layer.faults == [])
        #expect(
            layer.values["buttons.info"]
                == .table([
                    "line": .text("GPIO4"), "active_low": .boolean(false), "pull": .text("down"),
                    "hold_ms": .integer(800),
                ]))
    }

    /// It is written as it is read.
    @Test func aTableIsWrittenAsTOML() {
        let value = SettingValue.table(["line": .text("GPIO4"), "hold_ms": .integer(800), "active_low": .boolean(true)])
        #expect(value.description == "{ active_low = true, hold_ms = 800, line = \"GPIO4\" }")
        let layer = SettingLayer(toml: "buttons.info = \(value)", origin: "a.toml", keys: keys)
        #expect(layer.values == ["buttons.info": value])
        #expect(layer.faults == [])
    }

    @Test(arguments: [
        ("buttons.next = { hold_ms = 5 }", 1), ("buttons.next = { line = \"GPIO4\", pull = \"none\" }", 1),
        ("\n[buttons.next]\nline = \"GPIO4\"\nhold = 3", 2),
        ("buttons.next = { line = \"GPIO4\", hold_ms = 60001 }", 1),
        ("buttons.next = \"4\"", 1), ("buttons.next = \"{ line = 4\"", 1),
        ("buttons.next = { line = \"none\", x = [] }", 1),
        // Nobody erases everything by leaning on a button.
        ("buttons.factory_reset = { line = 4, hold_ms = 500 }", 1),
        ("buttons.factory_reset = '{ line = 4, hold_ms = 500 }'", 1),
    ])
    func aMistakeCostsTheButton(_ text: String, _ line: Int) {
        let layer = SettingLayer(toml: text, origin: "a.toml", keys: keys)
        #expect(layer.values.isEmpty)
        #expect(layer.faults.map(\.line) == [line])
        #expect(layer.faults.first?.expected.contains("hold_ms") == true)
    }

    @Test func theEnvironmentHasLinesAndTables() {
        let layer = SettingLayer(
            environment: [
                "VITRINE_BUTTONS_NEXT": "gpiochip0:3", "VITRINE_BUTTONS_PAUSE": "none",
                "VITRINE_BUTTONS_INFO": "{ line = \"gpiochip0:3\", hold_ms = 2000 }",
            ], keys: keys)
        #expect(layer.faults == [])
        #expect(
            layer.values == [
                "buttons.next": .text("gpiochip0:3"), "buttons.pause": .text("none"),
                "buttons.info": .table(["line": .text("gpiochip0:3"), "hold_ms": .integer(2000)]),
            ])
    }

    @Test func aMistypedActionIsToldApart() {
        let layer = SettingLayer(toml: "[buttons]\nnexxt = \"GPIO4\"", origin: "a.toml", keys: keys)
        #expect(layer.faults.map(\.expected) == ["unknown; did you mean buttons.next?"])
    }
}
