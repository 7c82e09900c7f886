/// Identity of a medium, and of the upload that it comes from: 32 lowercase hexadecimal digits of a UUIDv7 (RFC 9562),
/// so that ids sort by the time of arrival. Being nothing else, it is safe as the name of a folder.
public struct MediumID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String

    /// nil unless it is 32 lowercase hexadecimal digits.
    public init?(rawValue: String) {
        guard rawValue.utf8.count == 32,
            rawValue.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    /// For digits that are right by construction.
    init(digits: String) { self.rawValue = digits }

    public var description: String { rawValue }

    public static func < (left: MediumID, right: MediumID) -> Bool { left.rawValue < right.rawValue }
}

public enum MediumKind: String, Sendable, Codable, CaseIterable {
    case image
    case animation
    case video
}

/// Where a medium stands. The raw values are those of the API.
public enum MediumState: String, Sendable, Codable, CaseIterable {
    /// Complete and safe on the card; not checked yet.
    case processing
    /// Plays.
    case ready
    /// Refused: its bytes are gone, the row tells why.
    case rejected
    /// Kept, and not played for now, since decoders died of it.
    case setAside = "set_aside"
}

/// One medium as the index knows it.
public struct Medium: Sendable, Equatable, Codable, Identifiable {
    /// For those who import a second type of the name `MediumKind`; the module's name is no way out, being a class's, too.
    public typealias Kind = MediumKind

    public var id: MediumID
    /// The user's file name: any text, never a path.
    public var name: String
    /// nil while processing.
    public var kind: MediumKind?
    /// As shown: upright, pixel aspect counted.
    public var width: Int?
    public var height: Int?
    public var durationSeconds: Double?
    /// Frames per second of the file, and what this board decodes of them.
    public var frameRate: Double?
    public var decodeRate: Double?
    public var sizeBytes: Int
    /// Milliseconds since 1970.
    public var addedAt: Int64
    /// When the picture was taken, as far as the file says: milliseconds since 1970. A camera that does not tell its zone is
    /// taken to be at UTC.
    public var takenAt: Int64?
    public var state: MediumState
    /// Why it is rejected or set aside, or what to know of it; with what to do.
    public var reason: String?
    public var suggestion: String?
    /// Extension of `original.<suffix>`: lowercase ASCII letters and digits, at most 8.
    public var suffix: String
    /// Lowercase hexadecimal SHA-256 of the content.
    public var sha256: String
    /// Seconds that this photo stays; nil: the general setting.
    public var photoSeconds: Double?

    public init(
        id: MediumID, name: String, kind: MediumKind? = nil, width: Int? = nil, height: Int? = nil,
        durationSeconds: Double? = nil, frameRate: Double? = nil, decodeRate: Double? = nil, sizeBytes: Int,
        addedAt: Int64, takenAt: Int64? = nil, state: MediumState, reason: String? = nil, suggestion: String? = nil,
        suffix: String, sha256: String, photoSeconds: Double? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.width = width
        self.height = height
        self.durationSeconds = durationSeconds
        self.frameRate = frameRate
        self.decodeRate = decodeRate
        self.sizeBytes = sizeBytes
        self.addedAt = addedAt
        self.takenAt = takenAt
        self.state = state
        self.reason = reason
        self.suggestion = suggestion
        self.suffix = suffix
        self.sha256 = sha256
        self.photoSeconds = photoSeconds
    }
}
