/// What a button can do. The raw values are the last parts of the settings' names: `buttons.next`.
public enum ButtonAction: String, Sendable, CaseIterable, Hashable {
    case next
    case previous
    case pause
    case brightnessUp = "brightness_up"
    case brightnessDown = "brightness_down"
    case info
    case setup
    case restart
    case factoryReset = "factory_reset"

    /// Whether it goes on acting while its button is held.
    public var repeats: Bool { self == .brightnessUp || self == .brightnessDown }

    /// How long its button must be held where the settings do not say. What takes the picture away is not for an
    /// elbow.
    public var standardHold: Duration {
        switch self {
        case .factoryReset: .seconds(10)
        case .restart, .setup: .seconds(3)
        default: .zero
        }
    }

    /// The shortest hold that the settings may ask for.
    public var leastHold: Duration { self == .factoryReset ? .seconds(10) : .zero }
}
