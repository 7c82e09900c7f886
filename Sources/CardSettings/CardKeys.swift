public import DeviceSettings

/// What `vitrine.toml` on the card can say: every setting of the daemon but those that would move it away from its own
/// data, and those of the system below it.
public enum CardKeys {
    /// The system's own, kept in `/data/system/card.toml`; the daemon does not know them.
    public static let system: [SettingKey] = [
        key("wifi.ssid", .optionalText(maximumLength: 32), .text(""), "The WiFi network's name. Empty: no WiFi."),
        key("wifi.password", .optionalText(maximumLength: 256), .text(""), "Its password. Empty: it has none."),
        key(
            "wifi.country", .optionalText(maximumLength: 2), .text(""), "Where the screen is: two letters, such as DE."),
        key("wifi.hidden", .boolean, .boolean(false), "Whether the network hides its name."),
        key("time.zone", .optionalText(maximumLength: 64), .text(""), "Such as Europe/Berlin. Empty: UTC."),
        key(
            "ssh.key", .texts(maximumCount: 16, maximumLength: 4096), .list([]),
            "Public keys that may log in. Empty: nobody, and no SSH."),
    ]

    /// Names that people and other programs use for the same; taken, and said.
    static let otherNames: [String: String] = [
        "hostname": "device.name", "system.hostname": "device.name", "wlan.ssid": "wifi.ssid",
        "wlan.password": "wifi.password", "wlan.country": "wifi.country", "wlan.hidden": "wifi.hidden",
        "wifi.psk": "wifi.password", "timezone": "time.zone", "time_zone": "time.zone", "locale.timezone": "time.zone",
        "ssh.keys": "ssh.key", "ssh.authorized_keys": "ssh.key",
    ]

    /// Where the data are is not for the data's own settings to say; the socket is between programs of the system.
    private static let notFromACard: Set<String> = ["data.directory", "web.socket"]

    static func daemon(_ all: [SettingKey]) -> [SettingKey] { all.filter { !notFromACard.contains($0.name) } }

    /// All that the card takes, under their own names and then under others.
    static func taken(daemon all: [SettingKey]) -> [SettingKey] {
        let own = daemon(all) + system
        let others = otherNames.sorted { $0.key < $1.key }.compactMap { other, name in
            own.first { $0.name == name }.map { named($0, other) }
        }
        return own + others
    }

    private static func named(_ key: SettingKey, _ name: String) -> SettingKey {
        SettingKey(
            name: name, title: key.title, shape: key.shape, standard: key.standard, effect: key.effect, onPage: false,
            summary: key.summary)
    }

    private static func key(
        _ name: String, _ shape: SettingShape, _ standard: SettingValue, _ summary: String
    ) -> SettingKey {
        SettingKey(
            name: name, title: name, shape: shape, standard: standard, effect: .afterRestart, onPage: false,
            summary: summary)
    }
}
