import LinuxSystem
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import MemoryMonitor

@Suite struct MemoryMonitorTests {
    /// What the machine has, as the test says.
    final class Machine: Sendable {
        private let state = Mutex((available: 300 << 20, reads: 0, isUnreadable: false))

        var reads: Int { state.withLock { $0.reads } }
        func set(_ megabytes: Int) { state.withLock { $0.available = megabytes << 20 } }
        func setUnreadable(_ isUnreadable: Bool) { state.withLock { $0.isUnreadable = isUnreadable } }

        func read() throws(MemoryReaderError) -> MemoryReading {
            let (available, isUnreadable) = state.withLock { state in
                state.reads += 1
                return (state.available, state.isUnreadable)
            }
            if isUnreadable { throw .incomplete("/proc/meminfo") }
            return MemoryReading(available: available, total: 426 << 20)
        }
    }

    private let executor = SteppedExecutor()
    private let machine = Machine()

    private func started() async -> (MemoryMonitor, Task<Void, any Error>) {
        let machine = machine
        let monitor = MemoryMonitor(
            clock: executor.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { () throws(MemoryReaderError) in try machine.read() }
        let task = Task(executorPreference: executor) { try await monitor.run() }
        await executor.settle()
        return (monitor, task)
    }

    private func end(_ task: Task<Void, any Error>) async throws {
        task.cancel()
        try await executor.value(of: task)
        #expect(executor.clock.nextDeadline == nil)
    }

    @Test func itReadsOnceASecondAndTellsWithinOne() async throws {
        let (monitor, task) = await started()
        #expect(monitor.current?.level == .normal)
        #expect(machine.reads == 1)
        await executor.advance(by: .seconds(10))
        #expect(machine.reads == 11)
        machine.set(100)
        await executor.advance(by: .seconds(1))
        #expect(monitor.current?.level == .low)
        machine.set(30)
        await executor.advance(by: .milliseconds(250))
        #expect(monitor.current?.level == .critical)
        machine.set(300)
        await executor.advance(by: .seconds(5))
        #expect(monitor.current?.level == .normal)
        try await end(task)
    }

    @Test func levelsAreToldWhenTheyChange() async throws {
        let (monitor, task) = await started()
        let told = Mutex<[MemoryLevel]>([])
        let listening = Task(executorPreference: executor) {
            for await level in monitor.levels() { told.withLock { $0.append(level) } }
        }
        await executor.advance(by: .seconds(5))
        machine.set(100)
        await executor.advance(by: .seconds(5))
        machine.set(30)
        await executor.advance(by: .seconds(5))
        #expect(told.withLock { $0 } == [.normal, .low, .critical])
        listening.cancel()
        try await end(task)
    }

    @Test func aSimulationActsAtOnceAndEnds() async throws {
        let (monitor, task) = await started()
        monitor.simulate(available: 10 << 20, for: .seconds(20))
        await executor.settle()
        #expect(monitor.current?.level == .critical)
        #expect(monitor.current?.reading.available == 10 << 20)
        await executor.advance(by: .seconds(19))
        #expect(monitor.current?.level == .critical)
        await executor.advance(by: .seconds(6))
        #expect(monitor.current?.level == .normal)
        monitor.simulate(available: 10 << 20, for: .seconds(20))
        await executor.settle()
        monitor.stopSimulating()
        await executor.advance(by: .seconds(5))
        #expect(monitor.current?.level == .normal)
        // Nobody has more for it.
        monitor.simulate(available: 900 << 20, for: .seconds(20))
        await executor.settle()
        #expect(monitor.current?.reading.available == 300 << 20)
        try await end(task)
    }

    @Test func whatCannotBeReadLeavesWhatWas() async throws {
        let (monitor, task) = await started()
        machine.setUnreadable(true)
        await executor.advance(by: .seconds(5))
        #expect(monitor.current?.level == .normal)
        machine.setUnreadable(false)
        machine.set(100)
        await executor.advance(by: .seconds(1))
        #expect(monitor.current?.level == .low)
        try await end(task)
    }

    /// Of this kernel either: it tells of pressure, or says why not.
    @Test func theKernelTakesATriggerOrSaysWhyNot() throws {
        do throws(Errno) {
            let trigger = try PressureTrigger()
            #expect(trigger.descriptor.rawValue >= 0)
        } catch {
            #expect(
                [
                    .noSuchFileOrDirectory, .permissionDenied, .notPermitted, .notSupported, .invalidArgument,
                    .readOnlyFileSystem,
                ]
                .contains(error))
        }
    }
}
