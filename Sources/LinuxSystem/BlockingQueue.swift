public import Dispatch

/// A thread's worth of work that blocks (fsync, hashing, SQLite) or takes a processor for milliseconds (encoding), one
/// piece after the other, kept off Swift's own threads.
public final class BlockingQueue: Sendable {
    private let queue: DispatchQueue

    public init(label: String, qos: DispatchQoS = .utility) {
        queue = DispatchQueue(label: label, qos: qos)
    }

    /// Runs `body` when its turn comes. It is not interrupted by cancellation: half of a change is worth nothing.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
            queue.async { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }

    /// Runs `body` when its turn comes; nobody waits for it.
    public func enqueue(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }
}
