import Synchronization

/// A value that changes, told to any number of listeners. Each gets the latest value at once, then every change; a slow
/// listener skips to the latest.
public final class Announcements<Value: Sendable>: Sendable {
    private struct State {
        var latest: Value?
        var nextID = 0
        var listeners: [Int: AsyncStream<Value>.Continuation] = [:]
        var isFinished = false
    }

    private let state: Mutex<State>
    /// Taken by who announces, so that two announcements reach everybody in one order. Not `state`: a listener's end takes
    /// that one inside its task's cancellation handler, and to yield may take the task's own lock.
    private let order = Mutex(())

    public init(_ initial: Value? = nil) { state = Mutex(State(latest: initial)) }

    public var latest: Value? { state.withLock { $0.latest } }

    /// How many listen now.
    public var listenerCount: Int { state.withLock { $0.listeners.count } }

    public func announce(_ value: Value) {
        order.withLock { _ in
            let listeners = state.withLock { state in
                state.latest = value
                return Array(state.listeners.values)
            }
            for listener in listeners { listener.yield(value) }
        }
    }

    /// Ends all streams, those of later listeners too.
    public func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.listeners.values.map { $0 }
        }
        for listener in listeners { listener.finish() }
    }

    /// A stream for one listener; it ends with `finish()`, or when the listener lets go of it.
    public func listen() -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
        let (id, isFinished) = state.withLock { state in
            state.nextID += 1
            if !state.isFinished { state.listeners[state.nextID] = continuation }
            if let latest = state.latest { continuation.yield(latest) }
            return (state.nextID, state.isFinished)
        }
        if isFinished { continuation.finish() }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }
}
