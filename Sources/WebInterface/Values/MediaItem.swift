public enum MediaKind: String, Sendable, Codable, CaseIterable {
    case image
    case animation
    case video
}

public enum MediaState: String, Sendable, Codable, CaseIterable {
    case processing
    case ready
    case rejected
    case setAside = "set_aside"
}

/// One medium, as the API shows it.
public struct MediaItem: Sendable, Equatable, Codable {
    public var id: String
    /// The user's file name: any text.
    public var name: String
    /// Absent while processing.
    public var kind: MediaKind?
    public var width: Int?
    public var height: Int?
    public var durationSeconds: Double?
    /// Frames per second of the file, and how many of them this board decodes.
    public var frameRate: Double?
    public var decodeRate: Double?
    public var sizeBytes: Int
    public var addedAt: Timestamp
    public var state: MediaState
    public var reason: String?
    public var suggestion: String?
    /// Seconds that this photo stays; absent: the general setting.
    public var photoSeconds: Double?

    public init(
        id: String, name: String, kind: MediaKind? = nil, width: Int? = nil, height: Int? = nil,
        durationSeconds: Double? = nil, frameRate: Double? = nil, decodeRate: Double? = nil, sizeBytes: Int,
        addedAt: Timestamp, state: MediaState, reason: String? = nil, suggestion: String? = nil,
        photoSeconds: Double? = nil
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
        self.state = state
        self.reason = reason
        self.suggestion = suggestion
        self.photoSeconds = photoSeconds
    }
}

/// A part of the list, newest first.
public struct MediaPage: Sendable, Equatable, Codable {
    public var items: [MediaItem]
    /// What `after` is to be for the part that follows; absent at the end.
    public var next: String?

    public init(items: [MediaItem], next: String? = nil) {
        self.items = items
        self.next = next
    }
}

/// Which part of the list is asked for.
public struct MediaQuery: Sendable, Equatable {
    /// 1 to 200.
    public var limit: Int
    /// `next` of the part before; opaque to us.
    public var after: String?
    /// Words to look for in names.
    public var text: String?
    public var kind: MediaKind?
    public var state: MediaState?

    public init(
        limit: Int = 50, after: String? = nil, text: String? = nil, kind: MediaKind? = nil, state: MediaState? = nil
    ) {
        self.limit = limit
        self.after = after
        self.text = text
        self.kind = kind
        self.state = state
    }
}

/// What of a medium is to change.
public struct MediaChange: Sendable, Equatable {
    public enum PhotoSeconds: Sendable, Equatable {
        case keep
        /// Back to the general setting.
        case general
        case set(Double)
    }

    /// nil: keep.
    public var name: String?
    public var photoSeconds: PhotoSeconds

    public init(name: String? = nil, photoSeconds: PhotoSeconds = .keep) {
        self.name = name
        self.photoSeconds = photoSeconds
    }
}
