import Frames
import GPIO
import LinuxSystem
import Testing

@testable import DisplayDrivers

/// The driver on a simulated panel: what a person would see.
@Suite struct SPIPanelTests {
    @Test(arguments: PanelCatalogue.models.map(\.name)) func contract(_ name: String) async throws {
        let stage = PanelStage(try model(name))
        let (clock, driver) = (stage.clock, stage.driver)
        try await withTimePassing(clock) { try await verifyDisplayContract(of: driver) { clock.now } }
        #expect(stage.panel.faults == [])
        #expect(stage.panel.openCount == 0)
    }

    @Test(arguments: [90, 180, 270]) func contractTurned(_ degrees: Int) async throws {
        let stage = PanelStage(.st7789Size135x240, rotation: degrees) { $0.hasReset = false }
        let (clock, driver) = (stage.clock, stage.driver)
        try await withTimePassing(clock) { try await verifyDisplayContract(of: driver) { clock.now } }
        #expect(stage.panel.faults == [])
    }

    @Test func contractOnTheRealClock() async throws {
        let model = PanelModel.st7735sSize128x128
        var traits = SimulatedPanel.Traits()
        traits.hasReset = false
        let panel = SimulatedPanel(model, traits: traits)
        let configuration = SPIPanelConfiguration(
            panel: model.name, dataCommandLine: 25, clockRate: 125_000_000, refreshRate: 240)
        let driver = SPIPanelDriver(configuration, host: panel)
        try await verifyDisplayContract(of: driver, isTimed: false) { MonotonicClock().now }
        #expect(panel.faults == [])
    }

    @Test(arguments: PanelCatalogue.models.map(\.name), [0, 90, 180, 270])
    func everyTurnShowsThePatternExactly(_ name: String, _ degrees: Int) async throws {
        let stage = PanelStage(try model(name), rotation: degrees)
        try await stage.play { display in
            let size = display.capabilities.size
            let scene = fullScene(try patternFrame(size), on: size)
            _ = try await display.present(scene, notBefore: stage.clock.now)
            #expect(stage.panel.glass().size == stage.model.size)
            #expect(stage.panel.glass().pixels == stage.expected(scene))
        }
        #expect(stage.panel.faults == [])
    }

    @Test(arguments: PanelCatalogue.models.map(\.name)) func randomScenes(_ name: String) async throws {
        let turn = [0, 90, 180, 270][abs(name.utf8.reduce(0) { $0 &+ Int($1) }) % 4]
        let stage = PanelStage(try model(name), rotation: turn)
        let seed: UInt64 = 11
        let count = rounds(25)
        try await stage.play { display in
            var generator = SeededGenerator(seed: seed)
            var kept: [Frame] = []
            for round in 0..<count {
                let scene = try randomPanelScene(display.capabilities.size, &kept, &generator)
                _ = try await display.present(scene, notBefore: stage.clock.now)
                let isRight = stage.panel.glass().pixels == stage.expected(scene)
                #expect(isRight, "seed \(seed), round \(round)")
                guard isRight else { return }
            }
        }
        #expect(stage.panel.faults == [])
    }

    @Test func unchangedPixelsAreNotSent() async throws {
        let stage = PanelStage(.ili9341Size240x320)
        try await stage.play { display in
            let size = display.capabilities.size
            let back = Layer(frame: try patternFrame(size), destination: PixelRectangle(size))
            let sprite = try solidFrame(0xFF_FFFF, width: 10, height: 10)
            func scene(_ x: Int) -> Scene {
                let place = PixelRectangle(x: x, y: 100, width: 10, height: 10)
                return Scene(layers: [back, Layer(frame: sprite, destination: place)])
            }
            _ = try await display.present(scene(20), notBefore: stage.clock.now)
            var before = stage.panel.traffic
            _ = try await display.present(scene(20), notBefore: stage.clock.now)
            #expect(stage.panel.traffic == before)
            before = stage.panel.traffic
            _ = try await display.present(scene(24), notBefore: stage.clock.now)
            let sent = stage.panel.traffic - before
            #expect(sent.commands == 3)
            #expect((11 + 2 * 10 * 8...11 + 2 * 10 * 14).contains(sent.bytes))
            #expect(stage.panel.glass().pixels == stage.expected(scene(24)))
        }
    }

    @Test(arguments: [64, 4_096, 65_536]) func transfersFitTheBus(_ largest: Int) async throws {
        let stage = PanelStage(.ili9488Size320x480) { $0.largestTransfer = largest }
        try await stage.play { display in
            let size = display.capabilities.size
            let scene = fullScene(try patternFrame(size), on: size)
            _ = try await display.present(scene, notBefore: stage.clock.now)
            #expect(stage.panel.traffic.largestTransfer == largest)
            #expect(stage.panel.glass().pixels == stage.expected(scene))
        }
    }

    @Test func lightComesWithTheFirstPicture() async throws {
        let stage = PanelStage(.gc9a01Size240x240)
        try await stage.play { display in
            #expect(display.capabilities.hasBrightness)
            #expect(display.capabilities.name == "gc9a01-240x240 (simulated panel)")
            #expect(stage.panel.backlight == 0)
            try await display.setBrightness(0.5)
            #expect(stage.panel.backlight == 0)
            _ = try await display.present(.black, notBefore: stage.clock.now)
            #expect(stage.panel.backlight == 0.5)
            try await display.setBrightness(2)
            #expect(stage.panel.backlight == 1)
        }
        #expect(stage.panel.backlight == 0)
        #expect(stage.panel.isAsleep)
    }

    @Test func asleepItIsDarkAndKeepsItsPace() async throws {
        let stage = PanelStage(.st7735sSize128x160)
        try await stage.play { display in
            let size = display.capabilities.size
            let (first, second) = (try patternFrame(size), try patternFrame(size, salt: 99))
            _ = try await display.present(fullScene(first, on: size), notBefore: stage.clock.now)
            try await display.setPower(false)
            #expect(stage.panel.isAsleep && stage.panel.backlight == 0)
            #expect(stage.panel.glass().pixels.allSatisfy { $0 == 0 })
            let before = stage.panel.traffic
            var times: [MonotonicInstant] = []
            for _ in 0..<5 {
                let shown = try await display.present(fullScene(second, on: size), notBefore: stage.clock.now)
                #expect(shown.source == .timer)
                times.append(shown.time)
            }
            #expect(stage.panel.traffic == before)
            #expect(times[0].duration(to: times[4]) >= display.capabilities.refreshInterval * 4)
            try await display.setPower(true)
            #expect(stage.panel.glass().pixels == stage.expected(fullScene(second, on: size)))
            // At once, as quickly as anybody can press: the panel's own times are kept.
            try await display.setPower(false)
            try await display.setPower(true)
        }
        #expect(stage.panel.faults == [])
    }

    /// Switched in the middle of a present, which sleeps until its time.
    @Test func whoPresentsNeitherLightsASleepingPanelNorLeavesAnOldPicture() async throws {
        let stage = PanelStage(.st7789Size240x240)
        try await stage.play { display in
            let size = display.capabilities.size
            let (first, second) = (try patternFrame(size), try patternFrame(size, salt: 99))
            func pass(_ milliseconds: Int) async throws {
                let until = stage.clock.now.advanced(by: .milliseconds(milliseconds))
                try await stage.clock.sleep(until: until, tolerance: nil)
            }
            _ = try await display.present(fullScene(first, on: size), notBefore: stage.clock.now)
            let soon = stage.clock.now.advanced(by: .milliseconds(500))
            async let unseen = display.present(fullScene(second, on: size), notBefore: soon)
            try await pass(100)
            try await display.setPower(false)
            _ = try await unseen
            #expect(stage.panel.isAsleep && stage.panel.backlight == 0)
            let later = stage.clock.now.advanced(by: .milliseconds(500))
            async let seen = display.present(fullScene(first, on: size), notBefore: later)
            try await pass(100)
            try await display.setPower(true)
            _ = try await seen
            #expect(stage.panel.glass().pixels == stage.expected(fullScene(first, on: size)))
        }
        #expect(stage.panel.faults == [])
    }

    @Test func rateIsWhatTheBusCarries() async throws {
        // 153,600 bytes at 62.5 MHz are 19.66 ms, in 38 transfers of 50 µs each.
        let clock = ManualClock()
        let stage = PanelStage(.ili9341Size240x320, clock: clock) {
            $0.perTransfer = 50_000
            $0.pass = { clock.advance(by: $0) }
        }
        try await stage.play { display in
            let rate = display.capabilities.refreshRate
            #expect((44...47).contains(rate), "\(rate)")
            let size = display.capabilities.size
            let frames = [try patternFrame(size), try patternFrame(size, salt: 77)]
            var times: [MonotonicInstant] = []
            for index in 0..<20 {
                let scene = fullScene(frames[index % 2], on: size)
                times.append(try await display.present(scene, notBefore: clock.now).time)
            }
            // It costs no pause after a full frame: the bus is busy all the time.
            let each = times[4].duration(to: times[19]).secondsAsDouble / 15
            #expect(each < 1.08 / rate, "\(each)")
        }
    }

    @Test func slowPanelIsSlowerAndNothingElse() async throws {
        let stage = PanelStage(.ili9341Size240x320, refreshRate: 5)
        try await stage.play { display in
            #expect(display.capabilities.refreshRate == 5)
            let first = try await display.present(.black, notBefore: stage.clock.now)
            let second = try await display.present(.black, notBefore: stage.clock.now)
            #expect(first.time.duration(to: second.time) == .milliseconds(200))
            #expect(second.source == .transfer)
        }
    }

    private func model(_ name: String) throws -> PanelModel { try #require(PanelCatalogue.entry(named: name)).model }
}
