/// Where files come in: the store behind tus and behind `PUT /api/v1/media/{filename}`. What it can beyond this, it says
/// by conforming to the protocols below; the `Tus-Extension` header is derived from them.
public protocol UploadAccess: Sendable {
    /// Bytes that a file may have at most now; nil: no limit but the card's.
    var maximumSize: Int? { get async }

    /// Begins an upload. Refuses at once what can be refused: 413 too large, 507 no room, 503 while the card is read-only.
    func create(_ upload: NewUpload) async throws(ProblemError) -> UploadStatus

    /// 404 for an id that is none, 410 for one whose time is over.
    func upload(_ id: String) async throws(ProblemError) -> UploadStatus

    /// The same for a client that is about to go on: whoever else still adds to the upload, on a connection that is dead
    /// and does not know it yet, is cut off first.
    func uploadForResuming(_ id: String) async throws(ProblemError) -> UploadStatus

    /// Adds bytes at `offset`, and returns once they are safe on the card; what completes an upload also adopts it,
    /// so the answer has its medium. 409 when the upload is not at `offset`, 423 while another call adds to it, 413 for more bytes than announced.
    ///
    /// When `body` throws (the connection was cut), what has arrived counts, and the error is thrown on.
    func append(_ body: RequestChunks, to id: String, at offset: Int) async throws(ProblemError) -> UploadStatus

    /// Takes a whole file. `size` is nil when the client does not know it. When `body` throws, nothing is left.
    /// Beside the refusals of `create`: 415 when the first bytes are those of no medium.
    func put(name: String, size: Int?, body: RequestChunks) async throws(ProblemError) -> MediaItem
}

/// tus extension "termination".
public protocol UploadTermination: UploadAccess {
    /// Throws away an upload and its bytes. 404 for an id that is none.
    func terminate(_ id: String) async throws(ProblemError)
}

/// tus extension "checksum".
public protocol UploadVerification: UploadAccess {
    /// In lower case, the preferred one first; tus demands `sha1`.
    var checksumAlgorithms: [String] { get }

    /// Like `append` without a checksum, but all or nothing: when the digest differs (460, `ProblemError.checksumMismatch`) or
    /// the body throws, the upload is as it was.
    func append(_ body: RequestChunks, to id: String, at offset: Int, verifying checksum: UploadChecksum)
        async throws(ProblemError) -> UploadStatus
}

/// tus extension "expiration": unfinished uploads have an `expiresAt`.
public protocol UploadExpiration: UploadAccess {}

extension ProblemError {
    /// 460 of the tus protocol.
    public static var checksumMismatch: ProblemError {
        ProblemError(
            status: 460, category: .validation, title: "Checksum mismatch",
            detail: "The piece arrived with other bytes than were sent.", suggestion: "Send it again.")
    }

    /// 409 of an upload that stands elsewhere; the answer tells where.
    public static func offsetMismatch(expected: Int, got: Int) -> ProblemError {
        ProblemError(
            status: 409, category: .validation, title: "Offset mismatch",
            detail: "The upload is at byte \(expected), not at \(got).", suggestion: "Go on from byte \(expected).",
            headers: [Header("Upload-Offset", "\(expected)")])
    }
}
