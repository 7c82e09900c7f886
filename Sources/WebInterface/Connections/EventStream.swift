import AsyncAlgorithms
import HTTPTypes
import Hummingbird
import NIOCore

/// Server-sent events as an answer: until the source ends, the client goes, or the server shuts down.
struct EventStream {
    let request: WebRequest
    let counters: WebCounters
    /// Time between signs of life, without which nobody notices a client that vanished.
    let heartbeat: Duration

    private enum Signal: Sendable {
        case text(String)
        case end
    }

    /// Sends texts of whole events, then `last`. Only an open stream has a timer.
    func response<Texts: AsyncSequence & Sendable>(_ texts: Texts, last: String = "") -> Response
    where Texts.Element == String, Texts.Failure == Never {
        let channel = request.context.channel
        let (counters, heartbeat) = (counters, heartbeat)
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                counters.begin(.events)
                defer { counters.end(.events) }
                let beats = AsyncTimerSequence(interval: heartbeat, clock: .suspending)
                    .map { _ in Signal.text(ServerSentEvent.heartbeat) }
                let signals = merge(chain(texts.map { Signal.text($0) }, [Signal.end].async), beats)
                try await writer.write(ByteBuffer(string: ServerSentEvent.retry))
                steps: for await step in signals.whileConnected(channel) {
                    switch step {
                    case .element(.text(let text)):
                        if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
                    case .element(.end), .finished:
                        if !last.isEmpty { try await writer.write(ByteBuffer(string: last)) }
                        break steps
                    case .gone: break steps
                    }
                }
                try await writer.finish(nil)
            })
    }
}
