import Synchronization

/// Lets tasks wait until something changed. What changed is the owner's state, under the owner's protection: read
/// `generation`, look at the state, and when it does not suit, wait for a later generation. No change is missed so.
public final class Wakeup: Sendable {
    /// Continuations are unsafe ones because checked ones allocate; each is resumed by whoever takes it out of `waiting`.
    private struct Waiter {
        let id: Int
        let continuation: UnsafeContinuation<Bool, Never>
    }

    private struct State {
        var generation = 0
        var nextID = 0
        /// A few at most.
        var waiting: [Waiter] = []
        var cancelledEarly: Set<Int> = []

        mutating func take(_ id: Int) -> UnsafeContinuation<Bool, Never>? { take { $0 == id } }

        mutating func take(where matches: (Int) -> Bool) -> UnsafeContinuation<Bool, Never>? {
            waiting.firstIndex { matches($0.id) }.map { waiting.remove(at: $0).continuation }
        }
    }

    private let state = Mutex(State())

    public init() {}

    public var generation: Int { state.withLock { $0.generation } }

    /// Says that something changed: all who wait go on.
    public func wake() {
        let newest = state.withLock { state in
            state.generation += 1
            return state.nextID
        }
        // One by one and outside of the lock, which a cancellation handler takes while it holds the task's own: to resume
        // takes that one, too. A copy of the list would be an allocation.
        while let continuation = state.withLock({ $0.take { $0 <= newest } }) { continuation.resume(returning: true) }
    }

    /// Returns `true` once there is a later generation than `seen`, `false` when the task is cancelled first.
    @discardableResult
    public func wait(after seen: Int) async -> Bool {
        await wait(after: seen) { _ in }
    }

    /// - Parameter begin: called with the waiter's number when the wait has begun.
    private func wait(after seen: Int, begin: (Int) -> Void) async -> Bool {
        let id = newWaiter()
        let woken = await withTaskCancellationHandler {
            await suspend(id, after: seen, begin: begin)
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.take(id)
                if continuation == nil { state.cancelledEarly.insert(id) }
                return continuation
            }
            continuation?.resume(returning: false)
        }
        state.withLock { state in
            if !state.cancelledEarly.isEmpty { state.cancelledEarly.remove(id) }
        }
        return woken
    }

    private func newWaiter() -> Int {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    private func suspend(_ id: Int, after seen: Int, begin: (Int) -> Void) async -> Bool {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
            let outcome: Bool? = state.withLock { state in
                if state.cancelledEarly.remove(id) != nil { return false }
                if state.generation > seen { return true }
                state.waiting.append(Waiter(id: id, continuation: continuation))
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) } else { begin(id) }
        }
    }

    /// The same for what has to be waited for whether the task is cancelled or not, such as an answer of the hardware.
    public func waitThrough(after seen: Int, until deadline: MonotonicInstant, clock: any BoardClock) async {
        guard deadline > clock.now else { return }
        guard let clock = clock as? LoopClock else {
            // A task of its own is not cancelled with ours.
            await Task { await self.wait(after: seen, until: deadline, clock: clock) }.value
            return
        }
        var end: Int?
        _ = await suspend(newWaiter(), after: seen) { id in end = clock.endWait(id, of: self, at: deadline) }
        if let end { clock.keepOn(end) }
    }

    /// The same with a deadline: returns at the change, at the deadline or when the task is cancelled, whichever is
    /// first. Whoever called looks at the state and at the clock.
    public func wait(after seen: Int, until deadline: MonotonicInstant?, clock: any BoardClock) async {
        guard let deadline else {
            await wait(after: seen)
            return
        }
        guard deadline > clock.now else { return }
        if let clock = clock as? LoopClock {
            var end: Int?
            _ = await wait(after: seen) { id in end = clock.endWait(id, of: self, at: deadline) }
            if let end { clock.keepOn(end) }
            return
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(after: seen) }
            // Cancelled when the change comes first: nothing to tell.
            group.addTask { try? await clock.sleep(until: deadline, tolerance: nil) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends one wait, if it has not ended.
    func giveUp(_ id: Int) {
        state.withLock { $0.take(id) }?.resume(returning: false)
    }
}
