import Synchronization

/// Lets tasks wait until something changed. What changed is the owner's state, under the owner's lock: read
/// `generation`, look at the state, and when it does not suit, wait for a later generation. No change is missed so.
final class Wakeup: Sendable {
    private struct State {
        var generation = 0
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var cancelledEarly: Set<Int> = []
    }

    private let state = Mutex(State())

    var generation: Int { state.withLock { $0.generation } }

    func wake() {
        let woken = state.withLock { state in
            state.generation += 1
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for continuation in woken { continuation.resume(returning: true) }
    }

    /// Returns `true` once there is a later generation than `seen`, `false` when the task is cancelled first.
    func wait(after seen: Int) async -> Bool {
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
                if let outcome { continuation.resume(returning: outcome) }
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
}
