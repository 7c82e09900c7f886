import NetworkSetup
import DeviceSettings

/// What the system's programs read, made anew at each start: files that `/etc` has links to.
enum SystemFiles {
    static func actions(system: [String: SettingValue], name: String) -> [CardAction] {
        let wishes = NetworkWishes(system: system, name: name)
        var actions: [CardAction] = wishes.files.map {
            .replace(.run($0.name), Array($0.text.utf8), isSecret: $0.isSecret)
        }
        // The first program of the system was there before this name was.
        actions.append(.setHostName(wishes.hostName))
        if wishes.wireless == nil {
            actions.append(.remove(.run("wpa_supplicant-\(NetworkWishes.radio).conf")))
            actions.append(.remove(.run("network/30-radio.network")))
        }
        var zone = "Etc/UTC"
        if case .text(let name)? = system["time.zone"] { zone = name }
        actions.append(.link(.run("localtime"), target: "/usr/share/zoneinfo/\(zone)"))
        return actions
    }
}

extension NetworkWishes {
    /// Out of the card's settings; `name` is what the screen is called.
    init(system: [String: SettingValue], name: String) {
        func text(_ key: String) -> String? {
            if case .text(let text)? = system[key], !text.isEmpty { text } else { nil }
        }
        self.init(hostName: HostName.label(of: name), country: text("wifi.country"))
        if let ssid = text("wifi.ssid") {
            wireless = WirelessNetwork(
                name: ssid, credential: WirelessNetwork.Credential(text("wifi.password") ?? "") ?? .open,
                isHidden: system["wifi.hidden"] == .boolean(true))
        }
    }
}
