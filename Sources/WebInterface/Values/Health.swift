/// What `GET /healthz` answers.
public struct Health: Sendable, Equatable, Codable {
    public enum Level: String, Sendable, Codable, Comparable {
        case healthy
        case degraded
        case unhealthy

        private var rank: Int {
            switch self {
            case .healthy: 0
            case .degraded: 1
            case .unhealthy: 2
            }
        }

        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    public struct Check: Sendable, Equatable, Codable {
        public var status: Level
        /// Left out for those who have no session.
        public var detail: String?

        public init(_ status: Level, detail: String? = nil) {
            self.status = status
            self.detail = detail
        }
    }

    public var status: Level
    public var version: String
    public var uptimeSeconds: Double
    public var timestamp: Timestamp
    public var checks: [String: Check]

    /// The worst check decides.
    public init(version: String, uptimeSeconds: Double, timestamp: Timestamp = .now, checks: [String: Check]) {
        self.status = checks.values.map(\.status).max() ?? .healthy
        self.version = version
        self.uptimeSeconds = uptimeSeconds
        self.timestamp = timestamp
        self.checks = checks
    }
}
