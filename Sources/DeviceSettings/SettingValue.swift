/// The value of a setting, as TOML, the environment and the command line can all express it.
public enum SettingValue: Sendable, Hashable, CustomStringConvertible {
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case list([String])
    /// Named values that belong together: a button's line and how it is wired.
    case table([String: SettingValue])

    /// As a person would write it in TOML.
    public var description: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .integer(let integer): String(integer)
        case .number(let number): number == number.rounded() ? String(Int(number)) : String(number)
        case .boolean(let boolean): String(boolean)
        case .list(let items): "[" + items.map(Self.quoted).joined(separator: ", ") + "]"
        case .table(let entries):
            "{ " + entries.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ") + " }"
        }
    }

    /// A TOML basic string (TOML 1.0, "String").
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
