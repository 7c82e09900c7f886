/// Something that the appliance works on, as the API shows it.
public struct Job: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Codable {
        case waiting
        case running
        case succeeded
        case failed
        case cancelled
    }

    public var id: String
    /// What it does: `check`, `rebuild_index`, `cleanup`, …
    public var kind: String
    /// For a person: "Check holiday.mp4".
    public var title: String
    public var state: State
    /// 0 to 1, where it can be told.
    public var progress: Double?
    public var mediaID: String?
    public var createdAt: Timestamp
    public var finishedAt: Timestamp?
    public var reason: String?
    public var suggestion: String?

    public init(
        id: String, kind: String, title: String, state: State, progress: Double? = nil, mediaID: String? = nil,
        createdAt: Timestamp, finishedAt: Timestamp? = nil, reason: String? = nil, suggestion: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.title = title
        self.state = state
        self.progress = progress
        self.mediaID = mediaID
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.reason = reason
        self.suggestion = suggestion
    }

    private enum CodingKeys: String, CodingKey {
        case id, kind, title, state, progress
        case mediaID = "mediaId"
        case createdAt, finishedAt, reason, suggestion
    }
}

/// One line of a job's log.
public struct JobLogLine: Sendable, Equatable, Codable {
    /// Counts from 1 within the job.
    public var number: Int
    public var time: Timestamp
    public var text: String

    public init(number: Int, time: Timestamp, text: String) {
        self.number = number
        self.time = time
        self.text = text
    }
}
