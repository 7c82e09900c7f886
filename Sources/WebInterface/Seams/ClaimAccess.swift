/// Where the web server keeps who may come in, and where it shows the PIN.
public protocol ClaimAccess: Sendable {
    /// What was kept last; an empty one at first.
    func load() async throws(ProblemError) -> AccessRecord
    /// Returns once it is safe on the card.
    func save(_ record: AccessRecord) async throws(ProblemError)
    /// Puts the PIN on the screen, or takes it off (nil). Called at start as well.
    func showPIN(_ pin: String?) async
}

/// Who may come in. Holds no secret: of a session's token there is the SHA-256 only, and the token has 256 random bits.
public struct AccessRecord: Sendable, Equatable, Codable {
    public struct Session: Sendable, Equatable, Codable {
        /// Lowercase hexadecimal SHA-256 of the token.
        public var digest: String
        /// What the device called itself: a browser's short name, or the CLI.
        public var label: String
        public var createdAt: Timestamp

        public init(digest: String, label: String, createdAt: Timestamp) {
            self.digest = digest
            self.label = label
            self.createdAt = createdAt
        }
    }

    public var sessions: [Session]

    public init(sessions: [Session] = []) { self.sessions = sessions }
}
