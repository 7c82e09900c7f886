import DisplayDrivers
import Frames
import KMS
import LinuxSystem
import Testing

/// What befalls a screen, on the simulated card.
@Suite struct DRMFaultTests {
    @Test func probeSaysWhy() async {
        func reason(_ configuration: DRMConfiguration = DRMConfiguration(), _ adjust: (inout SimulatedCard) -> Void)
            async -> String
        {
            let stage = DRMStage(configuration, adjust)
            guard case .unusable(let reason) = await stage.driver.probe() else { return "usable" }
            #expect(stage.card.usage.devices == 0)
            return reason
        }
        #expect(await reason { $0.isGone = true }.contains("no graphics card"))
        #expect(await reason { $0.connector = .disconnected }.contains("nothing is plugged"))
        #expect(await reason { $0.modes = [] }.contains("list of modes is empty"))
        #expect(await reason { _ in } == "usable")
        #expect(await reason(DRMConfiguration(forceHotplug: true)) { $0.connector = .disconnected } == "usable")
    }

    @Test func anotherMasterIsNamedAndGoesAgain() async throws {
        let stage = DRMStage { $0.hasOtherMaster = true }
        let error = await #expect(throws: DisplayError.self) { try await stage.driver.open() }
        #expect(error?.what.contains("another program") == true)
        #expect(stage.card.usage.devices == 0)
        stage.card.change { $0.hasOtherMaster = false }
        try await stage.play { display in
            _ = try await display.present(.black, notBefore: stage.clock.now)
            // Lost while it is open: the display ends, and the next one works.
            stage.card.change { $0.hasOtherMaster = true }
            let error = await #expect(throws: DisplayError.self) {
                try await display.present(.black, notBefore: stage.clock.now)
            }
            #expect(error?.what.contains("another program took the screen") == true)
        }
        stage.card.change { $0.hasOtherMaster = false }
        try await stage.play { _ = try await $0.present(.black, notBefore: stage.clock.now) }
    }

    @Test func aLookAtTheCardDoesNotStandInTheWayOfItsOpening() async throws {
        let stage = DRMStage { $0.lingersUnprivileged = true }
        for _ in 0..<3 {
            #expect(await stage.driver.probe() == .usable)
            try await stage.play { _ = try await $0.present(.black, notBefore: stage.clock.now) }
        }
        stage.card.change { $0.connector = .disconnected }
        #expect(await stage.driver.probe() != .usable)
        stage.card.change { $0.connector = .connected }
        try await stage.play { _ = try await $0.present(.black, notBefore: stage.clock.now) }
    }

    @Test func aMissingFlipIsFollowedByAModeSet() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            _ = try await display.present(.black, notBefore: stage.clock.now)
            let before = stage.card.commits.modeSets
            stage.card.change { $0.missingFlips = 1 }
            _ = try await display.present(.black, notBefore: stage.clock.now)
            #expect(stage.card.commits.modeSets == before + 1)
            _ = try await display.present(.black, notBefore: stage.clock.now)
            #expect(stage.card.commits.modeSets == before + 1)
        }
    }

    @Test(arguments: [false, true]) func flipsThatNeverComeEndTheDisplayWithinTwoSeconds(areStuck: Bool) async throws {
        let stage = DRMStage()
        try await stage.play { display in
            _ = try await display.present(.black, notBefore: stage.clock.now)
            stage.card.change { if areStuck { $0.stuckFlips = 100 } else { $0.missingFlips = 100 } }
            let start = stage.clock.now
            await #expect(throws: DisplayError.self) {
                try await display.present(.black, notBefore: stage.clock.now)
            }
            #expect(start.duration(to: stage.clock.now) < .seconds(2))
            var ends = 0
            for await _ in display.ended { ends += 1 }
            #expect(ends == 1)
        }
    }

    @Test func lateFlipsAreWaitedFor() async throws {
        let stage = DRMStage { $0.flipRefreshes = 5 }
        try await stage.play { display in
            _ = try await display.present(.black, notBefore: stage.clock.now)
            let before = stage.card.commits.modeSets
            for _ in 0..<5 { _ = try await display.present(.black, notBefore: stage.clock.now) }
            #expect(stage.card.commits.modeSets == before)
        }
    }

    @Test func unpluggingEndsTheDisplayByItself() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            _ = try await display.present(.black, notBefore: stage.clock.now)
            let start = stage.clock.now
            stage.card.change { $0.connector = .disconnected }
            stage.card.announce()
            for await error in display.ended { #expect(error.what.contains("unplugged")) }
            #expect(start.duration(to: stage.clock.now) <= .seconds(1.5))
        }
    }

    @Test func unpluggingIsSeenWithoutAWord() async throws {
        let stage = DRMStage { $0.pollInterval = .seconds(2) }
        try await stage.play { display in
            _ = try await display.present(.black, notBefore: stage.clock.now)
            let start = stage.clock.now
            stage.card.change { $0.connector = .disconnected }
            for await error in display.ended { #expect(error.what.contains("unplugged")) }
            #expect(start.duration(to: stage.clock.now) <= .seconds(4))
        }
    }

    @Test func aScreenThatComesBackWithoutAWordIsSeen() async throws {
        let stage = DRMStage {
            $0.pollInterval = .seconds(2)
            $0.connector = .disconnected
        }
        try await withTimePassing(stage.clock) {
            let (changes, report) = AsyncStream.makeStream(of: MonotonicInstant.self)
            try await withThrowingTaskGroup { group in
                group.addTask { await stage.driver.watchPlugs { report.yield(stage.clock.now) } }
                var iterator = changes.makeAsyncIterator()
                _ = await iterator.next()
                let plugged = stage.clock.now
                stage.card.change { $0.connector = .connected }
                let seen = try #require(await iterator.next())
                #expect(seen >= plugged)
                #expect(plugged.duration(to: seen) <= .seconds(4))
                // What the kernel does say is passed on, whatever it knows.
                stage.card.announce()
                #expect(await iterator.next() != nil)
                group.cancelAll()
            }
        }
    }

    @Test func aBouncingLinkOnlySetsTheModeAgain() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            _ = try await display.present(.black, notBefore: stage.clock.now)
            let before = stage.card.commits.modeSets
            stage.card.change { $0.connector = .disconnected }
            stage.card.announce()
            #expect(await eventually { stage.clock.nextDeadline != nil })
            try await stage.clock.sleep(until: stage.clock.now.advanced(by: .milliseconds(200)), tolerance: nil)
            stage.card.change { $0.connector = .connected }
            stage.card.announce()
            #expect(await eventually { stage.card.commits.modeSets == before + 1 })
            _ = try await display.present(.black, notBefore: stage.clock.now)
        }
    }

    @Test func theFallbackModeIsNoticedAndGivenUpWhenTheScreenAnswers() async throws {
        let stage = DRMStage {
            $0.modes = [testMode(1_024, 768), testMode(800, 600)]
            $0.edid = []
        }
        try await stage.play { display in
            #expect(display.capabilities.notes.contains { $0.contains("EDID") })
            #expect(display.capabilities.size.width == 1_024)
            stage.card.change {
                $0.modes = [testMode(64, 36, preferred: true)]
                $0.edid = testEDID
            }
            // Without a word from the kernel: looked at from time to time.
            for await error in display.ended { #expect(error.what.contains("other modes")) }
        }
        try await stage.play { #expect($0.capabilities.size.width == 64 && $0.capabilities.notes.isEmpty) }
    }

    @Test func unreadableEDIDIsSurvived() async throws {
        var broken = testEDID
        broken[3] = 7
        let stage = DRMStage { $0.edid = broken }
        try await stage.play { display in
            #expect(display.capabilities.name == "HDMI-A-1")
            #expect(display.capabilities.millimetres == nil)
        }
    }

    @Test func whatTheScreenTellsIsInTheCapabilities() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            let told = display.capabilities
            #expect(told.name == "Vitrine" && told.millimetres == PixelSize(width: 708, height: 398))
            #expect(told.planes == 5 && told.rotations == [0, 180] && told.notes.isEmpty)
            #expect(told.modes.first?.size == PixelSize(width: 64, height: 36))
        }
    }

    @Test func scarceMemoryIsUsedAsWellAsItCanAndTold() async throws {
        let picture = (64 * 36 * 4 + 4_095) / 4_096 * 4_096
        let small = (64 * 36 * 2 + 4_095) / 4_096 * 4_096
        for (cma, planes, note) in [
            (2 * picture, 0, "hardware planes"), (2 * small, 0, "16 bits"), (small, 0, "one picture"),
        ] {
            let stage = DRMStage { $0.cma = cma }
            try await stage.play { display in
                #expect(display.capabilities.planes == planes)
                #expect(display.capabilities.notes.contains { $0.contains(note) }, "\(display.capabilities.notes)")
                _ = try await display.present(.black, notBefore: stage.clock.now)
            }
        }
        let stage = DRMStage { $0.cma = 4_096 }
        let error = await #expect(throws: DisplayError.self) { try await stage.driver.open() }
        #expect(error?.suggestion?.contains("cma=") == true)
        #expect(stage.card.usage == SimulatedUsage())
    }

    @Test func sleepingKeepsThePaceAndWakesWithTheLastPicture() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            let (red, green) = (try solidFrame(0xFF_0000), try solidFrame(0x00_FF00))
            let size = display.capabilities.size
            _ = try await display.present(fullScene(red, on: size), notBefore: stage.clock.now)
            try await display.setPower(false)
            #expect(stage.card.glass == nil)
            let start = stage.clock.now
            for _ in 0..<4 { _ = try await display.present(fullScene(green, on: size), notBefore: stage.clock.now) }
            #expect(start.duration(to: stage.clock.now) >= .milliseconds(50))
            #expect(stage.card.glass == nil)
            try await display.setPower(true)
            #expect(stage.card.glass?.first == 0x00_FF00)
        }
    }

    /// Switched in the middle of a present, which sleeps until its time. That is closer than a flip's deadline: the clock may run ahead of
    /// the display's thread, as far as the next sleeper.
    @Test func whoPresentsNeitherLightsASleepingScreenNorLeavesAnOldPicture() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            let (red, green) = (try solidFrame(0xFF_0000), try solidFrame(0x00_FF00))
            let size = display.capabilities.size
            func pass(_ milliseconds: Int) async throws {
                let until = stage.clock.now.advanced(by: .milliseconds(milliseconds))
                try await stage.clock.sleep(until: until, tolerance: nil)
            }
            _ = try await display.present(fullScene(red, on: size), notBefore: stage.clock.now)
            let soon = stage.clock.now.advanced(by: .milliseconds(60))
            async let first = display.present(fullScene(green, on: size), notBefore: soon)
            try await pass(20)
            try await display.setPower(false)
            _ = try await first
            #expect(stage.card.glass == nil)
            let later = stage.clock.now.advanced(by: .milliseconds(60))
            async let second = display.present(fullScene(red, on: size), notBefore: later)
            try await pass(20)
            try await display.setPower(true)
            _ = try await second
            #expect(stage.card.glass?.first == 0xFF_0000)
        }
    }

    @Test(arguments: [true, false]) func theDesktopsPictureIsRestored(isAtomic: Bool) async throws {
        let stage = DRMStage(DRMConfiguration(restoresOnExit: true)) { $0.isAtomic = isAtomic }
        // A desktop has its picture on the screen and, as when one switches to another console, is not master.
        let desktop = try stage.card.open(try #require(stage.card.cards().first))
        let mode = testMode(64, 36, preferred: true)
        let buffer = try desktop.createDumbBuffer(width: 64, height: 36, bitsPerPixel: 32)
        let pixels = try desktop.map(buffer)
        pixels.bindMemory(to: UInt32.self).update(repeating: 0x33_6699)
        let image = try desktop.addFramebuffer(
            // DRM_FORMAT_XRGB8888, "XR24"
            KMSFramebufferLayout(
                width: 64, height: 36, format: 0x3432_5258, handle: buffer.handle, pitches: [buffer.pitch], offsets: [0]
            ))
        let resources = try desktop.resources()
        try desktop.setCRTC(
            KMSCRTCState(id: resources.crtcs[0], framebuffer: image, mode: mode), connectors: resources.connectors)
        try desktop.dropMaster()
        #expect(stage.card.glass?.first == 0x33_6699)

        try await stage.play { display in
            let green = fullScene(try solidFrame(0x00_FF00), on: display.capabilities.size)
            _ = try await display.present(green, notBefore: stage.clock.now)
            #expect(stage.card.glass?.first == 0x00_FF00)
        }
        #expect(stage.card.glass?.first == 0x33_6699)
        try desktop.setMaster()
    }

    @Test func theAppliancesPictureStaysAndIsTakenOverWithoutAModeSet() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            let frame = try solidFrame(0x12_3456, width: 64, height: 36)
            _ = try await display.present(fullScene(frame, on: display.capabilities.size), notBefore: stage.clock.now)
        }
        #expect(stage.card.glass?.first == 0x12_3456)
        #expect(stage.card.commits.modeSets == 1)
        try await stage.play { display in
            #expect(stage.card.glass?.first == 0x12_3456)
            _ = try await display.present(.black, notBefore: stage.clock.now)
            #expect(stage.card.glass?.first == 0)
        }
        #expect(stage.card.commits.modeSets == 1)
    }

    @Test func aKilledDaemonsPictureIsAdoptedWithoutADarkMoment() async throws {
        let stage = DRMStage()
        let frame = try solidFrame(0x65_4321, width: 64, height: 36)
        // Never closed: it was killed, and systemd holds the card.
        let killed = try await withTimePassing(stage.clock) {
            let display = try await stage.driver.open()
            let scene = fullScene(frame, on: display.capabilities.size)
            for _ in 0..<2 { _ = try await display.present(scene, notBefore: stage.clock.now) }
            return display
        }
        let before = stage.card.usage
        let store = try MemoryFile(name: "test", byteCount: 4_096)
        let next = DRMDriver(DRMConfiguration(adopted: store.descriptor), host: stage.card, clock: stage.clock)
        try await withTimePassing(stage.clock) {
            let display = try await next.open()
            #expect(stage.card.glass?.first == 0x65_4321)
            let scene = fullScene(frame, on: display.capabilities.size)
            for _ in 0..<2 { _ = try await display.present(scene, notBefore: stage.clock.now) }
        }
        #expect(stage.card.glass?.first == 0x65_4321)
        #expect(stage.card.commits.modeSets == 1)
        #expect(stage.card.usage == before, "what the killed one had is given back")
        withExtendedLifetime(killed) {}
    }

    /// Card away and back, screen away and back: nothing is left over.
    @Test func unpluggingRoundsLeakNothing() async throws {
        let stage = DRMStage()
        var usage: SimulatedUsage?
        for round in 0..<rounds(200) {
            try await stage.play { display in
                let frame = try solidFrame(UInt32(round), width: 64, height: 36)
                let scene = fullScene(frame, on: display.capabilities.size)
                _ = try await display.present(scene, notBefore: stage.clock.now)
                stage.card.change { if round % 2 == 0 { $0.isGone = true } else { $0.connector = .disconnected } }
                stage.card.announce()
                if round % 4 < 2 { for await _ in display.ended {} }
            }
            stage.card.change {
                $0.isGone = false
                $0.connector = .connected
            }
            if round % 4 == 3 {
                if let usage { #expect(stage.card.usage == usage, "round \(round)") }
                usage = stage.card.usage
            }
        }
    }
}
