public import MediaIndex

/// Where an upload stands.
public struct UploadInfo: Sendable, Equatable {
    /// Also the id of the medium that it becomes.
    public var id: MediumID
    public var name: String
    /// Bytes that are on the disk.
    public var offset: Int
    /// nil: not announced.
    public var size: Int?
    /// `Upload-Metadata` as it came.
    public var metadata: String?
    /// Milliseconds since 1970; nil once it is complete.
    public var expiresAt: Int64?
    /// The medium that it became: itself, or the one with the same content. nil while it is unfinished.
    public var medium: MediumID?

    public var isComplete: Bool { medium != nil }
}
