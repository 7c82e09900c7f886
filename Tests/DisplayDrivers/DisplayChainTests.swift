import Frames
import LinuxSystem
import Testing

@testable import DisplayDrivers

@Suite struct DisplayChainTests {
    let clock = ManualClock()
    let large = PixelSize(width: 192, height: 108)
    let small = PixelSize(width: 64, height: 36)

    func chain(_ drivers: [any DisplayDriver]) -> DisplayChain {
        DisplayChain(
            drivers: drivers, lastResort: HeadlessDriver(size: small, clock: clock), clock: clock, logger: quiet)
    }

    func running(_ chain: DisplayChain, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withTimePassing(clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await chain.run() }
                try await body()
                group.cancelAll()
            }
        }
    }

    @Test func headlessIsThereUnconfigured() async throws {
        let chain = chain([ScriptedDriver(name: "drm", size: large, probe: .unusable(reason: "no card"), clock: clock)])
        let (clock, small) = (clock, small)
        try await running(chain) {
            try await chain.present(.black, for: small, notBefore: clock.now)
            #expect(chain.capabilities?.size == small)
            #expect(chain.report.map(\.outcome) == [.unusable, .active])
            #expect(chain.report[0].reason == "no card")
        }
        // Stopped: presenting says so.
        let error = await #expect(throws: DisplayError.self) {
            try await chain.present(.black, for: small, notBefore: clock.now)
        }
        #expect(error?.code == .gone)
    }

    /// A screen without a backlight in between changes nothing of what is wanted.
    @Test func brightnessGoesAlongToEachDisplay() async throws {
        let model = try #require(PanelCatalogue.models.first)
        let stage = PanelStage(model, clock: clock)
        let panel = stage.panel
        let drm = ScriptedDriver(name: "drm", size: large, probe: .unusable(reason: "unplugged"), clock: clock)
        let chain = chain([drm, stage.driver])
        let (clock, large) = (clock, large)
        try await running(chain) {
            await chain.setBrightness(0.5)
            try await chain.present(.black, for: large, notBefore: clock.now)
            #expect(try await eventually(clock) { panel.backlight == 0.5 })
            #expect(chain.capabilities?.hasBrightness == true)
            await chain.setBrightness(7)
            #expect(panel.backlight == 1)
            await chain.setBrightness(.nan)
            #expect(panel.backlight == 1)
            drm.setProbe(.usable)
            await chain.lookAgain()
            #expect(try await eventually(clock) { chain.capabilities?.size == large })
            await chain.setBrightness(0.25)
            await drm.unplug("unplugged", announced: true)
            drm.setProbe(.unusable(reason: "unplugged"))
            #expect(try await eventually(clock) { panel.backlight == 0.25 })
        }
    }

    @Test(arguments: [true, false]) func aFailureLosesNoScene(announced: Bool) async throws {
        let drm = ScriptedDriver(name: "drm", size: large, keepsScenes: true, clock: clock)
        let spi = ScriptedDriver(name: "spi", size: small, keepsScenes: true, clock: clock)
        let chain = chain([drm, spi])
        let (clock, large, small) = (clock, large, small)
        try await running(chain) {
            let frame = try solidFrame(1)
            try await chain.present(fullScene(frame, on: large), for: large, notBefore: clock.now)
            #expect(drm.scenes.last?.layers.first?.frame === frame)
            drm.setProbe(.unusable(reason: "unplugged"))
            await drm.unplug("unplugged", announced: announced)
            let next = try solidFrame(2)
            if announced {
                // Nobody presents, and still the picture that stays goes to the next display.
                #expect(try await eventually(clock) { spi.scenes.last?.layers.first?.frame === frame })
            } else {
                try await chain.present(fullScene(next, on: large), for: large, notBefore: clock.now)
                #expect(spi.scenes.last?.layers.first?.frame === next)
            }
            // Made for the large screen, fitted into the small one.
            #expect(spi.scenes.last?.layers.first?.destination == PixelRectangle(small))
            #expect(try await eventually(clock) { chain.capabilities?.size == small })
            #expect(try await eventually(clock) { chain.report.map(\.outcome) == [.unusable, .active, .usable] })
            #expect(drm.events.filter { $0 == .closed }.count == 1)
        }
        #expect(spi.events.last == .closed)
    }

    @Test func aBetterDisplayThatComesBackWins() async throws {
        let drm = ScriptedDriver(
            name: "drm", size: large, probe: .unusable(reason: "no screen"), keepsScenes: true, clock: clock)
        let chain = chain([drm])
        let (clock, large, small) = (clock, large, small)
        try await running(chain) {
            let frame = try solidFrame(3)
            try await chain.present(fullScene(frame, on: small), for: small, notBefore: clock.now)
            var changes = chain.capabilityChanges().makeAsyncIterator()
            #expect(await changes.next()?.size == small)
            drm.setProbe(.usable)
            #expect(await changes.next()?.size == large)
            #expect(drm.scenes.last?.layers.first?.frame === frame)
            #expect(drm.scenes.last?.layers.first?.destination == PixelRectangle(large))
            #expect(chain.latest?.screen == large)
        }
    }

    @Test func presentingGoesOnWhileDisplaysComeAndGo() async throws {
        let drm = ScriptedDriver(name: "drm", size: large, keepsScenes: true, clock: clock)
        let spi = ScriptedDriver(name: "spi", size: small, keepsScenes: true, clock: clock)
        let chain = chain([drm, spi])
        let (clock, large) = (clock, large)
        try await running(chain) {
            for round in 0..<300 {
                if round % 17 == 5 { await drm.unplug("bounced", announced: round % 2 == 0) }
                if round % 23 == 7 { await spi.unplug("bounced", announced: round % 2 == 1) }
                let frame = try solidFrame(UInt32(round))
                try await chain.present(fullScene(frame, on: large), for: large, notBefore: clock.now)
                #expect(chain.latest?.scene.layers.first?.frame === frame)
            }
        }
        for driver in [drm, spi] {
            let opened = driver.events.filter { $0 == .opened }.count
            #expect(opened > 1)
            #expect(driver.events.filter { $0 == .closed }.count == opened)
        }
    }

    @Test func aChainAtRestSleepsForNothing() async throws {
        let chain = chain([ScriptedDriver(name: "drm", size: large, keepsScenes: true, clock: clock)])
        let (clock, large) = (clock, large)
        try await running(chain) {
            try await chain.present(.black, for: large, notBefore: clock.now)
            // No time passes for as long as this asks.
            #expect(await eventually { clock.nextDeadline == nil && chain.report[0].outcome == .active })
        }
    }
}
