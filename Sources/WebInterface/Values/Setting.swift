/// What `GET` and `PATCH /api/v1/config` answer.
public struct SettingsDocument: Sendable, Equatable, Codable {
    public var settings: [Setting]
    /// Faults in the configuration files, each of which costs its key alone.
    public var faults: [ProblemError.Fault]

    public init(settings: [Setting], faults: [ProblemError.Fault] = []) {
        self.settings = settings
        self.faults = faults
    }
}

/// One setting, with what a form needs to show it.
public struct Setting: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable {
        case bool
        case integer
        case number
        case string
        /// One of `choices`.
        case choice
        /// A list of texts; each one of `choices`, if there are some.
        case list
    }

    /// `playback.photo_seconds`.
    public var key: String
    public var kind: Kind
    /// A short name for a person, and what it does.
    public var title: String
    public var summary: String?
    /// The effective value; null for a secret, which only goes in.
    public var value: JSONValue
    public var defaultValue: JSONValue
    /// Where the value comes from: `default`, a file, `environment` or `command line`.
    public var origin: String
    public var choices: [String]?
    public var minimum: Double?
    public var maximum: Double?
    public var unit: String?
    public var isSecret: Bool
    /// A layer above the data folder's file holds it (environment, command line): a change here has no effect.
    public var isFixed: Bool
    /// A change is taken over at the next start.
    public var needsRestart: Bool

    public init(
        key: String, kind: Kind, title: String, summary: String? = nil, value: JSONValue, defaultValue: JSONValue,
        origin: String, choices: [String]? = nil, minimum: Double? = nil, maximum: Double? = nil, unit: String? = nil,
        isSecret: Bool = false, isFixed: Bool = false, needsRestart: Bool = false
    ) {
        self.key = key
        self.kind = kind
        self.title = title
        self.summary = summary
        self.value = value
        self.defaultValue = defaultValue
        self.origin = origin
        self.choices = choices
        self.minimum = minimum
        self.maximum = maximum
        self.unit = unit
        self.isSecret = isSecret
        self.isFixed = isFixed
        self.needsRestart = needsRestart
    }

    private enum CodingKeys: String, CodingKey {
        case key, kind, title, summary, value
        case defaultValue = "default"
        case origin, choices, minimum, maximum, unit
        case isSecret = "secret"
        case isFixed = "fixed"
        case needsRestart
    }
}
