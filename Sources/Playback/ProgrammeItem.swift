public import LinuxSystem
public import MediaIndex

/// One medium that can be shown, as the programme needs to know it.
public struct ProgrammeItem: Sendable, Equatable, Identifiable {
    public var id: MediumID
    /// The user's file name.
    public var name: String
    public var kind: MediumKind
    /// Extension of the file, without a dot.
    public var suffix: String
    /// nil: a photo, or not known.
    public var duration: Duration?
    /// How long this photo stays; nil: the general setting.
    public var photoTime: Duration?
    /// When it was taken, or else when it arrived: milliseconds since 1970.
    public var date: Int64
    /// How many times faster than it plays this board decodes it, with all threads; nil: not known.
    public var headroom: Double?
    /// Not before this moment, since decoders died of it; nil: whenever it is its turn.
    public var retryAt: MonotonicInstant?

    public init(
        id: MediumID, name: String, kind: MediumKind, suffix: String = "", duration: Duration? = nil,
        photoTime: Duration? = nil, date: Int64 = 0, headroom: Double? = nil, retryAt: MonotonicInstant? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.suffix = suffix
        self.duration = duration
        self.photoTime = photoTime
        self.date = date
        self.headroom = headroom
        self.retryAt = retryAt
    }
}

/// Where the programme's media come from.
public protocol ProgrammeSource: Sendable {
    /// All that can be shown, in playing order; those that are set aside with the time of their next try.
    func items() async -> [ProgrammeItem]

    /// Opens a medium for reading.
    func open(_ id: MediumID) async throws(ProgrammeSourceError) -> Descriptor

    /// Yields whenever `items()` would give another answer. Each call is one listener's own stream.
    func changes() -> AsyncStream<Void>

    /// A decoder died of this medium, or stood still on it (design: two strikes set it aside).
    func strike(_ id: MediumID, reason: String) async

    /// A medium was played from its beginning to its end: earlier strikes say nothing any more.
    func playedWhole(_ id: MediumID) async
}

/// Why a medium could not be opened.
public struct ProgrammeSourceError: Error, Sendable, Equatable {
    public var reason: String
    public var suggestion: String

    public init(reason: String, suggestion: String) {
        self.reason = reason
        self.suggestion = suggestion
    }
}
