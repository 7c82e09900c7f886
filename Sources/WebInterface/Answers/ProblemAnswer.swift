import HTTPTypes
import Hummingbird
import NIOCore

/// A problem as it goes over the wire (RFC 9457, `application/problem+json`).
struct ProblemAnswer: Encodable {
    var type = "about:blank"
    var title: String
    var status: Int
    var category: ProblemError.Category
    var detail: String
    var suggestion: String?
    var retryAfterSeconds: Int?
    var errors: [ProblemError.Fault]?

    init(_ problem: ProblemError) {
        title = problem.title
        status = problem.status
        category = problem.category
        detail = problem.detail
        suggestion = problem.suggestion
        retryAfterSeconds = problem.retryAfterSeconds
        errors = problem.faults.isEmpty ? nil : problem.faults
    }
}

extension ProblemError {
    /// The head and the body of the answer.
    var answer: (fields: HTTPFields, body: [UInt8]) {
        var fields: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if let retryAfterSeconds { fields[.retryAfter] = String(retryAfterSeconds) }
        for header in headers {
            if let name = HTTPField.Name(header.name) { fields[name] = header.value }
        }
        let minimal = Array(#"{"type":"about:blank","title":"Internal fault","status":500}"#.utf8)
        return (fields, (try? JSONText.encode(ProblemAnswer(self))) ?? minimal)
    }

    var response: Response {
        let (fields, body) = answer
        return Response(
            status: HTTPResponse.Status(code: status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
