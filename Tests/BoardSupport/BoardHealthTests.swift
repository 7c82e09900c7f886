import LinuxSystem
import Testing

@testable import BoardSupport

@Suite struct BoardHealthTests {
    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    @Test func aDipIsAFaultForTenMinutesAndIsNeverForgotten() {
        var health = BoardHealth()
        #expect(health.undervoltageSeen == nil)
        health.take(BoardReading(undervoltage: false), at: at(0))
        #expect(health.undervoltageSeen == false)
        #expect(!health.isUndervolted)
        health.take(BoardReading(undervoltage: true), at: at(1))
        health.take(BoardReading(undervoltage: false), at: at(2))
        #expect(health.reading.undervoltage == false)
        #expect(health.isUndervolted)
        health.take(BoardReading(undervoltage: false), at: at(600))
        #expect(health.isUndervolted)
        health.take(BoardReading(undervoltage: false), at: at(602))
        #expect(!health.isUndervolted)
        #expect(health.undervoltageSeen == true)
    }

    /// The firmware remembers what was before us; the kernel has it forget, and we do not.
    @Test func whatTheFirmwareRemembersIsTaken() {
        var health = BoardHealth()
        health.take(BoardReading(undervoltage: false, undervoltageOccurred: true), at: at(0))
        #expect(health.undervoltageSeen == true)
        #expect(!health.isUndervolted)
        health.take(BoardReading(undervoltage: false), at: at(1))
        #expect(health.undervoltageSeen == true)
    }

    @Test func aBoardThatCannotTellSaysNothing() {
        var health = BoardHealth()
        health.take(BoardReading(temperatureCelsius: 40), at: at(0))
        #expect(health.undervoltageSeen == nil)
        #expect(!health.isUndervolted)
    }

    @Test(
        arguments: [
            ([79.9], false), ([80], true), ([80, 76], true), ([80, 74.9], false), ([80, 74.9, 79], false),
            ([90, nil], false),
        ] as [([Double?], Bool)])
    func heatEndsSomeDegreesBelowWhereItBegan(_ temperatures: [Double?], _ isHot: Bool) {
        var health = BoardHealth()
        for temperature in temperatures { health.take(BoardReading(temperatureCelsius: temperature), at: at(0)) }
        #expect(health.isHot == isHot)
    }
}

@Suite struct BoardMonitorTests {
    @Test func aDipBetweenTwoLooksOfAPersonIsSeen() async throws {
        let (clock, sensors) = (ManualClock(), ScriptedSensors(BoardReading(undervoltage: false)))
        let monitor = BoardMonitor(sensors: sensors, clock: clock)
        let task = Task { try await monitor.run() }
        try await eventually("the first reading") { monitor.health.undervoltageSeen == false }
        sensors.set(BoardReading(undervoltage: true))
        try await eventually("a sleep") { clock.nextDeadline != nil }
        clock.advance(by: BoardMonitor.oftenEnough)
        try await eventually("the dip") { monitor.health.isUndervolted }
        sensors.set(BoardReading(undervoltage: false))
        try await eventually("a sleep") { clock.nextDeadline.map { $0 > clock.now } == true }
        clock.advance(by: BoardMonitor.oftenEnough)
        try await eventually("the end of the dip") { monitor.health.reading.undervoltage == false }
        #expect(monitor.health.undervoltageSeen == true)
        task.cancel()
        try await task.value
    }

    @Test func aBoardWithoutAVoltmeterIsLookedAtSeldom() async throws {
        let clock = ManualClock()
        let monitor = BoardMonitor(
            sensors: ScriptedSensors(BoardReading(temperatureCelsius: 81), knowsVoltage: false), clock: clock)
        let task = Task { try await monitor.run() }
        try await eventually("a sleep") { clock.nextDeadline == clock.now.advanced(by: BoardMonitor.seldom) }
        #expect(monitor.health.isHot)
        task.cancel()
        try await task.value
        // A listener is told of the end.
        for await _ in monitor.changes() {}
    }
}
