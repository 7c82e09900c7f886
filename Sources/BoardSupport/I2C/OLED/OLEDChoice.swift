/// Which OLED is expected: `i2c.oled`.
public enum OLEDChoice: Sendable, Equatable {
    /// Told by its status.
    case automatic
    /// Whatever answers at an OLED's address is this.
    case model(OLEDModel)
    /// Not even looked for.
    case none

    /// nil for a word that it does not know.
    public init?(_ text: String) {
        switch text {
        case "auto": self = .automatic
        case "none": self = .none
        default:
            guard let model = OLEDModel.all.first(where: { $0.name == text }) else { return nil }
            self = .model(model)
        }
    }

    public static let words = ["auto"] + OLEDModel.all.map(\.name) + ["none"]
}
