/// What a person wants of the network.
public struct NetworkWishes: Sendable, Equatable {
    /// One label of a DNS name: `vitrine`.
    public var hostName: String
    public var wireless: WirelessNetwork?
    /// Two capital letters, ISO 3166; the radio keeps to this country's rules.
    public var country: String?

    public init(hostName: String, wireless: WirelessNetwork? = nil, country: String? = nil) {
        self.hostName = hostName
        self.wireless = wireless
        self.country = country
    }
}

/// A WiFi network, and what lets one in.
public struct WirelessNetwork: Sendable, Equatable {
    public enum Credential: Sendable, Equatable {
        case open
        /// 8 to 63 characters (IEEE 802.11i, annex on pass-phrases); WPA2 and WPA3.
        case passphrase(String)
        /// The 256-bit key that WPA2 makes of passphrase and name, as 64 hexadecimal digits. WPA3 cannot use it.
        case key(String)

        /// Takes what people type where a password is asked for. Nil where it can be none.
        public init?(_ text: String) {
            let isHexadecimal = text.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
            switch text.utf8.count {
            case 0: self = .open
            case 8...63 where !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }:
                self = .passphrase(text)
            case 64 where isHexadecimal: self = .key(text.lowercased())
            default: return nil
            }
        }
    }

    /// 1 to 32 bytes (IEEE 802.11, SSID element).
    public var name: String
    public var credential: Credential
    /// The network does not tell its name, so that it must be asked for.
    public var isHidden: Bool

    public init(name: String, credential: Credential, isHidden: Bool = false) {
        self.name = name
        self.credential = credential
        self.isHidden = isHidden
    }
}

/// A name under which a machine can stand in the network.
public enum HostName {
    /// A label of a DNS name out of what a person called the screen: `Küche 2` is `kueche-2` (RFC 1123, 2.1: letters,
    /// digits and hyphens, at most 63). `vitrine` where nothing is left.
    public static func label(of name: String) -> String {
        var label = ""
        for character in name.lowercased() {
            let spelled = spellings[character] ?? folded(character)
            for letter in spelled {
                let isPlain = ("a"..."z").contains(letter) || ("0"..."9").contains(letter)
                if isPlain {
                    label.append(letter)
                } else if !label.isEmpty, label.last != "-" {
                    label.append("-")
                }
            }
        }
        label = String(label.prefix(63))
        while label.last == "-" { label.removeLast() }
        return label.isEmpty ? "vitrine" : label
    }

    private static let spellings: [Character: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe", "ł": "l", "đ": "d",
        "'": "", "’": "",
    ]

    /// Latin letters with marks, without them: the blocks "Latin-1 Supplement" and "Latin Extended-A" by hand, since
    /// decomposition is Foundation's.
    private static func folded(_ character: Character) -> String {
        for (letter, marked) in marks where marked.contains(character) { return letter }
        return String(character)
    }

    private static let marks: [(String, Set<Character>)] = [
        ("a", Set("àáâãāăą")), ("c", Set("çćĉċč")), ("d", Set("ď")), ("e", Set("èéêëēĕėęě")), ("g", Set("ĝğġģ")),
        ("h", Set("ĥħ")), ("i", Set("ìíîïĩīĭįı")), ("j", Set("ĵ")), ("k", Set("ķ")), ("l", Set("ĺļľŀ")),
        ("n", Set("ñńņňŋ")), ("o", Set("òóôõōŏő")), ("r", Set("ŕŗř")), ("s", Set("śŝşšș")), ("t", Set("ţťŧț")),
        ("u", Set("ùúûũūŭůűų")), ("w", Set("ŵ")), ("y", Set("ýÿŷ")), ("z", Set("źżž")),
    ]
}
