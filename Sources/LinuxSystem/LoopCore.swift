import CLinux
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What the thread of an `EventLoop` does, and what others leave for it.
final class LoopCore: Sendable {
    enum Job: Sendable {
        case actor(UnownedJob)
        case task(UnownedJob)
        case body(@Sendable () -> Void)
    }

    /// The end of a wait. Values and one reference: a frame's waits allocate nothing.
    private struct Timer {
        let id: Int
        let deadline: MonotonicInstant
        let wakeup: Wakeup
        let waiter: Int
    }

    private struct State {
        var jobs: [Job] = []
        /// By deadline, the latest first: what is due is at the end. A handful at most.
        var timers: [Timer] = []
        var lastTimer = 0
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
    private let leaping: LeapingTime?

    init(leaping: LeapingTime? = nil) throws(Errno) {
        self.leaping = leaping
        bell = Descriptor(adopting: try syscall { vitrine_eventfd() })
    }

    var now: MonotonicInstant { leaping?.now ?? MonotonicClock().now }

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
        // Nobody wakes it: only the deadline or the end of the task do.
        await Wakeup().wait(after: 0, until: deadline, clock: LoopClock(core: self))
        try Task.checkCancellation()
    }

    func endWait(_ waiter: Int, of wakeup: Wakeup, at deadline: MonotonicInstant) -> Int {
        let (id, mustRing) = state.withLock { state -> (Int, Bool) in
            state.lastTimer += 1
            let timer = Timer(id: state.lastTimer, deadline: deadline, wakeup: wakeup, waiter: waiter)
            let index = state.timers.firstIndex { $0.deadline < deadline } ?? state.timers.count
            state.timers.insert(timer, at: index)
            // One that is due later than the next changes nothing.
            return (timer.id, index == state.timers.count - 1 && Self.mustRing(&state))
        }
        if mustRing { ring() }
        return id
    }

    /// For tests.
    var pendingEnds: Int { state.withLock { $0.timers.count } }

    func keepOn(_ id: Int) {
        // The reference is let go of outside of the lock.
        _ = state.withLock { state -> Timer? in
            state.timers.firstIndex { $0.id == id }.map { state.timers.remove(at: $0) }
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
                guard let next = state.timers.last?.deadline, next <= now else { return nil }
                return state.timers.removeLast()
            }
            guard let due else { return }
            due.wakeup.giveUp(due.waiter)
        }
    }

    /// Waits for a descriptor or a moment; nil: for ever.
    private func wait(_ polled: inout [pollfd], until moment: MonotonicInstant?) {
        let distance = moment.map { max(0, $0.nanoseconds - now.nanoseconds) } ?? -1
        guard let leaping, let moment, distance > LeapingTime.grace else {
            _ = poll(&polled, for: distance)
            return
        }
        guard leaping.mayLeap else {
            _ = poll(&polled, for: min(distance, LeapingTime.look))
            return
        }
        if poll(&polled, for: LeapingTime.grace) == 0, leaping.mayLeap { leaping.leap(to: moment) }
    }

    /// How many descriptors are ready. A signal ends the wait, too, which does no harm.
    private func poll(_ polled: inout [pollfd], for nanoseconds: Int64) -> Int32? {
        let ready = vitrine_poll(&polled, UInt(polled.count), nanoseconds)
        guard ready < 0 else { return ready }
        for index in polled.indices { polled[index].revents = 0 }
        return nil
    }
}

extension DescriptorWatch {
    fileprivate var polled: pollfd {
        let events =
            switch readiness {
            case .readable: POLLIN
            case .writable: POLLOUT
            case .urgent: POLLPRI
            }
        return pollfd(fd: descriptor.rawValue, events: Int16(events), revents: 0)
    }
}
