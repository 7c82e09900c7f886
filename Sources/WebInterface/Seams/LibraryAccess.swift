/// The media, as the API sees them. An id that is none, or that nothing has, is `ProblemError.notFound`.
public protocol LibraryAccess: Sendable {
    func page(_ query: MediaQuery) async throws(ProblemError) -> MediaPage
    func medium(_ id: String) async throws(ProblemError) -> MediaItem
    func change(_ id: String, _ change: MediaChange) async throws(ProblemError) -> MediaItem
    /// Returns once it is gone for good, whatever happens to the power.
    func delete(_ id: String) async throws(ProblemError)
    /// Tries a medium again that was set aside.
    func retry(_ id: String) async throws(ProblemError) -> MediaItem
    /// A small JPEG.
    func thumbnail(_ id: String) async throws(ProblemError) -> StoredFile
    /// The file as it was uploaded.
    func file(_ id: String) async throws(ProblemError) -> StoredFile
}

/// A file that can be sent, whole or in part.
public struct StoredFile: Sendable {
    /// `image/jpeg`; what is not known to be harmless goes out as `application/octet-stream`.
    public var contentType: String
    /// The user's name for it: any text.
    public var name: String
    /// Changes when the content does; without quotes. The SHA-256 will do.
    public var entityTag: String
    public var content: any StoredContent

    public init(contentType: String, name: String, entityTag: String, content: any StoredContent) {
        self.contentType = contentType
        self.name = name
        self.entityTag = entityTag
        self.content = content
    }
}

/// Bytes that are read piece by piece. Stays readable while it is held, though the file be deleted meanwhile.
public protocol StoredContent: Sendable {
    var byteCount: Int { get }
    /// The bytes of a range within `0..<byteCount`, never more than 128 KiB at once.
    func bytes(in range: Range<Int>) async throws(ProblemError) -> [UInt8]
}
