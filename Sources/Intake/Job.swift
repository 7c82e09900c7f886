public import MediaIndex

/// Something that the appliance works on.
public struct Job: Sendable, Equatable, Identifiable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// An upload is checked and adopted.
        case check
        /// A thumbnail that was lost is made again.
        case thumbnail
    }

    public enum State: String, Sendable, Codable, CaseIterable {
        case queued
        case running
        case done
        case failed
    }

    /// Counts from 1 since the start.
    public var id: Int
    public var mediumID: MediumID
    /// The medium's name.
    public var name: String
    public var kind: Kind
    public var state: State
    /// 0 to 1.
    public var progress: Double
    /// Milliseconds since 1970.
    public var createdAt: Int64
    public var startedAt: Int64?
    public var endedAt: Int64?
    /// Why it failed, or why it waits; with what to do.
    public var reason: String?
    public var suggestion: String?

    public var hasEnded: Bool { state == .done || state == .failed }
}
