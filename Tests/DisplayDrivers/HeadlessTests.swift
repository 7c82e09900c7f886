import DisplayDrivers
import Frames
import LinuxSystem
import Testing

@Suite struct HeadlessTests {
    let clock = ManualClock()
    let size = PixelSize(width: 64, height: 36)

    @Test(arguments: [24.0, 50, 59.94, 60, 120])
    func contract(rate: Double) async throws {
        let clock = clock
        let driver = HeadlessDriver(size: size, refreshRate: rate, clock: clock)
        try await withTimePassing(clock) { try await verifyDisplayContract(of: driver) { clock.now } }
    }

    @Test func scriptedDriverKeepsTheContract() async throws {
        let clock = clock
        let driver = ScriptedDriver(name: "drm", size: size, clock: clock)
        try await withTimePassing(clock) { try await verifyDisplayContract(of: driver) { clock.now } }
    }

    @Test func contractOnTheRealClock() async throws {
        let driver = HeadlessDriver(size: size, refreshRate: 240)
        try await verifyDisplayContract(of: driver, isTimed: false) { MonotonicClock().now }
    }

    @Test func shortTimesBetweenFramesGoToTheNextRefresh() async throws {
        let clock = clock
        let display = try await HeadlessDriver(size: size, refreshRate: 50, clock: clock).open()
        let start = clock.now
        let sequences = try await withTimePassing(clock) {
            var sequences: [UInt64] = []
            // 20 ms from refresh to refresh: these fall on 0, 1, 2 (due at 21), 3 (due already), 5.
            for milliseconds in [0, 20, 21, 22, 100] {
                let due = start.advanced(by: .milliseconds(milliseconds))
                sequences.append(try await display.present(.black, notBefore: due).sequence)
            }
            return sequences
        }
        #expect(sequences == [0, 1, 2, 3, 5])
    }

    @Test func refreshesDoNotDrift() async throws {
        let clock = clock
        let display = try await HeadlessDriver(size: size, refreshRate: 59.94, clock: clock).open()
        let start = clock.now
        clock.advance(by: .seconds(3600 * 24 * 365))
        let late = clock.now
        let presentation = try await withTimePassing(clock) {
            try await display.present(.black, notBefore: late)
        }
        let exact = Double(presentation.sequence) / 59.94
        #expect(abs(exact - start.duration(to: presentation.time).secondsAsDouble) < 1e-6)
    }

    @Test func closingEndsAPresentUnderWay() async throws {
        let display = try await HeadlessDriver(size: size, clock: clock).open()
        let clock = clock
        let present = Task { try await display.present(.black, notBefore: clock.now.advanced(by: .seconds(60))) }
        #expect(await eventually { clock.nextDeadline != nil })
        await display.close()
        let error = await #expect(throws: DisplayError.self) { try await present.value }
        #expect(error?.code == .gone)
        #expect(await eventually { clock.nextDeadline == nil })
    }

    @Test func nobodySleepsWhileNobodyPresents() async throws {
        let clock = clock
        let display = try await HeadlessDriver(size: size, clock: clock).open()
        _ = try await withTimePassing(clock) { try await display.present(.black, notBefore: clock.now) }
        #expect(clock.nextDeadline == nil)
    }
}
