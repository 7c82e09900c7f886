import DeviceSettings

/// Reads TOML that people and other programs put on the card.
struct Inbox {
    /// The file's, on the FAT partition.
    var name = "vitrine.toml"
    var keys: [SettingKey]
    /// Names that are known and mean nothing here.
    var ignored: Set<String> = []
    /// Whether it is worth a word that a name is another one here.
    var saysOtherNames = true

    /// Lines that are passed over, at most, before the file is given up as a whole.
    private static let patience = 40

    func read(_ bytes: [UInt8], zones: () -> [String]) -> CardSource {
        var source = CardSource(file: .firmware(name), origin: name, bytes: bytes)
        guard let text = CardText.lines(of: bytes) else {
            source.faults = [
                SettingFault(
                    origin: name, key: SettingFault.wholeFile, expected: "this is not plain text; save it as UTF-8")
            ]
            return source
        }
        let (read, isWhole) = tolerant(text)
        source.isPartlyUnreadable = !isWhole
        var layer = read
        layer.faults.removeAll { ignored.contains($0.key) }
        rename(&layer)
        SystemChecks.check(&layer, zones: zones)
        locate(&layer.faults, in: text)
        source.values = layer.values
        source.faults = layer.faults
        if case .text(let password)? = layer.values["wifi.password"] {
            if CardSource.isBlank(password) {
                source.isBlanked = true
            } else if !password.isEmpty {
                source.secrets = passwordRanges(of: password, in: bytes, read: read)
                if source.secrets.isEmpty {
                    source.faults.append(
                        SettingFault(
                            origin: name, key: "wifi.password",
                            expected: "taken, but it cannot be blanked here; write it as password = \"…\""))
                }
            }
        }
        return source
    }

    /// The quoted text whose blanking changes the password and nothing else, and copies of it in remarks.
    private func passwordRanges(of password: String, in bytes: [UInt8], read: SettingLayer) -> [Range<Int>] {
        let names = ["wifi.password"] + CardKeys.otherNames.filter { $0.value == "wifi.password" }.keys
        func others(_ layer: SettingLayer) -> [String: SettingValue] { layer.values.filter { !names.contains($0.key) } }
        let literals = TextLiterals(in: bytes)
        func isPassword(_ range: Range<Int>) -> Bool {
            guard !range.isEmpty, let text = CardText.lines(of: CardSource.blanking([range], in: bytes))
            else { return false }
            let blanked = tolerant(text).layer
            let isBlanked = names.contains { key in
                guard case .text(let value)? = blanked.values[key] else { return false }
                return CardSource.isBlank(value) && blanked.values[key] != read.values[key]
            }
            return isBlanked && others(blanked) == others(read)
        }
        // As it reads, if it stands so; with escapes it looks otherwise.
        let (plain, rest) = literals.texts.reduce(into: ([Range<Int>](), [Range<Int>]())) { parts, range in
            if bytes[range].elementsEqual(password.utf8) { parts.0.append(range) } else { parts.1.append(range) }
        }
        let found = plain.filter(isPassword)
        return (found.isEmpty ? rest.filter(isPassword) : found).flatMap { [$0] + literals.copies(of: $0, in: bytes) }
    }

    /// TOML's grammar gives up at the first mistake. A person should not lose the other lines, so that a line that cannot be
    /// read is passed over, and named. What stands on it is not repeated: it may be a password.
    private func tolerant(_ text: String) -> (layer: SettingLayer, isWhole: Bool) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var passedOver: [SettingFault] = []
        while true {
            var layer = SettingLayer(toml: lines.joined(separator: "\n"), origin: name, keys: keys)
            guard let whole = layer.faults.first(where: { $0.key == SettingFault.wholeFile }) else {
                layer.faults = (passedOver + layer.faults.map(Self.hidingPasswords)).sorted {
                    ($0.line ?? 0) < ($1.line ?? 0)
                }
                return (layer, passedOver.isEmpty)
            }
            // The parser may be on the next line when it sees that a text has no end.
            let candidates = [whole.line, whole.line.map { $0 - 1 }].compactMap { $0 }
            let line = candidates.first { $0 >= 1 && $0 <= lines.count && !Self.isEmpty(lines[$0 - 1]) }
            guard let line, passedOver.count < Self.patience else {
                var empty = SettingLayer(origin: name)
                empty.faults = [
                    SettingFault(
                        origin: name, line: whole.line, key: SettingFault.wholeFile,
                        expected: "this is not TOML; compare it with the example")
                ]
                return (empty, false)
            }
            passedOver.append(unreadable(lines[line - 1], line))
            lines[line - 1] = ""
        }
    }

    private static func isEmpty(_ line: String) -> Bool { line.allSatisfy { $0 == " " || $0 == "\t" } }

    private func unreadable(_ line: String, _ number: Int) -> SettingFault {
        let key = line.prefix { $0 != "=" && $0 != " " && $0 != "\t" && $0 != "#" }
        let isKey =
            line.contains("=") && !key.isEmpty
            && key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
        let advice =
            if line.contains(where: { "“”„‟‘’«»".contains($0) }) {
                "expected straight quotation marks (\"), not the typographic ones of a word processor"
            } else if !line.contains("=") {
                "expected NAME = VALUE, a [heading], or a # before a remark"
            } else {
                "expected NAME = VALUE, once for each name, texts in quotation marks: name = \"text\""
            }
        return SettingFault(origin: name, line: number, key: isKey ? String(key) : "(this line)", expected: advice)
    }

    private static func hidingPasswords(_ fault: SettingFault) -> SettingFault {
        var fault = fault
        if fault.key.contains("pass") || fault.key.contains("psk") { fault.value = nil }
        return fault
    }

    /// Who finds a fault in a value does not know its line.
    private func locate(_ faults: inout [SettingFault], in text: String) {
        let lines = LineNumbers(of: text)
        for index in faults.indices where faults[index].line == nil {
            let others = CardKeys.otherNames.filter { $0.value == faults[index].key }.keys
            faults[index].line = ([faults[index].key] + others).compactMap { lines[$0] }.first
        }
        faults.sort { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    private func rename(_ layer: inout SettingLayer) {
        for (other, name) in CardKeys.otherNames.sorted(by: { $0.key < $1.key }) {
            guard let value = layer.values.removeValue(forKey: other) else { continue }
            let isTaken = layer.values[name] == nil
            if isTaken { layer.values[name] = value }
            if isTaken, !saysOtherNames { continue }
            layer.faults.append(
                SettingFault(
                    origin: layer.origin, key: other,
                    expected: isTaken ? "\(SettingFault.taken)\(name)" : "\(name) says it, too, and holds"))
        }
    }
}

extension SettingFault {
    fileprivate static let taken = "taken; its name here is "
    /// Nothing was wrong with it.
    var isAdvice: Bool { expected.hasPrefix(Self.taken) }
}
