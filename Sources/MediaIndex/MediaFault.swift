/// Why something that was asked of the library or of an upload could not be done: what, and what to do now.
public struct MediaFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Whose fault it is. The raw values are those of the API.
    public enum Category: String, Sendable, Codable {
        /// The request or the file.
        case validation = "validation_error"
        /// A decoder or another tool.
        case tool = "tool_error"
        /// Disk, permission, resources.
        case system = "system_error"
    }

    /// What went wrong, for programs; `httpStatus` is its answer over HTTP.
    public enum Code: String, Sendable, CaseIterable {
        case notFound
        /// A name or a setting that is not acceptable.
        case invalid
        /// The request does not fit the state that the medium is in.
        case conflict
        /// Certainly no photo, animation or video.
        case notMedia
        /// Larger than allowed, or larger than announced.
        case tooLarge
        /// The disk has no room for it.
        case noRoom
        /// An upload stands at another offset than the request says.
        case offsetMismatch
        /// Another request has the upload now.
        case busy
        /// The bytes are not those that the sender summed.
        case checksumMismatch
        /// The sender went away before the end.
        case interrupted
        /// The data folder cannot be written.
        case readOnly
        /// Another daemon has the data folder.
        case locked
        /// Reading or writing the disk failed.
        case storage
        /// The index is damaged.
        case damaged
        case cancelled
    }

    public var category: Category
    public var code: Code
    /// What happened, in words.
    public var reason: String
    /// What to do about it.
    public var suggestion: String

    public init(_ code: Code, _ category: Category, reason: String, suggestion: String) {
        self.code = code
        self.category = category
        self.reason = reason
        self.suggestion = suggestion
    }

    public var description: String { "\(reason). \(suggestion)." }

    /// The status code of the answer (RFC 9110; 423 of RFC 4918; 460 of the tus checksum extension).
    public var httpStatus: Int {
        switch code {
        case .notFound: 404
        case .invalid, .interrupted: 400
        case .conflict, .offsetMismatch: 409
        case .notMedia: 415
        case .tooLarge: 413
        case .noRoom: 507
        case .busy: 423
        case .checksumMismatch: 460
        case .readOnly, .locked, .damaged, .cancelled: 503
        case .storage: 500
        }
    }
}

extension MediaFault {
    package static func notFound(_ id: MediumID) -> MediaFault {
        MediaFault(
            .notFound, .validation, reason: "there is no medium or upload \(id)",
            suggestion: "It may have been removed or have expired; load the list again")
    }

    package static let cancelled = MediaFault(
        .cancelled, .system, reason: "the work was called off", suggestion: "Try again")
}
