package import Dispatch

/// A thread's worth of blocking work (fsync, hashing, SQLite), one piece after the other, kept off Swift's own threads.
package final class FileQueue: Sendable {
    private let queue: DispatchQueue

    package init(label: String, qos: DispatchQoS = .utility) {
        queue = DispatchQueue(label: label, qos: qos)
    }

    /// Runs `body` when its turn comes. It is not interrupted by cancellation: half of a change is worth nothing.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(MediaFault) -> Value
    ) async throws(MediaFault) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, MediaFault>, Never>) in
            queue.async { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }
}
