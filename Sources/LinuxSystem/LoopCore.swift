import CLinux
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Keeps itself and the executors until it ends: the runtime does not retain executors.
final class LoopThread: Sendable {
    private let name: String
    private let core: LoopCore
    private let actors: LoopActors
    private let tasks: LoopTasks

    init(name: String, core: LoopCore, actors: LoopActors, tasks: LoopTasks) {
        self.name = name
        self.core = core
        self.actors = actors
        self.tasks = tasks
    }

    func start() throws(Errno) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let this = Unmanaged<LoopThread>.fromOpaque(context).takeRetainedValue()
                vitrine_name_thread(this.name)
                this.core.work(this.actors, this.tasks)
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw Errno(rawValue: code)
        }
        pthread_detach(thread)
    }
}

/// What the thread of an `EventLoop` does, and what others leave for it.
final class LoopCore: Sendable {
    enum Job: Sendable {
        case actor(UnownedJob)
        case task(UnownedJob)
        case body(@Sendable () -> Void)
    }

    private struct Timer {
        let id: Int
        let deadline: MonotonicInstant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var jobs: [Job] = []
        /// By deadline, the latest first: what is due is at the end. A handful at most.
        var timers: [Timer] = []
        var lastTimer = 0
        var cancelledEarly: Set<Int> = []
        var watches: [DescriptorWatch] = []
        var watchesChanged = false
        /// The thread waits in the kernel, or is about to.
        var isAsleep = false
        var isStopped = false
        var thread: pthread_t?
    }

    /// Jobs that are run before descriptors are looked at again.
    private static let longestBurst = 16

    private let state = Mutex(State())
    /// Wakes the thread.
    private let bell: Descriptor

    init() throws(Errno) {
        bell = Descriptor(adopting: try syscall { vitrine_eventfd() })
    }

    var isOnThread: Bool { state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false } }

    func stop() {
        if state.withLock({ state in
            state.isStopped = true
            return Self.mustRing(&state)
        }) {
            ring()
        }
    }

    // MARK: From any thread

    func enqueue(_ job: Job) {
        if state.withLock({ state in
            state.jobs.append(job)
            return Self.mustRing(&state)
        }) {
            ring()
        }
    }

    func add(_ watch: DescriptorWatch) { changeWatches { $0.append(watch) } }
    func remove(_ watch: DescriptorWatch) { changeWatches { $0.removeAll { $0 === watch } } }

    private func changeWatches(_ change: (inout [DescriptorWatch]) -> Void) {
        if state.withLock({ state in
            change(&state.watches)
            state.watchesChanged = true
            return Self.mustRing(&state)
        }) {
            ring()
        }
    }

    func sleep(until deadline: MonotonicInstant) async throws {
        try Task.checkCancellation()
        guard deadline > MonotonicClock().now else { return }
        let id = state.withLock { state in
            state.lastTimer += 1
            return state.lastTimer
        }
        defer { state.withLock { _ = $0.cancelledEarly.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                add(Timer(id: id, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            let timer = state.withLock { state -> Timer? in
                guard let index = state.timers.firstIndex(where: { $0.id == id }) else {
                    state.cancelledEarly.insert(id)
                    return nil
                }
                return state.timers.remove(at: index)
            }
            timer?.continuation.resume(throwing: CancellationError())
        }
    }

    private func add(_ timer: Timer) {
        enum Outcome { case cancelled, ring, nothing }
        let outcome = state.withLock { state -> Outcome in
            if state.cancelledEarly.contains(timer.id) { return .cancelled }
            let index = state.timers.firstIndex { $0.deadline < timer.deadline } ?? state.timers.count
            state.timers.insert(timer, at: index)
            // One that is due later than the next changes nothing.
            guard index == state.timers.count - 1 else { return .nothing }
            return Self.mustRing(&state) ? .ring : .nothing
        }
        switch outcome {
        case .cancelled: timer.continuation.resume(throwing: CancellationError())
        case .ring: ring()
        case .nothing: break
        }
    }

    /// Whether the thread sleeps and nobody has rung yet.
    private static func mustRing(_ state: inout State) -> Bool {
        defer { state.isAsleep = false }
        return state.isAsleep
    }

    private func ring() {
        var one: UInt64 = 1
        // Fails only when the counter is full, and then the thread is awake.
        _ = write(bell.rawValue, &one, MemoryLayout.size(ofValue: one))
    }

    // MARK: On the thread

    func work(_ actors: LoopActors, _ tasks: LoopTasks) {
        state.withLock { $0.thread = pthread_self() }
        var jobs: [Job] = []
        var watches: [DescriptorWatch] = []
        var polled = [pollfd(fd: bell.rawValue, events: Int16(POLLIN), revents: 0)]
        var burst = 0
        while true {
            runDueTimers()
            jobs.removeAll(keepingCapacity: true)
            let (isStopped, isIdle, next) = state.withLock { state -> (Bool, Bool, MonotonicInstant?) in
                swap(&jobs, &state.jobs)
                if state.watchesChanged {
                    state.watchesChanged = false
                    watches = state.watches
                    polled.removeLast(polled.count - 1)
                    for watch in watches { polled.append(watch.polled) }
                }
                state.isAsleep = jobs.isEmpty && !state.isStopped
                return (state.isStopped, jobs.isEmpty, state.timers.last?.deadline)
            }
            for job in jobs {
                switch job {
                case .actor(let job): job.runSynchronously(on: actors.asUnownedSerialExecutor())
                case .task(let job): job.runSynchronously(on: tasks.asUnownedTaskExecutor())
                case .body(let body): body()
                }
            }
            // What was enqueued before the end still runs: a job that never ran would leak its task.
            if isStopped && isIdle { return }
            burst = isIdle ? 0 : burst + 1
            if !isIdle, burst < Self.longestBurst { continue }
            burst = 0
            wait(&polled, until: isIdle ? next : MonotonicInstant(nanoseconds: 0))
            state.withLock { $0.isAsleep = false }
            if polled[0].revents != 0 {
                var count: UInt64 = 0
                _ = read(bell.rawValue, &count, MemoryLayout.size(ofValue: count))
            }
            for (watch, entry) in zip(watches, polled.dropFirst()) where entry.revents != 0 && !watch.isCancelled {
                watch.handler()
            }
        }
    }

    private func runDueTimers() {
        while true {
            let due = state.withLock { state -> Timer? in
                guard let last = state.timers.last, last.deadline <= MonotonicClock().now else { return nil }
                return state.timers.removeLast()
            }
            guard let due else { return }
            due.continuation.resume()
        }
    }

    /// Waits for a descriptor or a moment; nil: for ever. A signal ends the wait, too, which does no harm.
    private func wait(_ polled: inout [pollfd], until moment: MonotonicInstant?) {
        let distance = moment.map { max(0, $0.nanoseconds - MonotonicClock().now.nanoseconds) } ?? -1
        let ready = vitrine_poll(&polled, UInt(polled.count), distance)
        guard ready < 0 else { return }
        for index in polled.indices { polled[index].revents = 0 }
    }
}

extension DescriptorWatch {
    fileprivate var polled: pollfd {
        pollfd(fd: descriptor.rawValue, events: Int16(readiness == .readable ? POLLIN : POLLOUT), revents: 0)
    }
}
