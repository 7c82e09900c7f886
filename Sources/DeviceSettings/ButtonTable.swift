/// What `buttons.<action>` takes: a line, or a table that says how the button is wired.
enum ButtonTable {
    /// In milliseconds.
    static let longestHold = 60_000

    /// A line, or a table as TOML writes it within one line: the environment, the command line and a form have texts only.
    static func accept(_ value: SettingValue, leastHold: Int) -> SettingValue? {
        if case .text(let text) = value, text.drop(while: { $0 == " " }).hasPrefix("{") {
            guard case .table(let entries)? = SettingLayer.value(ofTOML: text) else { return nil }
            return accept(entries, leastHold: leastHold)
        }
        return SettingShape.line(orLight: false).accept(value)
    }

    static func accept(_ entries: [String: SettingValue], leastHold: Int) -> SettingValue? {
        let shapes: [String: SettingShape] = [
            "line": .line(orLight: false), "active_low": .boolean, "pull": .choice(["up", "down"]),
            "hold_ms": .integer(leastHold...longestHold),
        ]
        var accepted: [String: SettingValue] = [:]
        for (name, value) in entries {
            guard let value = shapes[name]?.accept(value) else { return nil }
            accepted[name] = value
        }
        // Without a line the rest has nothing to be about.
        guard case .text(let line)? = accepted["line"], !line.isEmpty else { return nil }
        return .table(accepted)
    }
}
