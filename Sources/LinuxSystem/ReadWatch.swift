public import Dispatch

/// Calls whenever a descriptor can be read, on a queue of its own, until it is let go.
public final class ReadWatch: Sendable {
    private let source: Source

    /// Only cancelled, which any thread may do (Dispatch's sources are thread-safe, and not marked so).
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceRead
    }

    /// - Parameters:
    ///   - descriptor: stays open until `onEnd` has been called; what that closure holds sees to it.
    ///   - queue: the queue's name, for debuggers.
    ///   - onReadable: answers whether to go on.
    ///   - onEnd: called once, when nobody watches any more.
    public init(
        _ descriptor: CInt, queue: String, qos: DispatchQoS = .utility, onReadable: @escaping @Sendable () -> Bool,
        onEnd: @escaping @Sendable () -> Void
    ) {
        let source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: queue, qos: qos))
        let ours = Source(source: source)
        self.source = ours
        source.setEventHandler { if !onReadable() { ours.source.cancel() } }
        source.setCancelHandler(handler: onEnd)
        source.resume()
    }

    deinit { source.source.cancel() }
}
