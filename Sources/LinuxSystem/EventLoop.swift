import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One thread that runs tasks and actors, timers and the events of descriptors, one after the other.
///
/// What talks to each other many times for each frame lives here: a hop between two parts is then an entry in a list, not
/// a wake-up of a thread, and a frame costs the daemon one `ppoll` for its time and one for its packet. Nothing here may
/// block; `BlockingQueue` and `QueueExecutor` are for that.
///
/// The thread ends when the last reference to the loop goes.
public final class EventLoop: Sendable {
    /// For actors that live on the loop: `unownedExecutor`.
    public let actors: any SerialExecutor
    /// For tasks that run on the loop with their child tasks: `withTaskExecutorPreference`.
    public let tasks: any TaskExecutor
    /// CLOCK_MONOTONIC, or the time that leaps; who sleeps by it wakes on the loop's thread.
    public var clock: LoopClock { LoopClock(core: core) }

    let core: LoopCore

    /// - Parameters:
    ///   - name: of the thread, at most 15 bytes.
    ///   - leaping: the time that goes by here instead of the kernel's.
    /// - Throws: what the kernel refused: a descriptor or a thread.
    public init(name: String, leaping: LeapingTime? = nil) throws(Errno) {
        core = try LoopCore(leaping: leaping)
        let (actors, tasks) = (LoopActors(core: core), LoopTasks(core: core))
        self.actors = actors
        self.tasks = tasks
        // The thread keeps the executors until it ends: the runtime does not retain them.
        try DetachedThread.start(named: name) { [core] in core.work(actors, tasks) }
    }

    deinit { core.stop() }

    /// Runs a body on the loop, soon and in order.
    public func run(_ body: @escaping @Sendable () -> Void) { core.enqueue(.body(body)) }

    /// Calls `handler` on the loop whenever a descriptor is ready, until the watch is cancelled. The descriptor is kept
    /// open as long as it is watched.
    public func watch(
        _ descriptor: Descriptor, for readiness: Readiness, handler: @escaping @Sendable () -> Void
    ) -> DescriptorWatch {
        let watch = DescriptorWatch(core: core, descriptor: descriptor, readiness: readiness, handler: handler)
        core.add(watch)
        return watch
    }

    public enum Readiness: Sendable {
        /// There is something to read, or the other end is gone.
        case readable
        case writable
        /// The kernel has something to tell (POLLPRI), such as pressure.
        case urgent
    }
}

/// A descriptor that a loop watches.
public final class DescriptorWatch: Sendable {
    let descriptor: Descriptor
    let readiness: EventLoop.Readiness
    let handler: @Sendable () -> Void
    private let core: LoopCore
    private let cancelled = Atomic<Bool>(false)

    init(
        core: LoopCore, descriptor: Descriptor, readiness: EventLoop.Readiness, handler: @escaping @Sendable () -> Void
    ) {
        self.core = core
        self.descriptor = descriptor
        self.readiness = readiness
        self.handler = handler
    }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// The handler is not called any more once this returns on the loop; elsewhere, soon after.
    public func cancel() {
        guard !cancelled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        core.remove(self)
    }
}

/// CLOCK_MONOTONIC, with sleeps that end on a loop's thread.
public struct LoopClock: BoardClock {
    let core: LoopCore

    public var now: MonotonicInstant { core.now }
    public var minimumResolution: Duration { .nanoseconds(1) }

    public func sleep(until deadline: MonotonicInstant, tolerance: Duration?) async throws {
        try await core.sleep(until: deadline)
    }

    /// Ends a wait at a moment, or soon when that has passed, unless `keepOn` takes that back: without a task or an
    /// allocation.
    ///
    /// - Returns: what `keepOn` is to be given.
    func endWait(_ waiter: Int, of wakeup: Wakeup, at moment: MonotonicInstant) -> Int {
        core.endWait(waiter, of: wakeup, at: moment)
    }

    /// Takes an end back; a late call does nothing.
    func keepOn(_ end: Int) { core.keepOn(end) }
}

final class LoopActors: SerialExecutor {
    private let core: LoopCore
    init(core: LoopCore) { self.core = core }
    func enqueue(_ job: consuming ExecutorJob) { core.enqueue(.actor(UnownedJob(job))) }
    func checkIsolated() { precondition(core.isOnThread, "not on the thread of the event loop") }
}

final class LoopTasks: TaskExecutor {
    private let core: LoopCore
    init(core: LoopCore) { self.core = core }
    func enqueue(_ job: consuming ExecutorJob) { core.enqueue(.task(UnownedJob(job))) }
}
