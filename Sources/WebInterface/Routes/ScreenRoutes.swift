import HTTPTypes
import Hummingbird
import NIOCore

/// What is on the screen, to look at.
enum ScreenRoutes {
    private static let boundary = "vitrine-picture"

    static func all(_ screen: any ScreenSource, counters: WebCounters) -> [Route] {
        [
            Route(.get, "/api/v1/display/snapshot.png") { _ throws(ProblemError) in
                let picture = try await screen.snapshot()
                return Response(
                    status: .ok, headers: [.contentType: "image/png", .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: picture)))
            },
            Route(.get, "/api/v1/display/stream", isEndless: true) { request throws(ProblemError) in
                var wish = ScreenRequest()
                if let width = try request.query("width", in: 16...3840) { wish.width = width }
                if let rate = try request.query("rate", in: 0.1...30.0) { wish.rate = rate }
                let pictures = try await screen.pictures(wish)
                return stream(pictures, request, counters)
            },
        ]
    }

    /// Motion JPEG: pictures as parts of one answer, each replacing the one before.
    private static func stream<Pictures: AsyncSequence & Sendable>(
        _ pictures: Pictures, _ request: WebRequest, _ counters: WebCounters
    ) -> Response where Pictures.Element == [UInt8], Pictures.Failure == Never {
        let channel = request.context.channel
        return Response(
            status: .ok,
            headers: [
                .contentType: "multipart/x-mixed-replace; boundary=\(boundary)", .cacheControl: "no-store",
            ],
            body: ResponseBody { writer in
                counters.begin(.pictures)
                defer { counters.end(.pictures) }
                try await writer.write(ByteBuffer(string: "--\(boundary)\r\n"))
                steps: for await step in pictures.whileConnected(channel) {
                    guard case .element(let picture) = step else { break steps }
                    try await writer.write(part(picture))
                }
                try await writer.finish(nil)
            })
    }

    /// With the boundary after the picture, since browsers show a part when it ends and the next may be hours away.
    private static func part(_ picture: [UInt8]) -> ByteBuffer {
        let head = "Content-Type: image/jpeg\r\nContent-Length: \(picture.count)\r\n\r\n"
        let tail = "\r\n--\(boundary)\r\n"
        var buffer = ByteBufferAllocator().buffer(capacity: head.utf8.count + picture.count + tail.utf8.count)
        buffer.writeString(head)
        buffer.writeBytes(picture)
        buffer.writeString(tail)
        return buffer
    }
}
