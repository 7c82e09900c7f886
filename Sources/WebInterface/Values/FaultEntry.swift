/// One entry of the fault log, which outlives the plug.
public struct FaultEntry: Sendable, Equatable, Codable {
    /// Grows by one from entry to entry.
    public var number: Int
    /// RFC 3339, by the board's clock, which is wrong until a network has told it the time.
    public var time: String
    /// Since the board was switched on, at that moment.
    public var uptimeSeconds: Int
    /// `boot`, `start`, `begin`, `end`, `event` or `stop`.
    public var kind: String
    public var text: String

    public init(number: Int, time: String, uptimeSeconds: Int, kind: String, text: String) {
        self.number = number
        self.time = time
        self.uptimeSeconds = uptimeSeconds
        self.kind = kind
        self.text = text
    }
}
