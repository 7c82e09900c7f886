public import MediaIndex

/// Something that the appliance works on.
public struct Job: Sendable, Equatable, Identifiable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// An upload is checked and adopted.
        case check
        /// A thumbnail that was lost is made again.
        case thumbnail
        /// The index is built anew from the library.
        case rebuild = "rebuild_index"
        /// What is left over is thrown away.
        case cleanup
    }

    public enum State: String, Sendable, Codable, CaseIterable {
        case queued
        case running
        case done
        case failed
    }

    /// Counts from 1 since the start.
    public var id: Int
    /// The medium that it is about; nil: it is about the appliance.
    public var mediumID: MediumID?
    /// The medium's name; empty when it is about none.
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

/// One line of a job's log.
public struct JobLine: Sendable, Equatable {
    /// Counts from 1 within the job; a gap tells of lines that were forgotten.
    public var number: Int
    /// When it was said: milliseconds since 1970.
    public var time: Int64
    public var text: String

    public init(number: Int, time: Int64, text: String) {
        self.number = number
        self.time = time
        self.text = text
    }
}
