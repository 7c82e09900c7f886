import Foundation
import LinuxSystem
import Synchronization
import SystemPackage
import Testing

@testable import BoardSupport

@Suite struct LightPlanTests {
    private func at(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    /// What the light does and when, up to a time.
    private func play(_ plan: inout LightPlan, from start: Int64, to end: Int64) -> [(Int64, Bool?)] {
        var (now, seen) = (at(start), [(Int64, Bool?)]())
        while now < at(end) {
            let light = plan.light(at: now)
            if seen.isEmpty || seen[seen.count - 1].1 != light { seen.append((now.nanoseconds / 1_000_000, light)) }
            guard let next = plan.nextChange(after: now) else { break }
            now = next
        }
        return seen
    }

    @Test func withNothingToSayItIsTheSystems() {
        var plan = LightPlan()
        #expect(plan.light(at: at(0)) == nil)
        #expect(plan.nextChange(after: at(0)) == nil)
    }

    @Test func locatingBlinksAndEnds() {
        var plan = LightPlan()
        plan.locate(until: at(1_200))
        let seen = play(&plan, from: 0, to: 9_000)
        #expect(seen.map(\.0) == [0, 250, 500, 750, 1_000, 1_200])
        #expect(seen.map(\.1) == [true, false, true, false, true, nil])
    }

    @Test func aFaultFlashesTwiceEveryTwoSeconds() {
        var plan = LightPlan()
        plan.setFault(true)
        let seen = play(&plan, from: 0, to: 4_000)
        #expect(seen.map(\.0) == [0, 100, 300, 400, 2_000, 2_100, 2_300, 2_400])
        #expect(seen.map(\.1) == [true, false, true, false, true, false, true, false])
        plan.setFault(false)
        #expect(plan.light(at: at(4_000)) == nil)
    }

    @Test func aHoldAndItsConfirmationComeBeforeAllElse() {
        var plan = LightPlan()
        plan.setFault(true)
        plan.locate(until: at(60_000))
        plan.setHolding(true)
        #expect(play(&plan, from: 0, to: 200).map(\.0) == [0, 50, 100, 150])
        plan.confirm(at: at(200))
        #expect(play(&plan, from: 200, to: 3_100).map(\.0) == [200])
        #expect(plan.light(at: at(3_199)) == true)
        // Then it goes on telling where it is.
        #expect(play(&plan, from: 3_200, to: 3_800).map(\.0) == [3_200, 3_450, 3_700])
    }
}

@Suite struct KernelLightTests {
    private func withLight(_ body: (FilePath, KernelLight) throws -> Void) throws {
        try withTemporaryFolder { root in
            let folder = root.appending("sys/class/leds/ACT")
            try DurableFile.createFolder(folder)
            for name in ["max_brightness", "brightness", "trigger"] {
                let recorded = try DurableFile.read(
                    fixture("zero-2-w").appending("sys/class/leds/ACT").appending(name), limit: 4096)
                try DurableFile.replace(folder.appending(name), with: recorded)
            }
            try body(folder, try #require(KernelLight(root: root)))
        }
    }

    private func content(_ file: FilePath) throws -> String {
        // A file of sysfs takes a write as a whole; in this one the rest of a longer one stays.
        String(decoding: try DurableFile.read(file, limit: 4096), as: UTF8.self)
    }

    @Test func isTakenSwitchedAndGivenBack() throws {
        try withLight { folder, light in
            try light.giveBack()
            #expect(try content(folder.appending("trigger")).hasPrefix("none rc-feedback"))
            try light.set(true)
            #expect(try content(folder.appending("trigger")).hasPrefix("none"))
            #expect(try content(folder.appending("brightness")).hasPrefix("255"))
            try light.set(false)
            #expect(try content(folder.appending("brightness")).hasPrefix("0"))
            try light.giveBack()
            #expect(try content(folder.appending("trigger")).hasPrefix("mmc0"))
        }
    }

    @Test(arguments: [("zero-2-w", true), ("zero-2-w-debian", true), ("3b", true), ("virt", false), ("pc", false)])
    func isFoundByEitherName(_ board: String, _ isThere: Bool) {
        #expect((KernelLight(root: fixture(board)) != nil) == isThere)
    }

    @Test(arguments: [("none timer [heartbeat] mmc0\n", "heartbeat"), ("[none] timer\n", "none"), ("", "none")])
    func theTriggerInForceIsInBrackets(_ text: String, _ trigger: String) {
        #expect(KernelLight.current(text) == trigger)
    }
}

@Suite struct LightKeeperTests {
    @Test func blinksAndGivesTheLightBack() async throws {
        let (clock, light) = (ManualClock(), SimulatedLight())
        let keeper = LightKeeper(finding: { light }, clock: clock)
        let task = Task { try await keeper.run() }
        await keeper.locate(for: .milliseconds(600))
        for expected in [true, false, true] {
            try await eventually("the light to be \(expected)") { light.isOn == expected }
            try await eventually("a sleep") { clock.nextDeadline.map { $0 > clock.now } ?? false }
            clock.advance(to: try #require(clock.nextDeadline))
        }
        try await eventually("the light to be given back") { light.states == [true, false, true, nil] }
        await keeper.setHolding(true)
        try await eventually("the light to be on") { light.isOn == true }
        task.cancel()
        try await task.value
        #expect(light.states.last == .some(nil))
        #expect(keeper.hasLight)
    }

    @Test func aBoardWithoutALightIsFine() async throws {
        let keeper = LightKeeper(finding: { nil }, clock: ManualClock())
        let task = Task { try await keeper.run() }
        await keeper.locate(for: .seconds(10))
        task.cancel()
        try await task.value
        #expect(!keeper.hasLight)
    }

    /// Its driver is a module, which comes when this program runs already.
    @Test func aLightThatComesLaterIsFound() async throws {
        let (clock, light) = (ManualClock(), SimulatedLight())
        let isThere = Mutex(false)
        let looks = Mutex(0)
        let keeper = LightKeeper(
            finding: {
                looks.withLock { $0 += 1 }
                return isThere.withLock { $0 } ? light : nil
            }, clock: clock)
        let task = Task { try await keeper.run() }
        await keeper.setFault(true)
        // Ever more seldom, and not at the pace of the blinking.
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            try await eventually("a wait of \(pause) s") {
                clock.nextDeadline == clock.now.advanced(by: .seconds(pause))
            }
            clock.advance(by: .seconds(pause))
        }
        try await eventually("a wait") { clock.nextDeadline == clock.now.advanced(by: .seconds(60)) }
        #expect(!keeper.hasLight)
        isThere.withLock { $0 = true }
        #expect(keeper.hasLight)
        clock.advance(by: .seconds(60))
        try await eventually("the light to be used") { !light.states.isEmpty }
        let found = looks.withLock { $0 }
        #expect(keeper.hasLight)
        #expect(looks.withLock { $0 } == found)
        task.cancel()
        try await task.value
        #expect(light.states.last == .some(nil))
    }

    @Test func whoLooksForTheBoardFindsALightThatCameMeanwhile() async throws {
        let (clock, light) = (ManualClock(), SimulatedLight())
        let isThere = Mutex(false)
        let keeper = LightKeeper(finding: { isThere.withLock { $0 } ? light : nil }, clock: clock)
        let task = Task { try await keeper.run() }
        await keeper.setFault(true)
        try await eventually("a wait") { clock.nextDeadline == clock.now.advanced(by: LightKeeper.firstPause) }
        isThere.withLock { $0 = true }
        // Without any time passing.
        await keeper.locate(for: .seconds(10))
        try await eventually("the light to be used") { light.isOn == true }
        task.cancel()
        try await task.value
    }
}
