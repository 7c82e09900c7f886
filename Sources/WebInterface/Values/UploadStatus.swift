/// An upload, as the API shows it.
public struct UploadStatus: Sendable, Equatable, Codable {
    public var id: String
    public var name: String
    /// Bytes that are safe on the card.
    public var offset: Int
    /// Bytes that it will have.
    public var size: Int
    /// When it is thrown away unless it goes on; absent once complete.
    public var expiresAt: Timestamp?
    /// What it became, once complete. Its id is another one when the same content was there already.
    public var medium: MediaItem?
    /// Why it became nothing, if it was refused before it was a medium.
    public var reason: String?
    public var suggestion: String?

    /// `Upload-Metadata` as the client sent it: for tus alone, not part of the JSON.
    public var metadata: String?

    public var isComplete: Bool { offset == size }

    public init(
        id: String, name: String, offset: Int, size: Int, metadata: String? = nil, expiresAt: Timestamp? = nil,
        medium: MediaItem? = nil,
        reason: String? = nil, suggestion: String? = nil
    ) {
        self.id = id
        self.name = name
        self.offset = offset
        self.size = size
        self.metadata = metadata
        self.expiresAt = expiresAt
        self.medium = medium
        self.reason = reason
        self.suggestion = suggestion
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, offset, size, complete, expiresAt, medium, reason, suggestion
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        offset = try fields.decode(Int.self, forKey: .offset)
        size = try fields.decode(Int.self, forKey: .size)
        expiresAt = try fields.decodeIfPresent(Timestamp.self, forKey: .expiresAt)
        medium = try fields.decodeIfPresent(MediaItem.self, forKey: .medium)
        reason = try fields.decodeIfPresent(String.self, forKey: .reason)
        suggestion = try fields.decodeIfPresent(String.self, forKey: .suggestion)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(name, forKey: .name)
        try fields.encode(offset, forKey: .offset)
        try fields.encode(size, forKey: .size)
        try fields.encode(isComplete, forKey: .complete)
        try fields.encodeIfPresent(expiresAt, forKey: .expiresAt)
        try fields.encodeIfPresent(medium, forKey: .medium)
        try fields.encodeIfPresent(reason, forKey: .reason)
        try fields.encodeIfPresent(suggestion, forKey: .suggestion)
    }
}

/// What a client announces before it sends bytes.
public struct NewUpload: Sendable, Equatable {
    /// The user's file name: any text, never a path.
    public var name: String
    public var size: Int
    /// `Upload-Metadata` as it came.
    public var metadata: String?

    public init(name: String, size: Int, metadata: String? = nil) {
        self.name = name
        self.size = size
        self.metadata = metadata
    }
}

/// The checksum that a client sends with a piece of an upload.
public struct UploadChecksum: Sendable, Equatable {
    /// One of the store's `checksumAlgorithms`, in lower case.
    public var algorithm: String
    public var digest: [UInt8]

    public init(algorithm: String, digest: [UInt8]) {
        self.algorithm = algorithm
        self.digest = digest
    }
}
