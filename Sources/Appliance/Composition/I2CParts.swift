import BoardSupport
import DeviceSettings
import LinuxSystem
import Logging
import ServiceLifecycle
import WebInterface

/// The small parts on I2C: a status OLED and a light sensor, each where there is one.
struct I2CParts: Sendable {
    private let oled: StatusOLED
    private let light: AmbientLight

    /// - Parameter brightness: follows the light where `display.auto_brightness` says so.
    init(_ settings: Settings, brightness: ScreenBrightness, clock: any BoardClock, logger: Logger) {
        let host = Self.host(settings.text("i2c.bus"), clock: clock)
        let light = AmbientLight(
            host: host, isWanted: settings.boolean("display.auto_brightness"), clock: clock, logger: logger
        ) { level in await brightness.setAmbient(level ?? 1) }
        self.light = light
        oled = StatusOLED(
            host: host, choice: OLEDChoice(settings.text("i2c.oled")) ?? .automatic, lux: { light.lux }, clock: clock,
            logger: logger)
    }

    /// Looks after them.
    ///
    /// - Parameter status: what the OLED is to tell of; asked for only while there is one.
    func service(telling status: @escaping @Sendable () async -> ApplianceStatus) -> any Service {
        Keeping(oled: oled, light: light, status: status)
    }

    private struct Keeping: Service {
        let oled: StatusOLED
        let light: AmbientLight
        let status: @Sendable () async -> ApplianceStatus

        func run() async throws {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await oled.run { StatusLines(await status()) } }
                group.addTask { try await light.run() }
            }
        }
    }

    /// Takes over what may change while the daemon runs.
    func update(_ settings: Settings) { light.setWanted(settings.boolean("display.auto_brightness")) }

    /// What was found, for the status.
    var parts: [BoardStatus.I2CPart] { (oled.parts + light.parts).map { BoardStatus.I2CPart($0) } }

    private static func host(_ bus: String, clock: any BoardClock) -> any I2CHost {
        switch bus {
        case "auto": LinuxI2CHost(clock: clock)
        case "none": NoI2C()
        case "simulated": SimulatedI2CHost(.furnished(clock: clock))
        default: LinuxI2CHost(path: bus, clock: clock)
        }
    }
}

extension SimulatedI2CBus {
    /// With an OLED, and a sensor in a living room.
    fileprivate static func furnished(clock: any BoardClock) -> SimulatedI2CBus {
        let bus = SimulatedI2CBus()
        bus.plug(SimulatedOLED(.ssd1306), at: 0x3C)
        bus.plug(SimulatedBH1750(lux: 120, clock: clock), at: 0x23)
        return bus
    }
}

extension StatusLines {
    /// What of the status is worth the few lines.
    init(_ status: ApplianceStatus) {
        let state: State =
            switch (status.player.state, status.player.current?.name) {
            case (.paused, let name): .paused(name ?? "")
            case (.playing, let name?): .playing(name)
            default: .waiting
            }
        self.init(
            name: status.device.name, addresses: status.network.urls.filter { !Self.isLoopback($0) }, state: state,
            fault: status.faults.first?.detail)
    }

    /// Nobody else can type that.
    private static func isLoopback(_ url: String) -> Bool {
        ["http://127.", "http://localhost", "http://[::1]"].contains { url.hasPrefix($0) }
    }
}

extension BoardStatus.I2CPart {
    init(_ part: BoardSupport.I2CPart) {
        self.init(
            kind: part.kind, title: part.title, bus: part.bus, address: part.address, state: part.state.rawValue,
            detail: part.detail)
    }
}
