import Testing

@testable import LinuxSystem

@Suite(.timeLimit(.minutes(1))) struct LeapingTimeTests {
    let time = LeapingTime()
    let loop: EventLoop

    init() throws { loop = try EventLoop(name: "test", leaping: time) }

    @Test func aDayPassesAtOnceAndNobodyWakesEarlyOrOutOfTurn() async throws {
        let clock = loop.clock
        let real = MonotonicClock().now
        let start = clock.now
        let woken = try await withTaskExecutorPreference(loop.tasks) {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in [24, 1, 12] {
                    group.addTask {
                        let deadline = start.advanced(by: .seconds(3_600 * number))
                        try await clock.sleep(until: deadline, tolerance: nil)
                        // What lies between is leapt over; only the work of waking goes by on top.
                        #expect(clock.now >= deadline)
                        #expect(clock.now < deadline.advanced(by: .seconds(60)))
                        return number
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(woken == [1, 12, 24])
        #expect(time.skipped > .seconds(86_000))
        #expect(real.duration(to: MonotonicClock().now) < .seconds(3_600))
    }

    @Test func timeGoesByAsItDoesWhileSomebodyIsAtWork() async throws {
        let looks = Announcements(0)
        let skipped = Announcements<Duration>()
        time.require { [time] in
            let count = (looks.latest ?? 0) + 1
            looks.announce(count)
            skipped.announce(time.skipped)
            // It is looked again and again; only then the work is over.
            return count > 20
        }
        let clock = loop.clock
        try await clock.sleep(until: clock.now.advanced(by: .seconds(3_600)), tolerance: nil)
        #expect(looks.latest ?? 0 > 20)
        #expect(skipped.latest == .zero)
        #expect(time.skipped > .seconds(3_500))
    }

    @Test func workThatBlocksIsWaitedFor() async throws {
        let clock = loop.clock
        let start = clock.now
        let queue = BlockingQueue(label: "test")
        let (skipped, answer) = try await withTaskExecutorPreference(loop.tasks) { [time] in
            async let sleeper: Void = clock.sleep(until: start.advanced(by: .seconds(3_600)), tolerance: nil)
            let answer = await queue.run { () -> Duration in
                // Long enough for many leaps.
                MonotonicClock().blockThread(until: MonotonicClock().now.advanced(by: .milliseconds(20)))
                return time.skipped
            }
            try await sleeper
            return (time.skipped, answer)
        }
        #expect(answer < .seconds(3_600))
        #expect(skipped > .seconds(3_500))
    }
}
