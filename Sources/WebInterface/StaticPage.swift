import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// The files of the web page and the description of the API. They are part of the program, so that a page always fits
/// the daemon that it talks to.
struct StaticPage {
    struct File: Sendable {
        var path: String
        var contentType: String
        var bytes: [UInt8]

        /// Changes when the content does.
        var entityTag: String {
            let digest = SHA256.hash(data: bytes).prefix(8)
            return "\"" + digest.map { String($0, radix: 36) }.joined(separator: "-") + "\""
        }
    }

    var files: [File] { PageFiles.all }

    var routes: [Route] {
        files.map { file in
            let tag = file.entityTag
            let body = ByteBuffer(bytes: file.bytes)
            return Route(.get, file.path, for: .anyone) { request throws(ProblemError) in
                // A browser asks each time whether its copy is the right one, and gets a short yes.
                let fields: HTTPFields = [.contentType: file.contentType, .eTag: tag, .cacheControl: "no-cache"]
                if FileAnswer.matches(request.header(.ifNoneMatch), tag) {
                    return Response(status: .notModified, headers: fields)
                }
                return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: body))
            }
        }
    }
}
