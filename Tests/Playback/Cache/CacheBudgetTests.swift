import MemoryMonitor
import Testing

@testable import Playback

@Suite struct CacheBudgetTests {
    private func budget(_ level: MemoryLevel, total: Int, available: Int, used: Int) -> Int {
        CacheBudget.bytes(
            for: MemoryState(
                level: level, reading: MemoryReading(available: available << 20, total: total << 20)),
            used: used << 20) >> 20
    }

    @Test func theBoardsSizeIsTheBase() {
        #expect(budget(.normal, total: 426, available: 300, used: 0) == 42)
        #expect(budget(.normal, total: 3_900, available: 3_000, used: 0) == 390)
        #expect(budget(.normal, total: 24_000, available: 20_000, used: 0) == 512)
    }

    @Test func itGrowsOnlyIntoWhatIsToSpare() {
        // 182 MB must be left.
        #expect(budget(.normal, total: 3_900, available: 200, used: 0) == 18)
        #expect(budget(.normal, total: 3_900, available: 170, used: 25) == 25)
    }

    @Test func itNeverMakesTheLevelThatShrinksIt() {
        // A cache that takes whatever it may, on boards of all sizes: memory is not low of it.
        for total in stride(from: 200, through: 4_000, by: 100) {
            for others in stride(from: 50, through: total - 200, by: 50) {
                var used = 0
                for _ in 0..<50 {
                    used = budget(.normal, total: total, available: total - others - used, used: used)
                }
                let reading = MemoryReading(available: (total - others - used) << 20, total: total << 20)
                #expect(MemoryLevel(of: reading) == .normal || used == 0)
            }
        }
    }

    @Test func itHalvesWhenMemoryIsLowAndTakesNothing() {
        #expect(budget(.low, total: 3_900, available: 100, used: 390) == 195)
        #expect(budget(.low, total: 3_900, available: 100, used: 50) == 50)
        #expect(budget(.critical, total: 3_900, available: 50, used: 50) == 0)
    }

    @Test func aGroupsLimitIsTheBoardsSize() {
        var reading = MemoryReading(available: 2_000 << 20, total: 3_900 << 20)
        reading.group = GroupMemory(limit: 400 << 20, available: 350 << 20)
        #expect(CacheBudget.bytes(for: MemoryState(level: .normal, reading: reading), used: 0) == 40 << 20)
    }
}
