import MediaIndex
import WebInterface

extension ProblemError {
    /// A fault of the library or of an upload, as its answer over HTTP.
    init(_ fault: MediaFault) {
        self.init(
            status: fault.httpStatus, category: Category(rawValue: fault.category.rawValue) ?? .system,
            title: fault.code.title, detail: Self.sentence(fault.reason), suggestion: Self.sentence(fault.suggestion),
            retryAfterSeconds: fault.code == .busy ? 1 : nil)
    }

    private static func sentence(_ text: String) -> String {
        guard let first = text.first else { return text }
        let ended = text.last.map { ".!?".contains($0) } ?? true
        return first.uppercased() + text.dropFirst() + (ended ? "" : ".")
    }
}

extension MediaFault.Code {
    /// The kind of problem in a few words.
    fileprivate var title: String {
        switch self {
        case .notFound: "Not found"
        case .invalid: "Not valid"
        case .conflict: "Conflict"
        case .notMedia: "No medium"
        case .tooLarge: "Too large"
        case .noRoom: "No room"
        case .offsetMismatch: "Offset mismatch"
        case .busy: "Locked"
        case .checksumMismatch: "Checksum mismatch"
        case .interrupted: "Interrupted"
        case .readOnly: "Read-only"
        case .locked: "In use"
        case .storage: "Storage fault"
        case .damaged: "Damaged index"
        case .cancelled: "Cancelled"
        }
    }
}

/// Runs a call of the library, and turns its fault into an answer.
func answering<Value>(
    _ body: () async throws(MediaFault) -> Value
) async throws(ProblemError) -> Value {
    do {
        return try await body()
    } catch {
        throw ProblemError(error)
    }
}

/// The id of a medium from a path; what is none, nothing has.
func mediumID(_ text: String) throws(ProblemError) -> MediumID {
    guard let id = MediumID(rawValue: text) else { throw .notFound("medium \(text)") }
    return id
}
