import Synchronization

/// Tells any number of listeners that something changed. Changes that a listener has not taken yet are one.
package final class ChangeSignal: Sendable {
    private struct State {
        var next = 0
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    deinit {
        for listener in state.withLock({ $0.listeners.values }) { listener.finish() }
    }

    package func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: key) }
        }
        return stream
    }

    package func raise() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }
}
