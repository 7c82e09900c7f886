/// What was found on a bus, for the status.
public struct I2CPart: Sendable, Equatable {
    public enum State: String, Sendable {
        case working
        /// It is there, and not used: switched off in the settings.
        case unused
        /// It was there, and does not answer now.
        case lost
        /// Something answers at one of our addresses, and is none of ours.
        case unknown
        /// The bus does not work.
        case failed
    }

    /// `oled` or `light`.
    public var kind: String
    /// What it is, for a person.
    public var title: String
    /// `/dev/i2c-1`; empty where there is none.
    public var bus: String
    /// `0x3C`; nil: the bus itself.
    public var address: String?
    public var state: State
    /// In words: what is wrong, or what it shows or measures.
    public var detail: String?

    public init(
        kind: String, title: String, bus: String, address: String? = nil, state: State, detail: String? = nil
    ) {
        (self.kind, self.title, self.bus) = (kind, title, bus)
        (self.address, self.state, self.detail) = (address, state, detail)
    }
}
