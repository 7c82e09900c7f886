import LinuxSystem
import Synchronization
import Testing

@testable import Appliance

@Suite struct MemoryReleaseTests {
    @Test func whatStirredTogetherIsGivenBackOnceAndThenNothingWakes() async throws {
        let clock = ManualClock()
        let count = Mutex(0)
        let (releases, released) = AsyncStream.makeStream(of: Int.self)
        let memory = MemoryRelease(clock: clock) {
            released.yield(
                count.withLock {
                    $0 += 1; return $0
                })
        }
        let running = Task { try await memory.run() }
        var all = releases.makeAsyncIterator()

        await sleeps(clock)
        clock.advance(by: MemoryRelease.quiet)
        #expect(await all.next() == 1, "starting stirs")

        memory.stir()
        await sleeps(clock)
        // However many come while it waits: one more round.
        for _ in 0..<100 { memory.stir() }
        clock.advance(by: MemoryRelease.quiet)
        #expect(await all.next() == 2)
        await sleeps(clock)
        clock.advance(by: MemoryRelease.quiet)
        #expect(await all.next() == 3)
        for _ in 0..<100 { await Task.yield() }
        #expect(clock.nextDeadline == nil, "with nobody there, nothing wakes")

        running.cancel()
        try await running.value
    }

    private func sleeps(_ clock: ManualClock) async {
        while clock.nextDeadline == nil { await Task.yield() }
    }
}
