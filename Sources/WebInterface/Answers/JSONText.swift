import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// JSON as it goes over the wire: names in snake case.
enum JSONText {
    static func encode(_ value: some Encodable) throws(ProblemError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch { throw .internalFault() }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(ProblemError) -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw .badRequest(explanation(of: error))
        } catch {
            throw .badRequest("The body is no JSON.")
        }
    }

    private static func explanation(of error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "the body" : "\"\(path)\""
        }
        switch error {
        case .keyNotFound(let key, _): return "\"\(key.stringValue)\" is missing."
        case .typeMismatch(let type, let context): return "\(place(context)) has to be of type \(type)."
        case .valueNotFound(_, let context): return "\(place(context)) must not be null."
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "The body is no JSON." : "\(place(context)) cannot be understood."
        @unknown default: return "The body is no JSON of the form that is expected."
        }
    }
}

extension Response {
    /// An answer in JSON, never stored by a cache.
    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws(ProblemError) -> Response {
        var fields = headers
        fields[.contentType] = "application/json"
        if fields[.cacheControl] == nil { fields[.cacheControl] = "no-store" }
        return Response(
            status: status, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONText.encode(value))))
    }
}
