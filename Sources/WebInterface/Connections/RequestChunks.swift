import HTTPTypes
import Hummingbird
import NIOCore

/// The bytes of a request, as they arrive. Reading is what lets the client send more, so nothing piles up in memory.
/// Throws when the connection is cut before the end. It can be read once.
public struct RequestChunks: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = ProblemError

    private let start: @Sendable () -> AsyncIterator

    /// Chunks that are there already, then `cut` if the connection is to break after them: for those who try a store.
    public init(_ chunks: [[UInt8]], cut: ProblemError? = nil) {
        start = {
            var rest = chunks[...]
            return AsyncIterator { () throws(ProblemError) -> [UInt8]? in
                if let chunk = rest.popFirst() { return chunk }
                if let cut { throw cut }
                return nil
            }
        }
    }

    init(start: @escaping @Sendable () -> AsyncIterator) { self.start = start }

    public func makeAsyncIterator() -> AsyncIterator { start() }

    public struct AsyncIterator: AsyncIteratorProtocol {
        private let read: () async throws(ProblemError) -> [UInt8]?

        init(_ read: @escaping () async throws(ProblemError) -> [UInt8]?) { self.read = read }

        public mutating func next() async throws(ProblemError) -> [UInt8]? { try await read() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ProblemError) -> [UInt8]? {
            try await read()
        }
    }
}

extension ProblemError {
    /// The client went away in mid-body. Nobody reads the answer; the status is for the log.
    static let connectionCut = ProblemError(
        status: 400, category: .validation, title: "Connection cut",
        detail: "The connection ended before the whole body had arrived.", suggestion: "Send the rest again.")
}
