#if canImport(Glibc)
    import Glibc
#endif

/// The names that a request may call this server by.
///
/// A page elsewhere can point a name of its own at our address (DNS rebinding) and then talk to us as if we were its
/// server. It cannot do so with an address in place of a name, nor with names that its DNS has no say over.
struct HostNames: Sendable, Equatable {
    private let names: Set<String>

    /// Ends of names that public DNS does not give out (RFC 6762, RFC 8375, ICANN's `.internal`, and `.lan` by custom).
    private static let privateEnds = ["local", "lan", "home.arpa", "internal"]

    /// `device` is `device.name`; `additional` are full names.
    init(device: String, additional: [String] = []) {
        let device = Self.normalized(device)
        var names: Set<String> = ["localhost"]
        if !device.isEmpty {
            names.insert(device)
            for end in Self.privateEnds { names.insert("\(device).\(end)") }
        }
        names.formUnion(additional.map(Self.normalized))
        self.names = names
    }

    /// Whether the value of `Host`, with or without a port, is one of ours.
    func contain(_ authority: String) -> Bool {
        guard let host = Self.host(of: authority) else { return false }
        return Self.isAddress(host) || names.contains(Self.normalized(host))
    }

    /// The host of `host`, `host:port`, `[v6]` and `[v6]:port`; nil for anything else.
    static func host(of authority: String) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || isPort(rest.dropFirst()) && rest.first == ":" else { return nil }
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, parts.count <= 2, parts.count == 1 || isPort(parts[1]) else {
            return nil
        }
        return String(host)
    }

    private static func isPort(_ text: Substring) -> Bool { UInt16(text) != nil }

    /// Whether this is an address in digits.
    static func isAddress(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    /// Whether this address is the machine's own loopback.
    static func isLoopback(_ address: String) -> Bool {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        if address.hasPrefix("::ffff:") { return isLoopback(String(address.dropFirst(7))) }
        return address == "::1"
    }

    private static func normalized(_ name: String) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }
}
