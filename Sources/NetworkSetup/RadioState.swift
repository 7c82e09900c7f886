/// What became of joining the WiFi network, out of what wpa_supplicant says.
public struct RadioState: Sendable, Equatable {
    public enum Phase: Sendable, Equatable {
        case searching
        /// The network is not in reach, or its name is wrong.
        case notFound
        case joining
        case connected
        /// The network's other side says so.
        case wrongPassword
        /// Refused for another reason; wpa_supplicant's word for it.
        case refused(String)
    }

    public var phase: Phase
    /// The network's name.
    public var network: String?
    /// Times in a row that the handshake got no answer: what a wrong password looks like from here.
    private var silentHandshakes = 0

    public init(phase: Phase = .searching, network: String? = nil) {
        self.phase = phase
        self.network = network
    }

    /// After wpa_supplicant's answer to `STATUS`, which says how things are, not how they came to be: a refusal that is
    /// known stays known until the network lets us in.
    public mutating func take(status: [String: String]) {
        if let name = status["ssid"], !name.isEmpty { network = SupplicantText.decoded(name) }
        switch status["wpa_state"] {
        case "COMPLETED":
            phase = .connected
            silentHandshakes = 0
        case "ASSOCIATING", "ASSOCIATED", "AUTHENTICATING", "4WAY_HANDSHAKE", "GROUP_HANDSHAKE":
            if !isRefused, phase != .joining { phase = .joining }
        case "DISCONNECTED", "SCANNING", "INACTIVE":
            if phase == .connected || phase == .joining { phase = .searching }
        default: break
        }
    }

    public mutating func take(_ event: SupplicantEvent) {
        switch event {
        case .connected:
            phase = .connected
            silentHandshakes = 0
        case .disconnected(let reason):
            // IEEE 802.11, reason code 15: the 4-way handshake got no answer. A wrong password ends so at some access points.
            if reason == 15 { silentHandshakes += 1 }
            if silentHandshakes >= 3 {
                phase = .wrongPassword
            } else if phase == .connected {
                phase = .searching
            }
        case .networkNotFound:
            if !isRefused { phase = .notFound }
        case .joining:
            if !isRefused { phase = .joining }
        case .disabled(let name, let reason):
            network = name ?? network
            if reason == "WRONG_KEY" {
                phase = .wrongPassword
            } else if phase != .wrongPassword {
                phase = .refused(reason)
            }
        case .refused(let status):
            if phase != .wrongPassword { phase = .refused("status \(status)") }
        case .ended, .other: break
        }
    }

    private var isRefused: Bool {
        switch phase {
        case .wrongPassword, .refused: true
        default: false
        }
    }
}

/// Something that wpa_supplicant tells who listens (wpa_supplicant's src/common/wpa_ctrl.h).
public enum SupplicantEvent: Sendable, Equatable {
    case connected
    /// An IEEE 802.11 reason code; 0 where none was said.
    case disconnected(reason: Int)
    case networkNotFound
    case joining
    /// The network is left alone for a while, then tried again.
    case disabled(network: String?, reason: String)
    case refused(status: Int)
    /// wpa_supplicant ends.
    case ended
    case other

    /// From a line such as `<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="x" auth_failures=1 duration=10 reason=WRONG_KEY`.
    public init(_ line: String) {
        var text = line[...]
        if text.first == "<", let end = text.firstIndex(of: ">") { text = text[text.index(after: end)...] }
        let word = text.prefix { $0 != " " }
        let fields = Self.fields(text.dropFirst(word.count))
        switch word {
        case "CTRL-EVENT-CONNECTED": self = .connected
        case "CTRL-EVENT-DISCONNECTED": self = .disconnected(reason: fields["reason"].flatMap { Int($0) } ?? 0)
        case "CTRL-EVENT-NETWORK-NOT-FOUND": self = .networkNotFound
        case "CTRL-EVENT-SSID-TEMP-DISABLED":
            self = .disabled(
                network: fields["ssid"].map(SupplicantText.decoded), reason: fields["reason"] ?? "unknown")
        case "CTRL-EVENT-ASSOC-REJECT", "CTRL-EVENT-AUTH-REJECT":
            self = .refused(status: fields["status_code"].flatMap { Int($0) } ?? 0)
        case "CTRL-EVENT-TERMINATING": self = .ended
        case "SME:", "Trying", "Associated": self = .joining
        default: self = .other
        }
    }

    /// `name=value` and `name="value with spaces"`.
    private static func fields(_ text: Substring) -> [String: String] {
        var fields: [String: String] = [:]
        var rest = text.drop { $0 == " " }
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].split(separator: " ").last.map(String.init) ?? ""
            rest = rest[rest.index(after: equals)...]
            if rest.first == "\"" {
                rest = rest.dropFirst()
                // A name may have quotation marks itself: escaped, as printf_encode does.
                var value = ""
                while let letter = rest.first, letter != "\"" {
                    value.append(letter)
                    rest = rest.dropFirst()
                    if letter == "\\", let next = rest.first {
                        value.append(next)
                        rest = rest.dropFirst()
                    }
                }
                rest = rest.dropFirst()
                fields[name] = value
            } else {
                let value = rest.prefix { $0 != " " }
                fields[name] = String(value)
                rest = rest[value.endIndex...]
            }
            rest = rest.drop { $0 == " " }
        }
        return fields
    }
}

/// How wpa_supplicant writes names: printf_encode of its src/utils/common.c.
enum SupplicantText {
    static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "e"): bytes.append(0x1B)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                if digits.count == 2, let value = UInt8(digits, radix: 16) {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes += [byte, next]
                }
            default: bytes.append(next)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Lines `name=value`, as `STATUS` is answered.
    static func lines(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }
}
