import DeviceSettings

/// What one file on the card's FAT partition wants, whoever wrote it.
struct CardSource: Sendable, Equatable {
    var file: CardFile
    /// The file, as messages call it.
    var origin: String
    var bytes: [UInt8]
    /// Valid values by the settings' own names, the daemon's and the system's.
    var values: [String: SettingValue] = [:]
    var faults: [SettingFault] = []
    /// Where a password stands, as offsets of bytes.
    var secrets: [Range<Int>] = []
    /// A password stood here, and was blanked by an earlier start.
    var isBlanked = false
    /// Some of it could not be read: what it does not say, it may say there.
    var isPartlyUnreadable = false

    /// The system's settings that it says something of, right or wrong.
    var systemKeys: Set<String> {
        let said = Set(values.keys).union(faults.map { CardKeys.otherNames[$0.key] ?? $0.key })
        return said.intersection(CardKeys.system.map(\.name))
    }

    static let blank = UInt8(ascii: "*")

    /// The content without the password: same length, asterisks in its place.
    var blankedBytes: [UInt8] { Self.blanking(secrets, in: bytes) }

    static func blanking(_ ranges: [Range<Int>], in bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for range in ranges where range.upperBound <= bytes.count {
            bytes.replaceSubrange(range, with: repeatElement(blank, count: range.count))
        }
        return bytes
    }

    static func isBlank(_ password: String) -> Bool { !password.isEmpty && password.utf8.allSatisfy { $0 == blank } }
}

/// The files of the FAT partition that can say what a person wants. Where several say it, the later one holds.
enum CardSources {
    static let names = [
        CustomTOML.name, FirstRunScript.name, CloudUserData.name, CloudNetworkConfig.name, "vitrine.toml",
    ]

    static func read(_ name: String, _ bytes: [UInt8], keys: [SettingKey], zones: () -> [String]) -> CardSource {
        switch name {
        case CustomTOML.name: CustomTOML.read(bytes, zones: zones)
        case FirstRunScript.name: FirstRunScript.read(bytes, zones: zones)
        case CloudUserData.name: CloudUserData.read(bytes, zones: zones)
        case CloudNetworkConfig.name: CloudNetworkConfig.read(bytes, zones: zones)
        default: Inbox(keys: CardKeys.taken(daemon: keys)).read(bytes, zones: zones)
        }
    }
}
