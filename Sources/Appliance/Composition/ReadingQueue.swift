import Dispatch

/// Where work that blocks is done: never on the cooperative pool.
struct ReadingQueue: Sendable {
    private let queue = DispatchQueue(label: "vitrine.reading", qos: .userInitiated)

    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}
