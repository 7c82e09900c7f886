/// Something that the screen says over whatever plays.
public struct ScreenMessage: Sendable, Equatable {
    public enum Severity: Int, Sendable, Comparable, CaseIterable {
        /// Something does not work, and a person has to do something about it.
        case critical
        /// Good to know while it happens.
        case informational

        public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    /// A later message of the same key takes the place of this one.
    public var key: String
    public var severity: Severity
    /// What it is, in a few words.
    public var title: String
    /// More of it, and what to do; nil: the title says all.
    public var detail: String?
    /// How far it has come, from 0 to 1, in whole hundredths: what differs by less looks the same.
    public var progress: Double?
    /// How long it is on the screen; nil: until it is withdrawn.
    public var stays: Duration?
    /// From one showing to the next, for what lasts; nil: it is shown once. A screen that says the same for a year
    /// would be read by nobody, and burn in.
    public var returns: Duration?

    public init(
        key: String, severity: Severity, title: String, detail: String? = nil, progress: Double? = nil,
        stays: Duration? = nil, returns: Duration? = nil
    ) {
        self.key = key
        self.severity = severity
        self.title = title
        self.detail = detail
        self.progress = progress.map { (min(max($0, 0), 1) * 100).rounded() / 100 }
        self.stays = stays
        self.returns = returns
    }
}

/// What of the messages is shown: `messages.on_screen`.
public enum MessageFilter: String, Sendable, CaseIterable {
    case all
    case critical
    case none

    func lets(_ severity: ScreenMessage.Severity) -> Bool {
        switch self {
        case .all: true
        case .critical: severity == .critical
        case .none: false
        }
    }
}
