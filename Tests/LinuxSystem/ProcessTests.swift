import SystemPackage
import Testing

@testable import LinuxSystem

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct KernelTableTests {
    let table = KernelTable(
        "Name:\tvitrine\nThreads:\t7\nVmRSS:\t    1234 kB\nOdd line\nHuge: 9223372036854775807 kB\n")

    @Test func readsNumbersAndBytes() {
        #expect(table.number("Threads") == 7)
        #expect(table.bytes("VmRSS") == 1_234 * 1_024)
    }

    @Test func readsNothingElse() {
        #expect(table.number("Name") == nil)
        #expect(table.number("Missing") == nil)
        #expect(table.bytes("Threads") == nil)
        #expect(table.bytes("Huge") == nil)
    }
}

@Suite struct ProcessMemoryTests {
    @Test func readsWhatTheKernelSays() {
        let memory = ProcessMemory(
            processID: 5, status: "VmRSS:\t 2000 kB\nThreads:\t3\n",
            rollup: "00400000-7fff [rollup]\nRss: 2000 kB\nPss: 1500 kB\nPss_Shmem: 500 kB\n")
        #expect(
            memory
                == ProcessMemory(
                    processID: 5, resident: 2_048_000, proportional: 1_536_000, proportionalShared: 512_000,
                    threads: 3))
    }

    @Test func readsThisProcess() throws {
        let memory = try ProcessMemory(processID: getpid())
        #expect(memory.resident > 1 << 20)
        #expect(memory.threads >= 1)
        let proportional = try #require(memory.proportional)
        #expect(proportional > 0)
        #expect(try #require(memory.proportionalShared) <= proportional)
    }

    @Test func aProcessThatWentIsAnError() {
        #expect(throws: Errno.noSuchFileOrDirectory) { try ProcessMemory(processID: Int32.max) }
    }
}

@Suite struct ProcessHandleTests {
    @Test func reachesAProcess() throws {
        let handle = try ProcessHandle(processID: getpid())
        // Signal 0 only asks.
        try handle.send(signal: 0)
    }

    @Test func needsAProcess() {
        #expect(throws: Errno.self) { try ProcessHandle(processID: Int32.max) }
    }
}

@Suite struct UnixAddressTests {
    @Test(arguments: ["", "@", "name", "@a\0b", "/" + String(repeating: "a", count: 107)])
    func refuses(text: String) { #expect(UnixAddress(text) == nil) }

    @Test(arguments: ["@name", "/run/systemd/notify", "/" + String(repeating: "a", count: 106)])
    func takes(text: String) { #expect(UnixAddress(text) != nil) }
}

@Suite struct ManualClockTests {
    @Test(.timeLimit(.minutes(1))) func wakesInOrder() async throws {
        let clock = ManualClock()
        let start = clock.now
        let (woken, report) = AsyncStream<Int>.makeStream()
        for seconds in [3, 1, 2] {
            Task {
                try await clock.sleep(until: start.advanced(by: .seconds(seconds)), tolerance: nil)
                report.yield(seconds)
            }
        }
        var order: [Int] = []
        var iterator = woken.makeAsyncIterator()
        for expected in 1...3 {
            while clock.nextDeadline != start.advanced(by: .seconds(expected)) { await Task.yield() }
            clock.advance(by: .seconds(1))
            if let seconds = await iterator.next() { order.append(seconds) }
        }
        #expect(order == [1, 2, 3])
        #expect(clock.nextDeadline == nil)
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledSleeperIsForgotten() async {
        let clock = ManualClock()
        let task = Task { try await clock.sleep(until: clock.now.advanced(by: .seconds(1)), tolerance: nil) }
        while clock.nextDeadline == nil { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.nextDeadline == nil)
    }

    @Test func neverGoesBack() {
        let clock = ManualClock()
        let now = clock.now
        clock.advance(to: MonotonicInstant(nanoseconds: 0))
        #expect(clock.now == now)
    }

    @Test func theRealOneMoves() async throws {
        let clock = MonotonicClock()
        let start = clock.now
        try await clock.sleep(until: start.advanced(by: .milliseconds(1)), tolerance: nil)
        #expect(start.duration(to: clock.now) >= .milliseconds(1))
    }
}
