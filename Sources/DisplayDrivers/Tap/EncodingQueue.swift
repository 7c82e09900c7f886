import Dispatch

/// Runs work that takes a processor for milliseconds, one piece after the other, outside the cooperative pool.
struct EncodingQueue: Sendable {
    private let queue = DispatchQueue(label: "vitrine.display-tap", qos: .utility)

    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
