/// What values a setting takes.
public enum SettingShape: Sendable, Equatable {
    case text(maximumLength: Int)
    /// The same, or nothing: the part decides.
    case optionalText(maximumLength: Int)
    case path
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case boolean
    case choice([String])
    /// Some of these words, each at most once, in the user's order.
    case words([String])
    /// Some texts, each of one line; a single one needs no brackets.
    case texts(maximumCount: Int, maximumLength: Int)
    /// `WIDTHxHEIGHT` in pixels.
    case pixelSize
    /// `auto`, or `WIDTHxHEIGHT` with or without `@RATE`.
    case displayMode
    /// One of these numbers.
    case oneOf([Int])
    /// A GPIO line: `GPIO25`, or `gpiochip0:25`; nothing: the part decides; `none`: there is none. A light may also be a
    /// channel of a PWM chip, `pwmchip0:1`, or the kernel's own, `backlight:NAME`.
    case line(orLight: Bool)
    /// A button: a line, or a table with `line`, `active_low`, `pull` and `hold_ms`; nothing or `none`: there is none.
    case button(leastHold: Int)

    /// What is expected, in words, to stand behind "expected".
    public var expectation: String {
        switch self {
        case .text(let maximum): "text of 1 to \(maximum) characters"
        case .optionalText(let maximum): "text of at most \(maximum) characters"
        case .path: "an absolute path"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            "a number from \(SettingValue.number(range.lowerBound)) to \(SettingValue.number(range.upperBound))"
        case .boolean: "true or false"
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .words(let words): "a list of some of " + words.joined(separator: ", ")
        case .texts(let count, let length): "at most \(count) texts of 1 to \(length) characters each"
        case .pixelSize: "a size such as \"1280x720\", each side from 16 to 7680"
        case .displayMode: "\"auto\", or a mode such as \"1920x1080@50\""
        case .oneOf(let numbers): "one of " + numbers.map(String.init).joined(separator: ", ")
        case .line(let orLight):
            "a line such as \"GPIO25\" or \"gpiochip0:25\"" + (orLight ? ", \"pwmchip0:1\", \"backlight:NAME\"" : "")
                + ", or \"none\""
        case .button(let least):
            "a line such as \"GPIO17\" or \"gpiochip0:17\", \"none\", or a table with line, active_low (true or false), "
                + "pull (up or down) and hold_ms (\(least) to \(ButtonTable.longestHold))"
        }
    }

    /// The value in its canonical form; nil when it does not fit.
    public func accept(_ value: SettingValue) -> SettingValue? {
        switch (self, value) {
        case (.text(let maximum), .text(let text)):
            (1...maximum).contains(text.count) && Self.isPlain(text) ? value : nil
        case (.optionalText(let maximum), .text(let text)):
            text.count <= maximum && Self.isPlain(text) ? value : nil
        case (.path, .text(let text)):
            text.hasPrefix("/") && !text.contains("\0") ? value : nil
        case (.integer(let range), .integer(let integer)):
            range.contains(integer) ? value : nil
        case (.number(let range), .integer(let integer)):
            range.contains(Double(integer)) ? .number(Double(integer)) : nil
        case (.number(let range), .number(let number)):
            range.contains(number) ? value : nil
        case (.boolean, .boolean):
            value
        case (.choice(let words), .text(let text)):
            words.contains(text) ? value : nil
        case (.words(let words), .list(let items)):
            !items.isEmpty && Set(items).count == items.count && items.allSatisfy(words.contains) ? value : nil
        case (.texts(let count, let length), .list(let items)):
            items.count <= count && items.allSatisfy { (1...length).contains($0.count) && Self.isPlain($0) }
                ? value : nil
        case (.texts, .text(let text)):
            accept(.list(text.isEmpty ? [] : [text]))
        case (.pixelSize, .text(let text)):
            Self.pixelSize(text) != nil ? value : nil
        case (.displayMode, .text(let text)):
            text == "auto" || Self.isMode(text) ? value : nil
        case (.oneOf(let numbers), .integer(let integer)):
            numbers.contains(integer) ? value : nil
        case (.oneOf(let numbers), .text(let text)):
            // A form knows texts only.
            Int(text).flatMap { numbers.contains($0) ? .integer($0) : nil }
        case (.line, .integer(let number)):
            (0...1023).contains(number) ? .text("GPIO\(number)") : nil
        case (.line(let orLight), .text(let text)):
            text.isEmpty || text == "none" || Self.isLine(text) || (orLight && Self.isLight(text)) ? value : nil
        case (.button(let least), .integer), (.button(let least), .text): ButtonTable.accept(value, leastHold: least)
        case (.button(let least), .table(let entries)): ButtonTable.accept(entries, leastHold: least)
        default:
            nil
        }
    }

    /// Reads a value from plain text: an environment variable, or an argument.
    public func parse(_ text: String) -> SettingValue? {
        switch self {
        case .text, .optionalText, .path, .choice, .pixelSize, .displayMode, .line, .button: accept(.text(text))
        case .integer, .oneOf: Int(text).flatMap { accept(.integer($0)) }
        case .number: Double(text).flatMap { accept(.number($0)) }
        case .boolean:
            switch text.lowercased() {
            case "true", "1", "yes", "on": .boolean(true)
            case "false", "0", "no", "off": .boolean(false)
            default: nil
            }
        case .words, .texts:
            accept(
                .list(
                    text.split(separator: ",").map {
                        String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
                    }))
        }
    }

    private static func isPlain(_ text: String) -> Bool { !text.unicodeScalars.contains { $0.value < 0x20 } }

    private static func isLine(_ text: String) -> Bool {
        text.hasPrefix("GPIO") ? isNumber(text.dropFirst(4)) : isChannel(text, of: "gpiochip")
    }

    private static func isLight(_ text: String) -> Bool {
        isChannel(text, of: "pwmchip") || (text.hasPrefix("backlight:") && text.count > 10 && !text.contains("/"))
    }

    private static func isChannel(_ text: String, of chip: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].hasPrefix(chip) && isNumber(parts[0].dropFirst(chip.count))
            && isNumber(parts[1])
    }

    private static func isNumber(_ text: Substring) -> Bool {
        (1...4).contains(text.count) && text.allSatisfy { ("0"..."9").contains($0) }
    }

    private static func isMode(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard let size = parts.first, parts.count <= 2, pixelSize(String(size)) != nil else { return false }
        guard parts.count == 2 else { return true }
        guard let rate = Double(parts[1]) else { return false }
        return (1...1000).contains(rate)
    }

    static func pixelSize(_ text: String) -> (width: Int, height: Int)? {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1], (16...7680).contains(width),
            (16...7680).contains(height)
        else { return nil }
        return (width, height)
    }
}
