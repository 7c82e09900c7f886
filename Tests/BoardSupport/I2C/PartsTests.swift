import Frames
import LinuxSystem
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import BoardSupport

@Suite("I2C parts: found, lost, found again")
struct PartsTests {
    /// What was logged, by level.
    private struct Lines: LogHandler {
        final class Store: Sendable {
            private let lines = Mutex<[String]>([])
            var all: [String] { lines.withLock { $0 } }
            func add(_ line: String) { lines.withLock { $0.append(line) } }
        }

        let store: Store
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { store.add("\(event.level): \(event.message)") }
    }

    private struct Stage {
        let clock = ManualClock()
        let bus = SimulatedI2CBus(keepsTransfers: true)
        let lines = Lines.Store()

        var logger: Logger { Logger(label: "i2c") { [lines] _ in Lines(store: lines) } }

        /// Lets time pass, from wait to wait, until something holds. True when it does.
        func until(_ limit: Duration = .seconds(3_600), _ holds: () -> Bool) async -> Bool {
            let end = clock.now.advanced(by: limit)
            while clock.now < end {
                if holds() { return true }
                if let next = clock.nextDeadline { clock.advance(to: next) }
                for _ in 0..<20 { await Task.yield() }
            }
            return holds()
        }

        func oled(_ choice: OLEDChoice = .automatic) -> StatusOLED {
            StatusOLED(host: SimulatedI2CHost(bus), choice: choice, clock: clock, logger: logger)
        }

        static let lines = StatusLines(
            name: "kitchen", addresses: ["http://10.0.0.7/"], state: .playing("Sunset.jpg"))
    }

    @Test("Without any part nothing is logged, nothing is written, and only the known addresses are asked")
    func nothing() async {
        let stage = Stage()
        let oled = stage.oled()
        let light = AmbientLight(
            host: SimulatedI2CHost(stage.bus), isWanted: true, clock: stage.clock, logger: stage.logger
        ) { _ in }
        let start = stage.clock.now
        let tasks = [Task { await oled.keep { Stage.lines } }, Task { await light.keep() }]
        #expect(await stage.until { start.duration(to: stage.clock.now) > .seconds(600) })
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        #expect(stage.lines.all.isEmpty)
        #expect(stage.bus.transfers.isEmpty)
        #expect(stage.bus.probed == [0x3C, 0x3D, 0x23, 0x5C, 0x10])
        #expect(oled.parts.isEmpty && light.parts.isEmpty)
    }

    @Test(
        "An OLED is found, lost and found again: one line each, and the whole picture each time",
        arguments: OLEDModel.all)
    func plugged(model: OLEDModel) async throws {
        let stage = Stage()
        let oled = stage.oled()
        let wanted = try StatusPainter().paint(Stage.lines, width: model.width, height: model.height)
        let first = SimulatedOLED(model)
        stage.bus.plug(first, at: 0x3D)
        let task = Task { await oled.keep { Stage.lines } }
        #expect(await stage.until { first.glass == wanted })
        #expect(await stage.until { oled.parts.first?.state == .working })
        #expect(oled.parts.first?.address == "0x3D")

        stage.bus.unplug(0x3D)
        #expect(await stage.until { oled.parts.first?.state == .lost })
        let again = SimulatedOLED(model)
        stage.bus.plug(again, at: 0x3C)
        #expect(await stage.until { again.glass.litCount > 0 && oled.parts.first?.state == .working })
        #expect(stage.lines.all.count == 3)
        #expect(stage.lines.all.first == "info: status OLED: \(model.title), on simulated at 0x3D")
        #expect(stage.lines.all.last == "notice: the status OLED is back: \(model.title), on simulated at 0x3C")

        task.cancel()
        await task.value
        #expect(again.glass.litCount == 0)
    }

    @Test("A bus that hangs is said once, and once that it works again")
    func hangs() async {
        let stage = Stage()
        stage.bus.setBroken(.timedOut)
        let oled = stage.oled()
        let task = Task { await oled.keep { Stage.lines } }
        let start = stage.clock.now
        #expect(await stage.until { start.duration(to: stage.clock.now) > .seconds(300) })
        #expect(oled.parts.first?.state == .failed)
        stage.bus.setBroken(nil)
        #expect(await stage.until { oled.parts.isEmpty })
        #expect(await stage.until { stage.lines.all.count == 2 })
        #expect(stage.lines.all.first?.contains("SDA and SCL") == true)
        task.cancel()
        await task.value
    }

    @Test("What answers like no OLED is said in the status, and driven when the settings name it")
    func stranger() async {
        let stage = Stage()
        stage.bus.plug(Stranger(answer: 0xFF), at: 0x3C)
        let oled = stage.oled()
        let task = Task { await oled.keep { Stage.lines } }
        #expect(await stage.until { oled.parts.first?.state == .unknown })
        #expect(stage.bus.transfers.allSatisfy { $0.written.isEmpty })
        task.cancel()
        await task.value

        let named = stage.oled(.model(.sh1106))
        let second = Task { await named.keep { Stage.lines } }
        #expect(await stage.until { named.parts.first?.state == .working })
        second.cancel()
        await second.value
    }

    @Test("Light sets the brightness only while it is wanted, and a sensor is not written to before")
    func light() async {
        let stage = Stage()
        let sensor = SimulatedBH1750(lux: 300, clock: stage.clock)
        stage.bus.plug(sensor, at: 0x23)
        let told = Mutex<[Double?]>([])
        let light = AmbientLight(
            host: SimulatedI2CHost(stage.bus), isWanted: false, clock: stage.clock, logger: stage.logger
        ) { level in told.withLock { $0.append(level) } }
        let task = Task { await light.keep() }
        #expect(await stage.until { light.parts.first?.state == .unused })
        #expect(stage.bus.transfers.isEmpty)
        light.setWanted(true)
        #expect(await stage.until { told.withLock { $0.last } == .some(0.75) || told.withLock { !$0.isEmpty } })
        #expect(light.lux.map { abs($0 - 300) < 2 } == true)
        sensor.setLight(lux: 0)
        #expect(await stage.until { told.withLock { $0.last } == .some(.some(0.06)) })
        stage.bus.unplug(0x23)
        #expect(await stage.until { light.parts.first?.state == .lost })
        #expect(await stage.until { told.withLock { $0.last } == .some(.some(1)) })
        let second = SimulatedVEML7700(lux: 0, clock: stage.clock)
        stage.bus.plug(second, at: 0x10)
        #expect(await stage.until { told.withLock { $0.last } == .some(.some(0.06)) })
        light.setWanted(false)
        #expect(await stage.until { told.withLock { $0.last } == .some(nil) })
        task.cancel()
        await task.value
        #expect(stage.lines.all.count == 3)
    }

    @Test("The back-off doubles to a minute, and begins anew after good work only")
    func backOff() {
        var watch = PartWatch()
        #expect((0..<8).map { _ in watch.wait() } == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        // Set up, and lost again at once.
        #expect(watch.note(.working("OLED")) == .found("OLED"))
        #expect(watch.note(.failed("noise")) == .lost("noise"))
        #expect(watch.wait() == .seconds(60))
        #expect(watch.note(.working("OLED")) == .back("OLED"))
        #expect(watch.note(.working("OLED")) == nil)
        #expect(watch.note(.absent) == .lost("nothing answers any more"))
        #expect(watch.note(.absent) == nil)
        #expect(watch.wait() == .seconds(1))
    }
}
