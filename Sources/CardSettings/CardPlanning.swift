import DeviceSettings

/// The steps by which a plan is made.
struct CardPlanning {
    private let card: CardState
    /// The system's settings, by name.
    private(set) var system: [String: SettingValue]
    /// The daemon's.
    private(set) var settings: Settings
    private(set) var faults: [SettingFault] = []

    private var sources: [CardSource] = []
    private var fresh: [Fresh] = []
    /// Files of which something was taken now, or earlier without coming to the end.
    private var taken: [Taken] = []
    private var keeping: [CardAction] = []

    /// A file that says something new.
    private struct Fresh {
        var source: CardSource
        /// The system's settings that it says nothing of any more.
        var takenOut: Set<String>
    }

    private struct Taken {
        var name: String
        var file: CardFile
        var record: CardRecord
    }

    init(_ card: CardState) {
        self.card = card
        settings = card.settings
        let stored = SettingLayer(
            toml: String(decoding: card.systemSettings ?? [], as: UTF8.self), origin: "card.toml",
            keys: CardKeys.system)
        system = stored.values
        faults =
            stored.faults
            + card.unread.sorted { $0.key < $1.key }.map {
                SettingFault(origin: $0.key, key: SettingFault.wholeFile, expected: $0.value)
            }
    }

    mutating func readSources() {
        for name in CardSources.names {
            guard let bytes = card.firmware[name] else { continue }
            let record = card.records[name].flatMap(CardRecord.init)
            if record == nil, card.records[name] != nil {
                faults.append(
                    SettingFault(
                        origin: CardFile.record(of: name).nameInMessages ?? name, key: SettingFault.wholeFile,
                        expected: "what was noted of \(name) is damaged, so \(name) was read as if it were new"))
            }
            let standing = record?.standing(of: bytes) ?? .new
            // Half a blank may be no TOML; what stands there in the end is.
            let content = standing == .halfBlanked ? record?.content ?? bytes : bytes
            let source = CardSources.read(name, content, keys: card.settings.keys, zones: card.zones)
            sources.append(source)
            faults += source.faults
            switch (standing, record) {
            case (.unblanked, let record?), (.halfBlanked, let record?):
                taken.append(Taken(name: name, file: source.file, record: record))
            case (.new, _):
                let former = record?.systemKeys ?? []
                let missing = former.subtracting(source.systemKeys)
                // What cannot be read may be what seems to be missing: it is asked again when the file is right.
                let isClear =
                    !source.isPartlyUnreadable && !source.faults.contains { $0.key == SettingFault.wholeFile }
                fresh.append(Fresh(source: source, takenOut: isClear ? missing : []))
                let record = CardRecord(
                    of: bytes, blanking: source.secrets,
                    systemKeys: isClear ? source.systemKeys : source.systemKeys.union(missing))
                taken.append(Taken(name: name, file: source.file, record: record))
            case (.taken, _), (.unblanked, nil), (.halfBlanked, nil): break
            }
        }
    }

    /// Merges what is new into what is kept.
    mutating func takeFresh() {
        let before = (system: system, config: configLayer)
        var config = configLayer
        for (source, takenOut) in fresh.map({ ($0.source, $0.takenOut) }) {
            takeBack(takenOut, of: source)
            takeSystem(source)
            let daemonKeys = CardKeys.daemon(settings.keys)
            for (name, value) in source.values where daemonKeys.contains(where: { $0.name == name }) {
                config.values[name] = value
            }
        }
        checkPassword()
        guard card.dataIsWritable else {
            if !fresh.isEmpty { settings = settings.replacing(config) }
            if !card.dataFaultIsSaid {
                faults.append(
                    SettingFault(
                        origin: "card", key: "data",
                        expected: "settings cannot be kept, since the data partition cannot be written to"))
            }
            return
        }
        if system != before.system {
            keeping.append(.replace(.systemSettings, Self.text(system), isSecret: true))
        }
        guard config.values != before.config.values else { return }
        if config.faults.contains(where: { $0.key == SettingFault.wholeFile }), let bytes = card.config {
            keeping.append(.replace(.unreadableConfig, bytes, isSecret: false))
        }
        config.faults = []
        settings = settings.replacing(config)
        keeping.append(
            .replace(.config, Array(SettingsFiles.toml(config, keys: settings.keys).utf8), isSecret: false))
    }

    /// Settings first, then the word that they are taken and what is still to be blanked, then the password on the FAT
    /// partition, then the word that it is done. A card that cannot be written to comes no further than the second: what is
    /// said on the page from then on stays.
    func lasting(firmware: FirmwareLines) -> [CardAction] {
        var actions = keeping
        var opened: [CardAction] = []
        var done: [CardAction] = []
        if card.dataIsWritable {
            actions += keysChange
            for file in taken {
                if card.records[file.name] != file.record.bytes { actions.append(keep(file.record, of: file.name)) }
                guard !file.record.blanking.isEmpty else { continue }
                opened.append(.blank(file.file, file.record.blanking, content: file.record.content))
                done.append(keep(file.record.blanked, of: file.name))
            }
        }
        if changes(firmware) { opened.append(.replace(.generatedConfig, firmware.bytes, isSecret: false)) }
        if !opened.isEmpty { actions += [.openCard] + opened + [.closeCard] }
        return actions + done
    }

    private var keysChange: [CardAction] {
        if case .list(let keys)? = system["ssh.key"], !keys.isEmpty {
            let bytes = Array((keys.joined(separator: "\n") + "\n").utf8)
            return bytes == card.authorizedKeys ? [] : [.replace(.authorizedKeys, bytes, isSecret: true)]
        }
        // Its being there starts SSH, whether it can be read or not.
        let isUnread = CardFile.authorizedKeys.nameInMessages.map { card.unread[$0] != nil } ?? false
        return card.authorizedKeys == nil && !isUnread ? [] : [.remove(.authorizedKeys)]
    }

    func changes(_ firmware: FirmwareLines) -> Bool {
        // On a machine without the card's partition there is nothing to change.
        !card.firmware.isEmpty && card.firmware[CardFile.generatedName] != firmware.bytes
    }

    private func keep(_ record: CardRecord, of name: String) -> CardAction {
        .replace(.record(of: name), record.bytes, isSecret: true)
    }

    private var configLayer: SettingLayer {
        settings.layers.first { $0.origin == card.configOrigin } ?? SettingLayer(origin: card.configOrigin)
    }

    /// Settings that a file said and says no more: they are what the other files say, else nothing.
    private mutating func takeBack(_ names: Set<String>, of source: CardSource) {
        for name in names {
            var value = sources.last { $0.file != source.file && $0.values[name] != nil }?.values[name]
            if case .text(let password)? = value, CardSource.isBlank(password), name == "wifi.password" { value = nil }
            system[name] = value == .text("") || value == .list([]) ? nil : value
        }
    }

    private mutating func takeSystem(_ source: CardSource) {
        var values = source.values.filter { name, _ in CardKeys.system.contains { $0.name == name } }
        if case .text(let password)? = values["wifi.password"], CardSource.isBlank(password) {
            values["wifi.password"] = nil
        } else if values["wifi.password"] == nil, let name = values["wifi.ssid"], name != system["wifi.ssid"] {
            // Another network, and no word of a password: the old one's is not for it.
            system["wifi.password"] = nil
        }
        for (name, value) in values { system[name] = value == .text("") || value == .list([]) ? nil : value }
    }

    /// A blank without what it stood for: the data were erased, or this card is another's copy.
    private mutating func checkPassword() {
        guard let source = sources.last(where: { $0.isBlanked || $0.values["wifi.ssid"] != nil }), source.isBlanked,
            system["wifi.password"] == nil, system["wifi.ssid"] != nil
        else { return }
        faults.append(
            SettingFault(
                origin: source.origin, key: "wifi.password",
                expected: "the password was removed from here at an earlier start, and what kept it is gone: "
                    + "write it here once more"))
    }

    private static func text(_ system: [String: SettingValue]) -> [UInt8] {
        let lines = CardKeys.system.compactMap { key in system[key.name].map { "\(key.name) = \($0)\n" } }
        return Array(("# Made from the files on the card's FAT partition.\nversion = 1\n" + lines.joined()).utf8)
    }
}
