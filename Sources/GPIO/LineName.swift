/// Which GPIO line is meant: by the name that the device tree gives it, or by chip and offset.
///
/// Names are the surer way: numbers of chips differ from board to board and from kernel to kernel. On a Raspberry Pi the
/// header's lines are called `GPIO0` to `GPIO27`, by BCM number.
public enum LineName: Hashable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    case named(String)
    /// `gpiochip0`, and the line's offset in it.
    case offset(chip: String, UInt32)

    /// By BCM number, as boards' and products' documents give it.
    public init(bcm number: Int) { self = .named("GPIO\(number)") }

    /// `GPIO25`, `25`, or `gpiochip0:25`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0].hasPrefix("gpiochip"), let offset = UInt32(parts[1]) {
            self = .offset(chip: String(parts[0]), offset)
        } else if parts.count == 1, let number = UInt16(text.hasPrefix("GPIO") ? text.dropFirst(4) : text[...]) {
            self.init(bcm: Int(number))
        } else {
            return nil
        }
    }

    /// A bare number is a BCM number.
    public init(integerLiteral number: Int) { self.init(bcm: number) }

    public var description: String {
        switch self {
        case .named(let name): name
        case .offset(let chip, let offset): "\(chip):\(offset)"
        }
    }
}
