import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Answers what is no HTTP, or more header than is read, with a problem like any other, and closes. Without it the client
/// gets an empty 400 whatever it did.
final class ProtocolErrorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Requests that have begun and are not answered yet. With one under way its own answer tells.
    private var openRequests = 0
    private var hasFailed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { openRequests += 1 }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { openRequests -= 1 }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard openRequests == 0, !hasFailed, let problem = Self.problem(of: error) else {
            context.fireErrorCaught(error)
            return
        }
        hasFailed = true
        var (fields, body) = problem.answer
        fields[.contentLength] = String(body.count)
        fields[.connection] = "close"
        fields[.date] = Timestamp.now.httpDate
        SecurityHeaders.add(to: &fields)
        let head = HTTPResponse(status: .init(code: problem.status), headerFields: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .init(WebConfiguration.lingering)) { channel.close(promise: nil) }
    }

    private static func problem(of error: any Error) -> ProblemError? {
        switch error {
        case HTTPParserError.headerOverflow:
            ProblemError(
                status: 431, category: .validation, title: "Header too large",
                detail: "The header of the request has more than \(WebConfiguration.maximumHeaderByteCount) bytes.",
                suggestion: "Delete the cookies of this site.")
        // The peer just went away.
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection: nil
        case is HTTPParserError, is HTTP1TypeConversionError: .badRequest("This is no HTTP request.")
        default: nil
        }
    }
}
