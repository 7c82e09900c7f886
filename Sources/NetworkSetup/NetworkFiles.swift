/// A file that the system's programs read, made from wishes.
public struct GeneratedFile: Sendable, Equatable {
    /// Below `/run/vitrine-system`.
    public var name: String
    public var text: String
    /// Readable by root alone.
    public var isSecret: Bool

    public init(name: String, text: String, isSecret: Bool = false) {
        self.name = name
        self.text = text
        self.isSecret = isSecret
    }
}

extension NetworkWishes {
    /// The interface that the boards' radios have.
    public static let radio = "wlan0"

    /// What systemd-networkd, wpa_supplicant and the C library read.
    public var files: [GeneratedFile] {
        var files = [
            GeneratedFile(name: "hostname", text: hostName + "\n"),
            GeneratedFile(
                name: "hosts",
                text: """
                    127.0.0.1 localhost
                    127.0.1.1 \(hostName)
                    ::1 localhost ip6-localhost ip6-loopback

                    """),
            GeneratedFile(name: "network/20-wired.network", text: Self.link("Type=ether", metric: 100)),
        ]
        if wireless != nil {
            files.append(GeneratedFile(name: "network/30-radio.network", text: Self.link("Type=wlan", metric: 600)))
            files.append(
                GeneratedFile(name: "wpa_supplicant-\(Self.radio).conf", text: supplicant, isSecret: true))
        }
        return files
    }

    /// systemd.network(5). Nothing waits for a link; one that comes gets its address then, however late. The router knows
    /// the board by its hardware address, so that what is set up there holds after a new card, too.
    private static func link(_ match: String, metric: Int) -> String {
        """
        [Match]
        \(match)

        [Link]
        RequiredForOnline=no

        [Network]
        DHCP=yes
        IPv6AcceptRA=yes

        [DHCPv4]
        ClientIdentifier=mac
        RouteMetric=\(metric)

        [DHCPv6]
        DUIDType=link-layer

        [IPv6AcceptRA]
        RouteMetric=\(metric)

        """
    }

    /// wpa_supplicant.conf(5), and the annotated example of its source. It tries for ever by itself; after a refusal it
    /// waits, longer each time, and tries again.
    private var supplicant: String {
        var lines = [
            // The daemon asks here what became of the network.
            "ctrl_interface=DIR=/run/wpa_supplicant GROUP=vitrine", "update_config=0", "p2p_disabled=1",
            // WPA3 by hash-to-element where the network wants it, by hunting and pecking where it knows nothing else.
            "sae_pwe=2",
        ]
        if let country { lines.append("country=\(country)") }
        guard let wireless else { return lines.joined(separator: "\n") + "\n" }
        lines += ["network={", "    ssid=\(Self.quoted(wireless.name))"]
        if wireless.isHidden { lines.append("    scan_ssid=1") }
        switch wireless.credential {
        case .open:
            lines.append("    key_mgmt=NONE")
        case .passphrase(let text):
            // WPA3 wants protected management frames; "1" offers them, and WPA2 goes on without. Everything behind the
            // first quotation mark and before the last is the passphrase, as it stands.
            lines += ["    key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE", "    ieee80211w=1", "    psk=\"\(text)\""]
        case .key(let digits):
            lines += ["    key_mgmt=WPA-PSK WPA-PSK-SHA256", "    ieee80211w=1", "    psk=\(digits)"]
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Plain letters as they are, everything else as hexadecimal digits, which wpa_supplicant takes without quotes.
    private static func quoted(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }
        if isPlain { return "\"\(name)\"" }
        return name.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
