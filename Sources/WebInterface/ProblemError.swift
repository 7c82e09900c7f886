/// What went wrong, with the answer that it gets over HTTP (RFC 9457): every seam of this room throws it, and nothing else.
public struct ProblemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Whose fault it is. The raw values are those of the API.
    public enum Category: String, Sendable, Codable {
        /// The request asks for something that is not so, or not allowed.
        case validation = "validation_error"
        /// A decoder or another tool failed.
        case tool = "tool_error"
        /// Disk, permission, resources.
        case system = "system_error"
    }

    /// One fault of several in a request, so that a form can mark its field.
    public struct Fault: Sendable, Equatable, Codable {
        /// The field at fault: a setting's key, say.
        public var key: String
        public var detail: String
        public var suggestion: String?

        public init(key: String, detail: String, suggestion: String? = nil) {
            self.key = key
            self.detail = detail
            self.suggestion = suggestion
        }
    }

    /// HTTP status code, 400 to 599.
    public var status: Int
    public var category: Category
    /// The kind of problem in a few words, the same each time it occurs.
    public var title: String
    /// What happened this time, as a sentence for a person.
    public var detail: String
    /// What to do now, as a sentence for a person.
    public var suggestion: String?
    /// Seconds after which another try makes sense: becomes `Retry-After`.
    public var retryAfterSeconds: Int?
    public var faults: [Fault]
    /// Fields of the answer beside those of the problem itself (`Allow`, `Upload-Offset`, …).
    public var headers: [Header]

    /// A field of the answer.
    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
        status: Int, category: Category, title: String, detail: String, suggestion: String? = nil,
        retryAfterSeconds: Int? = nil, faults: [Fault] = [], headers: [Header] = []
    ) {
        self.status = status
        self.category = category
        self.title = title
        self.detail = detail
        self.suggestion = suggestion
        self.retryAfterSeconds = retryAfterSeconds
        self.faults = faults
        self.headers = headers
    }

    public var description: String { "\(status) \(title): \(detail)" }
}

extension ProblemError {
    /// 400: the request cannot be understood.
    public static func badRequest(_ detail: String, suggestion: String? = nil) -> ProblemError {
        ProblemError(
            status: 400, category: .validation, title: "Bad request", detail: detail, suggestion: suggestion)
    }

    /// 404: there is no such thing; `what` names it ("medium 0190…").
    public static func notFound(_ what: String) -> ProblemError {
        ProblemError(
            status: 404, category: .validation, title: "Not found", detail: "There is no \(what).",
            suggestion: "It may have been deleted. Take what the list names, by its ID.")
    }

    /// 409: right in itself, but not in the state that things are in.
    public static func conflict(_ detail: String, suggestion: String? = nil) -> ProblemError {
        ProblemError(status: 409, category: .validation, title: "Conflict", detail: detail, suggestion: suggestion)
    }

    /// 413: more bytes than are taken.
    public static func tooLarge(_ detail: String, suggestion: String? = nil) -> ProblemError {
        ProblemError(status: 413, category: .validation, title: "Too large", detail: detail, suggestion: suggestion)
    }

    /// 415: not a kind of content that is taken here.
    public static func unsupportedMedia(_ detail: String, suggestion: String? = nil) -> ProblemError {
        ProblemError(
            status: 415, category: .validation, title: "Unsupported content", detail: detail, suggestion: suggestion)
    }

    /// 422: the form is right, the values are not.
    public static func invalid(_ detail: String, faults: [Fault], suggestion: String? = nil) -> ProblemError {
        ProblemError(
            status: 422, category: .validation, title: "Not valid", detail: detail, suggestion: suggestion,
            faults: faults)
    }

    /// 423: somebody else is at it now.
    public static func locked(_ detail: String, suggestion: String? = nil) -> ProblemError {
        ProblemError(
            status: 423, category: .validation, title: "Locked", detail: detail, suggestion: suggestion,
            retryAfterSeconds: 1)
    }

    /// 500: a fault of ours. `detail` goes out, so it tells nothing of the inside.
    public static func internalFault(
        _ detail: String = "The appliance could not do this because of a fault of its own.",
        suggestion: String? = "Try again; if it stays, look into the log."
    ) -> ProblemError {
        ProblemError(
            status: 500, category: .system, title: "Internal fault", detail: detail, suggestion: suggestion)
    }

    /// 503: not now.
    public static func unavailable(_ detail: String, suggestion: String? = nil, retryAfterSeconds: Int? = nil)
        -> ProblemError
    {
        ProblemError(
            status: 503, category: .system, title: "Not available", detail: detail, suggestion: suggestion,
            retryAfterSeconds: retryAfterSeconds)
    }

    /// 507: no room on the card.
    public static func noRoom(_ detail: String, suggestion: String? = "Delete something first.") -> ProblemError {
        ProblemError(status: 507, category: .system, title: "No room", detail: detail, suggestion: suggestion)
    }
}
