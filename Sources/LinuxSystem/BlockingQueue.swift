public import Dispatch
import Synchronization

/// A thread's worth of work that blocks (fsync, hashing, SQLite) or takes a processor for milliseconds (encoding), one
/// piece after the other, kept off Swift's own threads.
public final class BlockingQueue: Sendable {
    /// Pieces that are not done, of all queues.
    private static let pieces = Atomic<Int>(0)
    private let queue: DispatchQueue

    /// Whether any queue of this process has something to do.
    static var isAtWork: Bool { pieces.load(ordering: .acquiring) > 0 }

    public init(label: String, qos: DispatchQoS = .utility) {
        queue = DispatchQueue(label: label, qos: qos)
    }

    /// Runs `body` when its turn comes. It is not interrupted by cancellation: half of a change is worth nothing.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
            enqueue { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }

    /// Runs `body` when its turn comes; nobody waits for it.
    public func enqueue(_ body: @escaping @Sendable () -> Void) {
        Self.pieces.add(1, ordering: .relaxed)
        queue.async {
            body()
            Self.pieces.subtract(1, ordering: .releasing)
        }
    }
}
