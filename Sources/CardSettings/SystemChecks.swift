import NetworkSetup
import DeviceSettings

/// What the shapes of settings cannot tell about the system's own.
enum SystemChecks {
    /// Takes out what is not valid, and says so.
    static func check(_ layer: inout SettingLayer, zones: () -> [String]) {
        if case .text(let name)? = layer.values["wifi.ssid"], name.utf8.count > 32 {
            refuse("wifi.ssid", in: &layer, showing: name, "expected at most 32 bytes")
        }
        if case .text(let password)? = layer.values["wifi.password"], !CardSource.isBlank(password),
            WirelessNetwork.Credential(password) == nil
        {
            refuse(
                "wifi.password", in: &layer, showing: nil,
                "expected 8 to 63 characters, which is what WiFi passwords have")
        }
        if case .text(let country)? = layer.values["wifi.country"], !country.isEmpty {
            let code = country.uppercased()
            if code == "UK" {
                refuse("wifi.country", in: &layer, showing: country, "the United Kingdom's code is GB")
            } else if code.utf8.count == 2, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
                layer.values["wifi.country"] = .text(code)
            } else {
                refuse("wifi.country", in: &layer, showing: country, "expected a country's two letters, such as DE")
            }
        }
        if case .text(let zone)? = layer.values["time.zone"], !zone.isEmpty {
            let known = zones()
            if !known.isEmpty, !known.contains(zone) {
                let advice = nearest(to: zone, in: known).map { "; did you mean \($0)?" } ?? ", such as Europe/Berlin"
                refuse("time.zone", in: &layer, showing: zone, "there is no such time zone\(advice)")
            }
        }
        if case .list(let keys)? = layer.values["ssh.key"] {
            let good = keys.filter(isPublicKey)
            if good.count < keys.count {
                let isPrivate = keys.contains { $0.contains("PRIVATE") }
                refuse(
                    "ssh.key", in: &layer, showing: nil,
                    isPrivate
                        ? "this is a private key; the card wants the public one, of the file that ends in .pub"
                        : "expected a public key: the one line of a .pub file, such as ssh-ed25519 AAAA…")
            }
            layer.values["ssh.key"] = good.isEmpty && !keys.isEmpty ? nil : .list(good)
        }
    }

    private static func refuse(_ key: String, in layer: inout SettingLayer, showing value: String?, _ expected: String)
    {
        layer.values[key] = nil
        layer.faults.append(
            SettingFault(
                origin: layer.origin, key: key, value: value.map { SettingValue.text($0).description },
                expected: expected))
    }

    /// A line of sshd's authorized_keys without options (sshd(8)): options could run programs.
    static func isPublicKey(_ line: String) -> Bool {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2 else { return false }
        let kinds = [
            "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
        ]
        // The blob begins with the length of its kind, whose first bytes are zero: RFC 4253, 6.6.
        return kinds.contains(String(parts[0])) && parts[1].hasPrefix("AAAA") && parts[1].utf8.count >= 68
            && parts[1].utf8.allSatisfy { byte in
                let letter = Character(UnicodeScalar(byte))
                return letter.isLetter || letter.isNumber || "+/=".contains(letter)
            }
    }
}
