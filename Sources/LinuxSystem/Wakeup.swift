import Synchronization

/// Lets tasks wait until something changed. What changed is the owner's state, under the owner's protection: read
/// `generation`, look at the state, and when it does not suit, wait for a later generation. No change is missed so.
public final class Wakeup: Sendable {
    private struct State {
        var generation = 0
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var cancelledEarly: Set<Int> = []
    }

    private let state = Mutex(State())

    public init() {}

    public var generation: Int { state.withLock { $0.generation } }

    /// Says that something changed: all who wait go on.
    public func wake() {
        let woken = state.withLock { state in
            state.generation += 1
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for continuation in woken { continuation.resume(returning: true) }
    }

    /// Returns `true` once there is a later generation than `seen`, `false` when the task is cancelled first.
    @discardableResult
    public func wait(after seen: Int) async -> Bool {
        await wait(after: seen) { _ in }
    }

    /// - Parameter begin: called with the waiter's number when the wait has begun.
    private func wait(after seen: Int, begin: (Int) -> Void) async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let woken = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let outcome: Bool? = state.withLock { state in
                    if state.cancelledEarly.remove(id) != nil { return false }
                    if state.generation > seen { return true }
                    state.waiting[id] = continuation
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) } else { begin(id) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: id)
                if continuation == nil { state.cancelledEarly.insert(id) }
                return continuation
            }
            continuation?.resume(returning: false)
        }
        state.withLock { _ = $0.cancelledEarly.remove(id) }
        return woken
    }

    /// The same with a deadline: returns at the change, at the deadline or when the task is cancelled, whichever is
    /// first. Whoever called looks at the state and at the clock.
    public func wait(after seen: Int, until deadline: MonotonicInstant?, clock: any BoardClock) async {
        guard let deadline else {
            await wait(after: seen)
            return
        }
        guard deadline > clock.now else { return }
        if let clock = clock as? any CallingClock {
            var call: ClockCall?
            _ = await wait(after: seen) { id in call = clock.call(at: deadline) { self.giveUp(id) } }
            call?.cancel()
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

    private func giveUp(_ id: Int) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: false)
    }
}
