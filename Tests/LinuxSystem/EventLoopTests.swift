import Testing

@testable import LinuxSystem

#if canImport(Glibc)
    import Glibc
#endif

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
    let loop: EventLoop

    init() throws { loop = try EventLoop(name: "test") }

    private actor Resident {
        private let loop: EventLoop
        private(set) var count = 0
        init(_ loop: EventLoop) { self.loop = loop }
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.actors.asUnownedSerialExecutor() }
        func visit() -> UInt { count += 1; return pthread_self() }
        nonisolated func visitSoon(then done: @escaping @Sendable () -> Void) {
            loop.run {
                self.assumeIsolated { $0.count += 1 }
                done()
            }
        }
    }

    @Test func tasksActorsAndTheirSleepsShareOneThread() async throws {
        let resident = Resident(loop)
        let threads = try await withTaskExecutorPreference(loop.tasks) { [loop] in
            var threads: Set<UInt> = [pthread_self()]
            threads.insert(await resident.visit())
            try await loop.clock.sleep(until: loop.clock.now.advanced(by: .milliseconds(1)), tolerance: nil)
            threads.insert(pthread_self())
            await withTaskGroup(of: UInt.self) { group in
                for _ in 0..<20 { group.addTask { pthread_self() } }
                for await thread in group { threads.insert(thread) }
            }
            return threads
        }
        #expect(threads.count == 1)
        #expect(!threads.contains(pthread_self()))
    }

    @Test func bodiesAreInsideTheActorsThatLiveThere() async {
        let resident = Resident(loop)
        await withCheckedContinuation { continuation in resident.visitSoon { continuation.resume() } }
        #expect(await resident.count == 1)
    }

    @Test func sleepersWakeInTheOrderOfTheirDeadlinesAndNotBefore() async throws {
        let clock = loop.clock
        let start = clock.now
        let woken = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in [3, 1, 2] {
                group.addTask {
                    let deadline = start.advanced(by: .milliseconds(20 * number))
                    try await clock.sleep(until: deadline, tolerance: nil)
                    #expect(clock.now >= deadline)
                    return number
                }
            }
            var woken: [Int] = []
            for try await number in group { woken.append(number) }
            return woken
        }
        #expect(woken == [1, 2, 3])
    }

    @Test func aCancelledSleepEndsAtOnce() async {
        let clock = loop.clock
        for _ in 0..<200 {
            let sleeper = Task { try await clock.sleep(until: clock.now.advanced(by: .seconds(3_600)), tolerance: nil) }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }

    @Test func aWaitEndsAtTheChangeOrAtTheDeadlineAndLeavesNoTimerBehind() async {
        let clock = loop.clock
        let wakeup = Wakeup()
        let hour = clock.now.advanced(by: .seconds(3_600))
        for round in 0..<200 {
            async let waiting: Void = wakeup.wait(after: round, until: hour, clock: clock)
            wakeup.wake()
            await waiting
        }
        let soon = clock.now.advanced(by: .milliseconds(2))
        await wakeup.wait(after: wakeup.generation, until: soon, clock: clock)
        #expect(clock.now >= soon)
        let seen = wakeup.generation
        let cancelled = Task { await wakeup.wait(after: seen, until: hour, clock: clock) }
        cancelled.cancel()
        await cancelled.value
        #expect(clock.core.pendingEnds == 0)
    }

    @Test func aDescriptorIsWatchedUntilItsWatchIsCancelled() async throws {
        let ends = try PacketSocket.pair()
        let (events, heard) = AsyncStream.makeStream(of: Void.self)
        let watch = loop.watch(ends.nonblocking.descriptor, for: .readable) { heard.yield() }
        #expect(try ends.blocking.send([1]))
        var iterator = events.makeAsyncIterator()
        await iterator.next()
        watch.cancel()
        await withCheckedContinuation { continuation in loop.run { continuation.resume() } }
        heard.finish()
        while await iterator.next() != nil {}
        #expect(try ends.blocking.send([2]))
    }

    @Test func thousandsOfHopsFromManyThreadsAllArrive() async {
        let resident = Resident(loop)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1_000 { _ = await resident.visit() } } }
        }
        #expect(await resident.count == 8_000)
    }
}
