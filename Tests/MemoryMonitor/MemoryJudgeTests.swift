import LinuxSystem
import Testing

@testable import MemoryMonitor

@Suite struct MemoryJudgeTests {
    private var judge = MemoryJudge()
    private var now = MonotonicInstant(nanoseconds: 0)

    private mutating func take(_ megabytes: Int, some: Double = 0, full: Double = 0) -> MemoryLevel {
        now = now.advanced(by: .seconds(1))
        let reading = MemoryReading(
            available: megabytes << 20, total: 426 << 20,
            pressure: MemoryReading.Pressure(some: some, full: full))
        return judge.take(reading, at: now).state.level
    }

    @Test mutating func itIsWorseAtOnce() {
        #expect(take(200) == .normal)
        #expect(take(149) == .low)
        #expect(take(63) == .critical)
    }

    @Test mutating func itIsBetterAfterAWhileBeyondTheLine() {
        #expect(take(149) == .low)
        // On the line and a little beyond, for however long.
        for _ in 0..<20 { #expect(take(160) == .low) }
        #expect(take(167) == .low)
        #expect(take(167) == .low)
        #expect(take(167) == .low)
        #expect(take(167) == .normal)
    }

    @Test mutating func aSetbackBeginsTheWhileAnew() {
        #expect(take(60) == .critical)
        for _ in 0..<3 { #expect(take(100) == .critical) }
        #expect(take(70) == .critical)
        for _ in 0..<3 { #expect(take(100) == .critical) }
        #expect(take(100) == .low)
    }

    @Test mutating func fromTheWorstToTheBestItTakesOneWhile() {
        #expect(take(10) == .critical)
        for _ in 0..<3 { #expect(take(300) == .critical) }
        #expect(take(300) == .normal)
    }

    @Test mutating func pressureMustHalveBeforeItIsForgotten() {
        #expect(take(300, some: 11) == .low)
        for _ in 0..<10 { #expect(take(300, some: 6) == .low) }
        for _ in 0..<3 { #expect(take(300, some: 4) == .low) }
        #expect(take(300, some: 4) == .normal)
        #expect(take(300, full: 6) == .critical)
    }

    @Test mutating func aGroupsLimitCountsAsTheMachinesDoes() {
        var reading = MemoryReading(available: 300 << 20, total: 426 << 20)
        reading.group = GroupMemory(limit: 96 << 20, available: 40 << 20)
        #expect(judge.take(reading, at: now).state.level == .critical)
        #expect(reading.spare == 40 << 20)
        #expect(reading.size == 96 << 20)
    }

    @Test mutating func itReadsOftenWhileALineComesNear() {
        func next(_ megabytes: Int, after: Duration, _ judge: inout MemoryJudge) -> Duration {
            now = now.advanced(by: after)
            return judge.take(MemoryReading(available: megabytes << 20, total: 426 << 20), at: now).next
        }
        #expect(next(300, after: .seconds(1), &judge) == .seconds(1))
        // 20 MB a second: the line is seven seconds away.
        #expect(next(280, after: .seconds(1), &judge) == .milliseconds(250))
        // 4 MB a second: half a minute.
        #expect(next(279, after: .milliseconds(250), &judge) == .seconds(1))
        #expect(next(279, after: .seconds(1), &judge) == .seconds(1))
        #expect(next(50, after: .seconds(1), &judge) == .milliseconds(250))
        #expect(next(49, after: .milliseconds(250), &judge) == .milliseconds(250))
        #expect(next(60, after: .milliseconds(250), &judge) == .seconds(1))
    }

    // MARK: Traces

    @Test func aMachineWithPlentyIsNeverShort() throws {
        let trace = try MemoryTrace("pc-takes-four-gigabytes")
        #expect(trace.lines.count > 30)
        #expect(trace.levels().map(\.level) == [.normal])
    }

    @Test func pressureAloneIsEnough() throws {
        let levels = try MemoryTrace("zero-2-w-waits").levels()
        #expect(levels.map(\.level) == [.normal, .low, .critical, .normal])
    }

    @Test func aBoardThatIsFilledAndEmptied() throws {
        let levels = try MemoryTrace("zero-2-w-filled-and-emptied").levels()
        #expect(levels.map(\.level) == [.normal, .low, .critical, .normal])
        #expect(levels.map(\.seconds) == [0, 12, 15, 33])
    }

    @Test func aBoardThatHoversOverTheLineChangesOnce() throws {
        let levels = try MemoryTrace("zero-2-w-hovers").levels()
        #expect(levels.map(\.level) == [.normal, .low])
    }
}
