import AsyncAlgorithms
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Server-sent events as an answer: until the source ends, the client goes, or the server shuts down.
struct EventStream {
    private enum Signal: Sendable {
        case text(String)
        case beat
        case end
    }

    let request: WebRequest
    let counters: WebCounters
    /// Time between signs of life, without which nobody notices a client that vanished.
    let heartbeat: Duration

    /// Sends texts of whole events, then `last`. Only an open stream has a timer.
    func response<Texts: AsyncSequence & Sendable>(_ texts: Texts, last: String = "") -> Response
    where Texts.Element == String, Texts.Failure == Never {
        let body = request.request.body
        let (counters, heartbeat) = (counters, heartbeat)
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                counters.begin(.events)
                defer { counters.end(.events) }
                try await body.consumeWithCancellationOnInboundClose { _ in
                    try await Self.send(texts, last: last, heartbeat: heartbeat, to: &writer)
                }
                try await writer.finish(nil)
            })
    }

    private static func send<Texts: AsyncSequence & Sendable>(
        _ texts: Texts, last: String, heartbeat: Duration, to writer: inout any ResponseBodyWriter
    ) async throws where Texts.Element == String, Texts.Failure == Never {
        try await writer.write(ByteBuffer(string: ServerSentEvent.retry))
        let beats = AsyncTimerSequence(interval: heartbeat, clock: .suspending).map { _ in Signal.beat }
        let signals = merge(chain(texts.map { Signal.text($0) }, [Signal.end].async), beats)
        for try await signal in signals.cancelOnGracefulShutdown() {
            switch signal {
            case .text(let text): if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
            case .beat: try await writer.write(ByteBuffer(string: ServerSentEvent.heartbeat))
            case .end:
                if !last.isEmpty { try await writer.write(ByteBuffer(string: last)) }
                return
            }
        }
    }
}
