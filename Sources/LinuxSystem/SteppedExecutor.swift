import Dispatch
import Synchronization

/// Runs tasks one after the other in the time of a manual clock: time moves on only when none of them has anything left
/// to do. An hour of many tasks that wait for each other passes in the same order every time.
///
/// A task takes part when it is made with `Task(executorPreference:)`, and so do its child tasks; what they start
/// otherwise (dispatch queues, unstructured tasks) runs elsewhere and is not waited for.
public final class SteppedExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var first = 0
    }

    public let clock: ManualClock
    private let state = Mutex(State())
    /// All jobs run here, so that none is nested in the task that asks for time to pass.
    private let queue = DispatchQueue(label: "vitrine.stepped")

    public init(clock: ManualClock = ManualClock()) { self.clock = clock }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    /// Runs whatever can run now, until nothing can.
    public func settle() async {
        await onQueue { self.drain() }
    }

    /// Lets time pass, stopping at every moment that somebody sleeps until.
    public func advance(by duration: Duration) async {
        await onQueue {
            let end = self.clock.now.advanced(by: duration)
            self.drain()
            while let deadline = self.clock.nextDeadline, deadline <= end {
                self.clock.advance(to: deadline)
                self.drain()
            }
            self.clock.advance(to: end)
            self.drain()
        }
    }

    /// Lets time pass until something is true, but no longer than this. Returns whether it became true.
    public func advance(
        atMost duration: Duration, until condition: @escaping @Sendable () -> Bool
    ) async -> Bool {
        await onQueue {
            let end = self.clock.now.advanced(by: duration)
            self.drain()
            while !condition() {
                guard let deadline = self.clock.nextDeadline, deadline <= end else { return false }
                self.clock.advance(to: deadline)
                self.drain()
            }
            return true
        }
    }

    /// What a task returns that needs no time to pass; runs whatever can run until then.
    public func value<Success: Sendable>(of task: Task<Success, any Error>) async throws -> Success {
        try await withThrowingTaskGroup(of: Success?.self) { group in
            group.addTask { try await task.value }
            group.addTask {
                while !Task.isCancelled { await self.settle() }
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let finished { return finished }
            }
            throw CancellationError()
        }
    }

    /// Runs a body with its child tasks, and lets time pass whenever all of them wait, until it returns.
    public func run<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask(executorPreference: self) { try await body() }
            group.addTask {
                while !Task.isCancelled { await self.step() }
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let finished { return finished }
            }
            throw CancellationError()
        }
    }

    /// Runs what can run, and moves time on to the next moment that somebody sleeps until.
    private func step() async {
        await onQueue {
            self.drain()
            guard let deadline = self.clock.nextDeadline else { return }
            self.clock.advance(to: deadline)
            self.drain()
        }
    }

    private func onQueue<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }

    private func drain() {
        while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        state.withLock { state in
            guard state.first < state.jobs.count else {
                state.jobs.removeAll(keepingCapacity: true)
                state.first = 0
                return nil
            }
            defer { state.first += 1 }
            return state.jobs[state.first]
        }
    }
}
