import AsyncAlgorithms
import NIOCore
import ServiceLifecycle

/// A step of an answer that goes on as long as somebody is there.
enum StreamStep<Element: Sendable>: Sendable {
    case element(Element)
    /// The source has no more.
    case finished
    /// The client is gone.
    case gone
}

extension AsyncSequence where Self: Sendable, Element: Sendable, Failure == Never {
    /// The elements until the source ends, the client goes or the server shuts down.
    ///
    /// Hummingbird has `consumeWithCancellationOnInboundClose` for this, which traps when the source ends before the end
    /// of the request has been read. Here, the end of the connection is one more source.
    func whileConnected(
        _ channel: any Channel
    ) -> some AsyncSequence<StreamStep<Element>, Never> & Sendable {
        let (closed, close) = AsyncStream<StreamStep<Element>>.makeStream()
        channel.closeFuture.whenComplete { _ in
            close.yield(.gone)
            close.finish()
        }
        // From here on the client has nothing to say, so its end of the connection is the end of all of it.
        channel.setOption(.allowRemoteHalfClosure, value: false).whenFailure { _ in close.yield(.gone) }
        let steps = chain(map { StreamStep.element($0) }, [StreamStep.finished].async)
        return merge(steps, closed).cancelOnGracefulShutdown()
    }
}
