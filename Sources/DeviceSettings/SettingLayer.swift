import TOMLKit

/// What one place says: the valid values, and the faults of the rest.
public struct SettingLayer: Sendable, Equatable {
    /// File, `environment`, `command line` or `default`.
    public var origin: String
    public var values: [String: SettingValue] = [:]
    public var faults: [SettingFault] = []

    public init(origin: String) { self.origin = origin }

    /// The version of the format that this program reads.
    public static let version = 1

    /// Reads TOML. A file that cannot be parsed at all is one fault, with its line.
    public init(toml text: String, origin: String, keys: [SettingKey]) {
        self.init(origin: origin)
        // Editors on other systems leave a byte-order mark, and CRLF, which TOML allows.
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            faults.append(
                SettingFault(
                    origin: origin, line: Int(error.source.begin.line), key: SettingFault.wholeFile,
                    expected: "this is not TOML: \(error.description)"))
            return
        } catch {
            faults.append(SettingFault(origin: origin, key: SettingFault.wholeFile, expected: "this is not TOML"))
            return
        }
        let lines = LineNumbers(of: text)
        let known = Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) })
        let tables = Set(keys.lazy.filter { if case .button = $0.shape { true } else { false } }.map(\.name))
        for (name, value) in Self.flatten(table, prefix: "", tables: tables) {
            let line = lines[name]
            if name == "version" {
                if value != .integer(Self.version) {
                    faults.append(
                        SettingFault(
                            origin: origin, line: line, key: name, value: value?.description,
                            expected: "this program reads version \(Self.version)"))
                }
                continue
            }
            guard let key = known[name] else {
                faults.append(.unknown(name, origin: origin, line: line, keys: keys))
                continue
            }
            guard let value, let accepted = key.shape.accept(value) else {
                faults.append(
                    SettingFault(
                        origin: origin, line: line, key: name, value: value?.description ?? "(not a plain value)",
                        expected: "expected \(key.shape.expectation)"))
                continue
            }
            values[name] = accepted
        }
        faults.sort { ($0.line ?? 0, $0.key) < ($1.line ?? 0, $1.key) }
    }

    /// Reads `VITRINE_…` variables. `ignoring` names those that are not settings.
    public init(environment: [String: String], keys: [SettingKey], ignoring: Set<String> = []) {
        self.init(origin: "environment")
        let known = Dictionary(uniqueKeysWithValues: keys.map { ($0.environmentName, $0) })
        for (name, text) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("VITRINE_") && !ignoring.contains(name) {
            guard let key = known[name] else {
                faults.append(.unknown(name, origin: origin, line: nil, names: keys.map(\.environmentName)))
                continue
            }
            take(text, for: key, shownAs: name)
        }
    }

    /// Reads `key=value` arguments.
    public init(arguments: [String], keys: [SettingKey]) {
        self.init(origin: "command line")
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let key = keys.first(where: { $0.name == parts[0] }) else {
                faults.append(.unknown(parts[0], origin: origin, line: nil, keys: keys))
                continue
            }
            take(parts.count > 1 ? parts[1] : "", for: key, shownAs: key.name)
        }
    }

    private mutating func take(_ text: String, for key: SettingKey, shownAs name: String) {
        guard let value = key.shape.parse(text) else {
            faults.append(
                SettingFault(
                    origin: origin, key: name, value: SettingValue.text(text).description,
                    expected: "expected \(key.shape.expectation)"))
            return
        }
        values[key.name] = value
    }

    /// Dotted names with their values; nil for what no setting can be (dates, mixed arrays).
    ///
    /// - Parameter tables: names of those that are one value with all that is in them.
    private static func flatten(
        _ table: TOMLTable, prefix: String, tables: Set<String>
    ) -> [(String, SettingValue?)] {
        var result: [(String, SettingValue?)] = []
        for (key, value) in table {
            let name = prefix + key
            if let inner = value.table, !tables.contains(name) {
                result += flatten(inner, prefix: name + ".", tables: tables)
            } else {
                result.append((name, plain(value)))
            }
        }
        return result
    }

    private static func plain(_ value: any TOMLValueConvertible) -> SettingValue? {
        if let boolean = value.bool { return .boolean(boolean) }
        if let integer = value.int { return .integer(integer) }
        if let number = value.double { return .number(number) }
        if let text = value.string { return .text(text) }
        if let array = value.array {
            let items = array.map { $0.string }
            let words = items.compactMap { $0 }
            return words.count == items.count ? .list(words) : nil
        }
        if let table = value.table {
            var entries: [String: SettingValue] = [:]
            for (key, value) in table {
                guard let value = plain(value) else { return nil }
                entries[key] = value
            }
            return .table(entries)
        }
        return nil
    }

    /// One value as TOML writes it; nil when this is none.
    static func value(ofTOML text: String) -> SettingValue? {
        guard !text.contains(where: \.isNewline), let table = try? TOMLTable(string: "value = \(text)") else {
            return nil
        }
        return table["value"].flatMap { plain($0) }
    }
}

extension SettingFault {
    static func unknown(_ name: String, origin: String, line: Int?, keys: [SettingKey]) -> SettingFault {
        unknown(name, origin: origin, line: line, names: keys.map(\.name))
    }

    static func unknown(_ name: String, origin: String, line: Int?, names: [String]) -> SettingFault {
        let advice = nearest(to: name, in: names).map { "unknown; did you mean \($0)?" }
        return SettingFault(origin: origin, line: line, key: name, expected: advice ?? "unknown; nothing is near it")
    }
}
