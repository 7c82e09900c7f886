import BoardSupport
import DeviceSettings
import GPIO
import LinuxSystem
import Logging
import MediaIndex
import Playback
import ServiceLifecycle

/// The board's buttons, and what they do to the appliance.
struct Buttons: Service {
    /// How long a PIN stays that was asked for, with the address beside it.
    private static let setupTime: Duration = .seconds(300)

    let panel: ButtonPanel
    let light: LightKeeper
    let player: Player
    let brightness: ScreenBrightness
    let erasing: Erasing
    let faults: FaultBoard
    let shutdown: @Sendable () -> Void
    /// Puts a PIN on the welcome card for one more phone.
    let showPIN: @Sendable () async -> Void
    let logger: Logger

    init(
        panel: ButtonPanel, light: LightKeeper, player: Player, brightness: ScreenBrightness, erasing: Erasing,
        faults: FaultBoard, logger: Logger, shutdown: @escaping @Sendable () -> Void,
        showPIN: @escaping @Sendable () async -> Void
    ) {
        self.panel = panel
        self.light = light
        self.player = player
        self.brightness = brightness
        self.erasing = erasing
        self.faults = faults
        self.logger = logger
        self.shutdown = shutdown
        self.showPIN = showPIN
    }

    /// Watches the buttons that the settings name from now on.
    static func configure(_ panel: ButtonPanel, _ settings: Settings, faults: FaultBoard) async {
        let plan = ButtonPlan(settings)
        for action in ButtonAction.allCases {
            if let problem = plan.problems[action] {
                faults.begin(
                    "buttons.\(action.rawValue)", part: "buttons",
                    detail: "The button for \(action.rawValue) is left out: \(problem)")
            } else {
                faults.end("buttons.\(action.rawValue)")
            }
        }
        await panel.configure(plan)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                // Does not throw.
                group.addTask { try? await panel.run() }
                group.addTask { await followLines() }
                for await event in panel.events { await carryOut(event) }
            }
        }
    }

    private func followLines() async {
        var known: Set<LineName> = []
        for await now in panel.faultChanges() {
            for line in known.subtracting(now.keys) { faults.end("line \(line)") }
            for (line, what) in now {
                faults.begin(
                    "line \(line)", part: "buttons", detail: "The button on \(line) does nothing: \(what)",
                    suggestion: "Look at its wires and at the settings of the buttons.")
            }
            known = Set(now.keys)
        }
    }

    // MARK: What they do

    private func carryOut(_ event: ButtonEvent) async {
        switch event {
        case .act(let action): await act(action)
        case .holding(let action, let rest):
            await light.setHolding(true)
            if action == .factoryReset { await player.post(Self.warning(rest)) }
        case .gaveUp:
            await light.setHolding(false)
            await player.withdraw(Erasing.messageKey)
        }
    }

    private func act(_ action: ButtonAction) async {
        logger.info("button: \(action.rawValue)")
        await light.setHolding(false)
        switch action {
        case .next: await player.next()
        case .previous: await player.previous()
        case .pause:
            if await player.snapshot.state == .paused { await player.resume() } else { await player.pause() }
        case .brightnessUp: await say(await brightness.change(brighter: true))
        case .brightnessDown: await say(await brightness.change(brighter: false))
        case .info: await player.showInfo()
        case .setup:
            await showPIN()
            await player.showInfo(for: Self.setupTime)
        case .restart:
            logger.notice("a button asked for a restart")
            shutdown()
        case .factoryReset:
            // Why it cannot be is on the screen.
            try? await erasing.begin()
        }
    }

    private func say(_ level: Double?) async {
        await player.post(
            ScreenMessage(
                key: "brightness", severity: .informational,
                title: level == nil ? "This screen has no light that could be set" : "Brightness", progress: level,
                stays: .seconds(level == nil ? 5 : 2)))
    }

    // MARK: Erasing

    private static func warning(_ rest: Duration) -> ScreenMessage {
        ScreenMessage(
            key: Erasing.messageKey, severity: .critical,
            title: "Hold on for \(rest.components.seconds) s more to erase all media and settings",
            detail: "Let go, and nothing happens.", stays: rest)
    }
}

extension ButtonPlan {
    /// What the settings say of buttons, in the order of the actions.
    init(_ settings: Settings) {
        self.init(
            ButtonAction.allCases.compactMap { action in
                settings.effective("buttons.\(action.rawValue)").flatMap { ButtonBinding(action, $0.value) }
            })
    }
}

extension ButtonBinding {
    /// Nil where the setting names no line.
    init?(_ action: ButtonAction, _ value: SettingValue) {
        switch value {
        case .text(let text):
            guard let line = LineName(text) else { return nil }
            self.init(action, line)
        case .table(let entries):
            guard case .text(let text)? = entries["line"], let line = LineName(text) else { return nil }
            var (isLow, pull, hold) = (true, GPIOInputSettings.Pull?.none, Duration?.none)
            if case .boolean(let boolean)? = entries["active_low"] { isLow = boolean }
            if case .text(let text)? = entries["pull"] { pull = text == "up" ? .up : .down }
            if case .integer(let milliseconds)? = entries["hold_ms"] { hold = .milliseconds(milliseconds) }
            self.init(action, line, activeLow: isLow, pull: pull, hold: hold)
        case .integer, .number, .boolean, .list: return nil
        }
    }
}
