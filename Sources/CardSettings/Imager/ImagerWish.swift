import DeviceSettings

/// What Raspberry Pi Imager was told, whichever form it wrote.
struct ImagerWish {
    var name: String
    var bytes: [UInt8]
    var hostName: String?
    var ssid: String?
    /// A passphrase, or the key made of it; Imager writes the key.
    var password: String?
    var country: String?
    var isHidden = false
    var timeZone: String?
    var keys: [String] = []
    /// Where the password stands.
    var secrets: [Range<Int>] = []
    /// What it was told and cannot be, with the name that it has there.
    var impossible: [(key: String, reason: String)] = []

    static let passwordLogin =
        "there is no logging in with a password here; give Raspberry Pi Imager a public key, or write ssh.key in vitrine.toml"

    func source(zones: () -> [String]) -> CardSource {
        var source = CardSource(file: .firmware(name), origin: name, bytes: bytes)
        var layer = SettingLayer(origin: name)
        func set(_ key: String, _ text: String?) {
            if let text, !text.isEmpty { layer.values[key] = .text(text) }
        }
        set("device.name", hostName.map { String($0.prefix(63)) })
        set("wifi.ssid", ssid)
        set("wifi.country", country)
        set("time.zone", timeZone)
        if let password, ssid != nil { layer.values["wifi.password"] = .text(password) }
        if ssid != nil { layer.values["wifi.hidden"] = .boolean(isHidden) }
        if !keys.isEmpty { layer.values["ssh.key"] = .list(keys) }
        SystemChecks.check(&layer, zones: zones)
        source.values = layer.values
        source.faults =
            layer.faults
            + impossible.map { SettingFault(origin: name, key: $0.key, expected: $0.reason) }
        if case .text(let password)? = layer.values["wifi.password"], !password.isEmpty {
            if CardSource.isBlank(password) { source.isBlanked = true } else { source.secrets = secrets }
        }
        return source
    }
}
