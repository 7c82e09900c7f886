import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// A request that has been let in, as the routes see it.
struct WebRequest: Sendable {
    /// Bytes of JSON that are read at most.
    static let maximumJSONByteCount = 64 * 1024

    let request: Request
    let context: WebContext
    /// The parts of the path that stand for `{…}`, decoded.
    let parameters: [String: String]
    let standing: AccessPolicy.Standing

    func header(_ name: HTTPField.Name) -> String? { request.headers[name] }

    /// A part of the path. The route's template has it, or this is our own fault.
    func parameter(_ name: String) throws(ProblemError) -> String {
        guard let value = parameters[name] else { throw .internalFault() }
        return value
    }

    /// A value of the query; nil when it is missing or empty.
    func query(_ name: String) throws(ProblemError) -> String? {
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.first.flatMap({ PercentCoding.decode($0, plusIsSpace: true) }) == name else { continue }
            guard parts.count == 2 else { return nil }
            guard let value = PercentCoding.decode(parts[1], plusIsSpace: true) else {
                throw .badRequest("The value of \(name) is no UTF-8 text.")
            }
            return value.isEmpty ? nil : value
        }
        return nil
    }

    /// A number of the query, within bounds.
    func query<Number: LosslessStringConvertible & Comparable & Sendable>(
        _ name: String, in bounds: ClosedRange<Number>
    ) throws(ProblemError) -> Number? {
        guard let text = try query(name) else { return nil }
        guard let number = Number(text), bounds.contains(number) else {
            throw .badRequest("\(name) has to be from \(bounds.lowerBound) to \(bounds.upperBound).")
        }
        return number
    }

    /// The JSON of the body.
    func json<Value: Decodable>(_ type: Value.Type) async throws(ProblemError) -> Value {
        let kind = header(.contentType)?.split(separator: ";").first?.trimmingSpaces().lowercased()
        guard kind == "application/json" else {
            throw .unsupportedMedia(
                "The body has to be JSON.", suggestion: "Send the header Content-Type: application/json.")
        }
        var bytes: [UInt8] = []
        for try await chunk in body() {
            guard bytes.count + chunk.count <= Self.maximumJSONByteCount else {
                throw .tooLarge("The JSON may have \(Self.maximumJSONByteCount) bytes at most.")
            }
            bytes += chunk
        }
        return try JSONText.decode(type, from: bytes)
    }

    /// `Content-Length`, unless it is not told.
    var contentLength: Int? { header(.contentLength).flatMap { Int($0) } }

    /// Whether a body comes with the request.
    var hasBody: Bool { header(.transferEncoding) != nil || (contentLength ?? 0) > 0 }

    /// The body, piece by piece. A client that waits to be asked for it (`Expect: 100-continue`) is asked at the first
    /// piece, so what is refused before never travels.
    func body() -> RequestChunks {
        let body = request.body
        let announced = contentLength
        let channel = header(.expect)?.lowercased() == "100-continue" ? context.channel : nil
        return RequestChunks {
            var iterator = body.makeAsyncIterator()
            var waiting = channel
            var received = 0
            return RequestChunks.AsyncIterator { () throws(ProblemError) -> [UInt8]? in
                do {
                    if let channel = waiting {
                        waiting = nil
                        try await channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue))).get()
                    }
                    while let buffer = try await iterator.next() {
                        guard buffer.readableBytes > 0 else { continue }
                        received += buffer.readableBytes
                        return Array(buffer.readableBytesView)
                    }
                } catch {
                    throw .connectionCut
                }
                // The end of the connection looks like the end of the body here.
                if let announced, received < announced { throw .connectionCut }
                if Task.isCancelled { throw .connectionCut }
                return nil
            }
        }
    }
}
