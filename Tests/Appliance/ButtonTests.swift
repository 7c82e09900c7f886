import BoardSupport
import DeviceSettings
import GPIO
import Testing
import WebInterface

@testable import Appliance

@Suite struct ButtonWiringTests {
    private static let keys = SettingKey.all(paths: StandardPaths(data: "/tmp/data", socket: "/tmp/s"))

    private func plan(_ toml: String, environment: [String: String] = [:]) -> ButtonPlan {
        ButtonPlan(
            Settings(
                keys: Self.keys,
                layers: [
                    SettingLayer(toml: toml, origin: "a.toml", keys: Self.keys),
                    SettingLayer(environment: environment, keys: Self.keys),
                ]))
    }

    /// A name on one side only would be a button that does nothing.
    @Test func everyActionIsASettingAndEverySettingAnAction() {
        let settings = Self.keys.map(\.name).filter { $0.hasPrefix("buttons.") }
        #expect(Set(settings) == Set(ButtonAction.allCases.map { "buttons.\($0.rawValue)" }))
    }

    @Test func withoutSettingsThereAreNoButtons() {
        #expect(plan("").lines.isEmpty)
        #expect(plan("buttons.next = \"none\"").lines.isEmpty)
    }

    @Test func aVariableNamesTheLineOfTheEmulatedBoard() {
        let plan = plan("", environment: ["VITRINE_BUTTONS_NEXT": "gpiochip0:3"])
        let line = LineName.offset(chip: "gpiochip0", 3)
        #expect(plan.lines == [line: [ButtonBinding(.next, line, activeLow: true, pull: .up, hold: .zero)]])
    }

    @Test func aTableIsTakenWhole() {
        let plan = plan(
            """
            [buttons]
            next = "GPIO5"
            info = { line = "GPIO5", hold_ms = 800 }
            pause = { line = 6, active_low = false }
            previous = { line = 7, active_low = false, pull = "up" }
            factory_reset = 8
            """)
        let lines = plan.lines.values.flatMap { $0 }.sorted { $0.action.rawValue < $1.action.rawValue }
        #expect(
            lines == [
                ButtonBinding(.factoryReset, 8, hold: .seconds(10)), ButtonBinding(.info, 5, hold: .milliseconds(800)),
                ButtonBinding(.next, 5), ButtonBinding(.pause, 6, activeLow: false, pull: .down),
                ButtonBinding(.previous, 7, activeLow: false, pull: .up),
            ])
        #expect(plan.problems.isEmpty)
    }

    /// The layer above has the button as a whole: no wiring of the one below is left over.
    @Test func aLayerAboveReplacesTheButton() {
        let plan = plan(
            "buttons.next = { line = 5, active_low = false, hold_ms = 800 }",
            environment: ["VITRINE_BUTTONS_NEXT": "GPIO6"])
        #expect(plan.lines == [6: [ButtonBinding(.next, 6)]])
    }

    /// What the page shows is what it may send back.
    @Test func aButtonGoesToThePageAndBack() throws {
        let key = try #require(Self.keys.first { $0.name == "buttons.info" })
        let value = SettingValue.table(["line": .text("GPIO5"), "hold_ms": .integer(800)])
        let shown = JSONValue(value)
        #expect(shown == .string("{ hold_ms = 800, line = \"GPIO5\" }"))
        #expect(SettingValue(shown).flatMap { key.shape.accept($0) } == value)
    }
}

@Suite struct ScreenBrightnessTests {
    @Test func stepsAreRatiosAndNeverDark() {
        var level = 1.0
        for _ in 0..<40 { level = ScreenBrightness.changed(level, brighter: false) }
        #expect(level == ScreenBrightness.least)
        var steps = 0
        while level < 1, steps < 100 {
            level = ScreenBrightness.changed(level, brighter: true)
            steps += 1
        }
        #expect(level == 1)
        #expect(steps == 14)
    }
}

@Suite struct BoardLightTests {
    @Test(arguments: [
        ("storage", "data partition", true), ("power", "undervoltage", true), ("network", "wifi", true),
        ("storage", "rebuilt", false), ("board", "heat", false), ("buttons", "line GPIO5", false),
    ])
    func onlyWhatSomebodyMustSeeToFlashes(_ part: String, _ key: String, _ flashes: Bool) {
        #expect(Board.isWorthALight(StatusFault(part: part, detail: "x"), key: key) == flashes)
    }
}
