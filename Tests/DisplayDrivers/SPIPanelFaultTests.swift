import Frames
import GPIO
import LinuxSystem
import PanelBus
import Testing

@testable import DisplayDrivers

/// Wires that fail, and settings that cannot be.
@Suite struct SPIPanelFaultTests {
    /// Presents a few scenes, whatever comes of it.
    private func session(_ stage: PanelStage, _ scenes: [Scene]) async {
        guard let display = try? await stage.driver.open() else { return }
        for scene in scenes { _ = try? await display.present(scene, notBefore: stage.clock.now) }
        await display.close()
    }

    @Test(arguments: [true, false], [PanelModel.st7735sSize128x128, .ili9488Size320x480])
    func reopeningAfterACutShowsTheRightPicture(_ hasReset: Bool, _ model: PanelModel) async throws {
        let count = rounds(12)
        let seed: UInt64 = 5
        let stage = PanelStage(model, rotation: 90) { $0.hasReset = hasReset }
        try await withTimePassing(stage.clock) {
            var generator = SeededGenerator(seed: seed)
            var kept: [Frame] = []
            let size = stage.driver.size
            let full = fullScene(try patternFrame(size), on: size)
            var scenes = [full]
            for _ in 0..<5 { scenes.append(try randomPanelScene(size, &kept, &generator)) }
            let before = stage.panel.traffic.bytes
            await session(stage, scenes)
            let whole = stage.panel.traffic.bytes - before
            for round in 0..<count {
                let cut = Int.random(in: 0..<whole, using: &generator)
                stage.panel.cut(afterBytes: cut)
                await session(stage, scenes)
                stage.panel.mend()
                let display = try await stage.driver.open()
                let scene = scenes[Int.random(in: 0..<scenes.count, using: &generator)]
                _ = try await display.present(scene, notBefore: stage.clock.now)
                let isRight = stage.panel.glass().pixels == stage.expected(scene)
                #expect(isRight, "seed \(seed), round \(round), cut after \(cut) of \(whole) bytes")
                await display.close()
            }
            #expect(stage.panel.openCount == 0)
        }
    }

    @Test func failedTransferEndsTheDisplay() async throws {
        let stage = PanelStage(.ili9341Size240x320)
        try await withTimePassing(stage.clock) {
            let display = try await stage.driver.open()
            _ = try await display.present(.black, notBefore: stage.clock.now)
            stage.panel.cut(afterBytes: 1_000)
            let size = display.capabilities.size
            let scene = fullScene(try patternFrame(size), on: size)
            let error = await #expect(throws: DisplayError.self) {
                try await display.present(scene, notBefore: stage.clock.now)
            }
            #expect(error?.code == .gone)
            #expect(error?.what.contains("simulated panel") == true)
            var told: [DisplayError] = []
            for await error in display.ended { told.append(error) }
            #expect(told.count == 1)
            await #expect(throws: DisplayError.self) {
                try await display.present(.black, notBefore: stage.clock.now)
            }
            #expect(stage.panel.openCount == 0)
        }
    }

    @Test func failureWhileOpeningGivesTheBusBack() async throws {
        let stage = PanelStage(.ili9341Size240x320)
        try await withTimePassing(stage.clock) {
            for cut in [0, 3, 40, 500] {
                stage.panel.cut(afterBytes: cut)
                let error = await #expect(throws: DisplayError.self) { _ = try await stage.driver.open() }
                #expect(error?.driver == "spi")
                #expect(stage.panel.openCount == 0)
            }
        }
    }

    @Test func closingEndsAPresentUnderWay() async throws {
        let stage = PanelStage(.st7789Size240x240)
        let clock = stage.clock
        let display = try await withTimePassing(clock) { try await stage.driver.open() }
        let present = Task { try await display.present(.black, notBefore: clock.now.advanced(by: .seconds(60))) }
        #expect(await eventually { clock.nextDeadline != nil })
        await display.close()
        let error = await #expect(throws: DisplayError.self) { try await present.value }
        #expect(error?.code == .gone)
    }

    @Test func cancelledScenesAreOvertaken() async throws {
        let stage = PanelStage(.st7789Size240x240)
        try await stage.play { display in
            let size = display.capabilities.size
            let (first, second) = (try patternFrame(size), try patternFrame(size, salt: 31))
            _ = try await display.present(fullScene(first, on: size), notBefore: stage.clock.now)
            let late = stage.clock.now.advanced(by: .seconds(3_600))
            let cancelled = Task { try await display.present(fullScene(second, on: size), notBefore: late) }
            cancelled.cancel()
            _ = await cancelled.result
            _ = try await display.present(.black, notBefore: stage.clock.now)
            #expect(stage.panel.glass().pixels.allSatisfy { $0 == 0 })
        }
    }

    // MARK: Settings

    @Test func unknownPanelNamesTheKnownOnes() async {
        let words = await reason(SPIPanelConfiguration(panel: "st7789"))
        #expect(words.contains("spi.panel") && words.contains("\"st7789\""))
        for name in PanelCatalogue.names { #expect(words.contains(name)) }
    }

    @Test func missingSettingsAreNamed() async {
        #expect(await reason(SPIPanelConfiguration()).contains("spi.panel"))
        #expect(await reason(SPIPanelConfiguration(panel: "ili9341-240x320")).contains("spi.dc_pin"))
        let twice = SPIPanelConfiguration(panel: "ili9341-240x320", dataCommandLine: 25, reset: .line(25))
        #expect(await reason(twice).contains("spi.reset_pin"))
        let shared = SPIPanelConfiguration(panel: "waveshare-2", backlight: .line(27))
        #expect(await reason(shared).contains("spi.backlight_pin"))
        #expect(await reason(SPIPanelConfiguration(panel: "waveshare-2", clockRate: 7)).contains("spi.speed_hz"))
        #expect(await reason(SPIPanelConfiguration(panel: "waveshare-2", mode: 1)).contains("spi.mode"))
    }

    @Test func whatTheHostMissesIsTheReason() async throws {
        let stage = PanelStage(.ili9341Size240x320) { $0.problem = "spi.device: /dev/spidev0.0 is not there" }
        #expect(await stage.driver.probe() == .unusable(reason: "spi.device: /dev/spidev0.0 is not there"))
    }

    @Test func badSettingsFailOpeningWithTheSameWords() async {
        let driver = SPIPanelDriver(
            SPIPanelConfiguration(panel: "none"), host: SimulatedPanel(.ili9341Size240x320), clock: ManualClock())
        let error = await #expect(throws: DisplayError.self) { _ = try await driver.open() }
        #expect(error?.code == .unusable && error?.what.contains("spi.panel") == true && error?.suggestion != nil)
    }

    @Test func settingsWinOverThePreset() throws {
        let configuration = SPIPanelConfiguration(
            panel: "Pimoroni-Display-HAT-Mini", device: "/dev/spidev1.0", dataCommandLine: 7,
            backlight: .pwm(chip: "pwmchip0", channel: 1), clockRate: 40_000_000, rotation: 180)
        let panel = try configuration.resolved()
        #expect(panel.wiring.device == "/dev/spidev1.0" && panel.wiring.dataCommandLine == 7)
        #expect(panel.wiring.resetLine == nil)
        let unwired = SPIPanelConfiguration(panel: "waveshare-2", reset: SPIPanelConfiguration.Reset.none)
        #expect(try unwired.resolved().wiring.resetLine == nil)
        #expect(try SPIPanelConfiguration(panel: "waveshare-2").resolved().wiring.resetLine == 27)
        #expect(panel.wiring.clockRate == 40_000_000 && panel.wiring.backlight == .pwm(chip: "pwmchip0", channel: 1))
        #expect(panel.rotation == 90 && panel.size == PixelSize(width: 320, height: 240))
        #expect(panel.millimetres == PixelSize(width: 41, height: 31))
    }

    private func reason(_ configuration: SPIPanelConfiguration) async -> String {
        let host = SimulatedPanel(.ili9341Size240x320)
        switch await SPIPanelDriver(configuration, host: host, clock: ManualClock()).probe() {
        case .usable: return ""
        case .unusable(let reason): return reason
        }
    }
}
