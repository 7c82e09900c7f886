import HTTPTypes
import Hummingbird
import NIOCore

/// A stored file as an answer: whole, a range of it, or the word that the client has it already.
struct FileAnswer {
    /// Kinds that a browser may show; everything else it may only save.
    static let shown: Set<String> = [
        "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic", "image/heif", "image/bmp",
        "image/tiff", "video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "video/matroska",
    ]
    private static let pieceByteCount = 64 * 1024

    var file: StoredFile
    var isDownload: Bool

    func response(to request: WebRequest) -> Response {
        let isShown = Self.shown.contains(file.contentType)
        let tag = "\"\(file.entityTag.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })\""
        let size = file.content.byteCount
        var fields: HTTPFields = [
            .contentType: isShown ? file.contentType : "application/octet-stream",
            .contentDisposition: ContentDisposition(isInline: isShown && !isDownload, name: file.name).text,
            .contentSecurityPolicy: SecurityHeaders.upload,
            .eTag: tag,
            .acceptRanges: "bytes",
            .cacheControl: "private, no-cache",
        ]
        if Self.matches(request.header(.ifNoneMatch), tag) { return Response(status: .notModified, headers: fields) }
        let isRangeWanted = request.header(.ifRange).map { $0 == tag } ?? true
        switch ByteRange(isRangeWanted ? request.header(.range) : nil, byteCount: size) {
        case .whole:
            return Response(status: .ok, headers: fields, body: body(of: 0..<size))
        case .part(let range):
            fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return Response(status: .partialContent, headers: fields, body: body(of: range))
        case .unsatisfiable:
            return ProblemError(
                status: 416, category: .validation, title: "Range not satisfiable",
                detail: "The file has \(size) bytes.", headers: [.init("Content-Range", "bytes */\(size)")]
            ).response
        }
    }

    private func body(of range: Range<Int>) -> ResponseBody {
        let content = file.content
        return ResponseBody(contentLength: range.count) { writer in
            var place = range.lowerBound
            while place < range.upperBound {
                let piece = place..<min(place + Self.pieceByteCount, range.upperBound)
                let bytes = try await content.bytes(in: piece)
                // The length is promised: fewer bytes can only end the connection.
                guard bytes.count == piece.count else {
                    throw ProblemError.internalFault("A file is shorter than it was.")
                }
                try await writer.write(ByteBuffer(bytes: bytes))
                place = piece.upperBound
            }
            try await writer.finish(nil)
        }
    }

    /// `If-None-Match`: a list of tags, or a star.
    static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { entry in
            let entry = entry.trimmingSpaces()
            return entry == "*" || entry == tag || entry == "W/\(tag)"
        }
    }
}
