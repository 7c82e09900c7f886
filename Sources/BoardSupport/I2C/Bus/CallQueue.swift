import Dispatch
import LinuxSystem
import Synchronization
import SystemPackage

/// Calls that block, one after the other on a thread of their own, each waited for no longer than its limit.
///
/// A call inside the kernel cannot be taken back. While one is overdue, later ones fail at once instead of standing in line.
final class CallQueue: Sendable {
    private let queue: DispatchQueue
    private let clock: any BoardClock
    /// Calls that nobody waits for any more and that have not come back.
    private let overdue = Mutex(0)

    init(label: String, clock: any BoardClock) {
        queue = DispatchQueue(label: label, qos: .utility)
        self.clock = clock
    }

    func run<Value: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable () -> Result<Value, Errno>
    ) async -> Result<Value, Errno> {
        if overdue.withLock({ $0 > 0 }) { return .failure(.timedOut) }
        let answer = FirstAnswer<Result<Value, Errno>>()
        queue.async {
            if !answer.give(body()) { self.overdue.withLock { $0 -= 1 } }
        }
        let limit = Task { [clock] in
            do {
                try await clock.sleep(until: clock.now.advanced(by: limit), tolerance: nil)
                // Counted before it is said, so that nobody who heard of it stands in line.
                self.overdue.withLock { $0 += 1 }
                if !answer.give(.failure(.timedOut)) { self.overdue.withLock { $0 -= 1 } }
            } catch {
                // The answer was there first.
            }
        }
        defer { limit.cancel() }
        return await answer.value
    }
}

/// The first of several answers to one who waits.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
        case taken
    }

    private let state = Mutex(State.open)

    /// Whether it was the first.
    func give(_ value: Value) -> Bool {
        let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .open:
                state = .given(value)
                return (true, nil)
            case .awaited(let continuation):
                state = .taken
                return (true, continuation)
            case .given, .taken: return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isFirst
    }

    /// Asked for once.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let given = state.withLock { state -> Value? in
                    guard case .given(let value) = state else {
                        state = .awaited(continuation)
                        return nil
                    }
                    state = .taken
                    return value
                }
                if let given { continuation.resume(returning: given) }
            }
        }
    }
}
