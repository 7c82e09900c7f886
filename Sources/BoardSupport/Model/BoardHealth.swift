public import LinuxSystem

/// What is to be known of a board's supply and heat: the last reading, what was ever wrong, and what is wrong now. A
/// value: readings and the time go in.
public struct BoardHealth: Sendable, Equatable {
    /// From here on the firmware slows the processor down (Raspberry Pi documentation, "Frequency management and
    /// thermal control").
    static let hot = 80.0
    static let cool = 75.0
    /// A supply that was too weak for a moment will be again: for so long it is a fault.
    static let undervoltageStays: Duration = .seconds(600)

    public private(set) var reading = BoardReading()
    /// The voltage was too low since this program started, or before, where the firmware remembers; nil where the
    /// board cannot tell.
    public private(set) var undervoltageSeen: Bool?
    /// The supply is too weak: now, or within the last ten minutes.
    public private(set) var isUndervolted = false
    /// The processor is hot, until it has cooled by some degrees.
    public private(set) var isHot = false
    private var lastUndervoltage: MonotonicInstant?

    public init() {}

    public mutating func take(_ new: BoardReading, at now: MonotonicInstant) {
        reading = new
        if new.undervoltage == true { lastUndervoltage = now }
        if let undervoltage = new.undervoltage {
            undervoltageSeen = undervoltageSeen == true || undervoltage || new.undervoltageOccurred
        }
        isUndervolted = lastUndervoltage.map { $0.advanced(by: Self.undervoltageStays) > now } ?? false
        if let temperature = new.temperatureCelsius {
            isHot = temperature >= (isHot ? Self.cool : Self.hot)
        } else {
            isHot = false
        }
    }
}
