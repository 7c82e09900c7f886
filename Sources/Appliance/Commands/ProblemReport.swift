import FoundationEssentials
import NIOHTTP1
import WebInterface

/// What the API says when it refuses (RFC 9457), for a terminal.
struct ProblemReport {
    private struct Document: Decodable {
        var title: String?
        var detail: String?
        var suggestion: String?
    }

    private let document: Document?

    init(_ bytes: [UInt8]) { document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) }

    /// The failure of a command that got this answer.
    func failure(_ status: HTTPResponseStatus) -> CommandFailure {
        let what = document?.detail ?? document?.title ?? "the appliance answered \(status)"
        return .failed(document?.suggestion.map { "\(what) \($0)" } ?? what)
    }
}

/// Reads an answer of the API, whose names are in snake case.
func decodeAnswer<Answer: Decodable>(_ type: Answer.Type, _ bytes: [UInt8]) throws -> Answer {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
        return try decoder.decode(type, from: Data(bytes))
    } catch {
        throw CommandFailure.failed(
            "The appliance answered something that this program does not understand; are both of one version? (\(error))"
        )
    }
}

/// Encodes a request's body.
func encodeRequest(_ value: JSONValue) throws -> [UInt8] { try Array(JSONEncoder().encode(value)) }

/// Encodes an answer as the API would: names in snake case.
func encodeAnswer(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(value))
}
