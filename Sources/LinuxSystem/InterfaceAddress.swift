#if canImport(Glibc)
    import Glibc
#endif

/// An address of this machine, by getifaddrs(3).
public struct InterfaceAddress: Sendable, Equatable {
    /// The interface: `wlan0`.
    public var interface: String
    /// In digits, without a scope: `10.0.0.7`, `fe80::1`.
    public var address: String
    public var isUp: Bool
    public var isLoopback: Bool

    public init(interface: String, address: String, isUp: Bool = true, isLoopback: Bool = false) {
        (self.interface, self.address, self.isUp, self.isLoopback) = (interface, address, isUp, isLoopback)
    }

    public var isIPv6: Bool { address.contains(":") }
    /// Reaches no further than the link: RFC 4291, 2.5.6.
    public var isIPv6LinkLocal: Bool { address.hasPrefix("fe80:") }

    /// All that IPv4 and IPv6 have, in the kernel's order; none when the kernel refuses to say.
    public static func all() -> [InterfaceAddress] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [InterfaceAddress] = []
        var entry = list
        while let interface = entry?.pointee {
            entry = interface.ifa_next
            guard let address = interface.ifa_addr else { continue }
            let family = Int32(address.pointee.sa_family)
            guard family == AF_INET || family == AF_INET6 else { continue }
            let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard getnameinfo(address, socklen_t(size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            else { continue }
            let digits = text.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: "%")) }.map(UInt8.init(bitPattern:))
            found.append(
                InterfaceAddress(
                    interface: String(cString: interface.ifa_name), address: String(decoding: digits, as: UTF8.self),
                    isUp: interface.ifa_flags & UInt32(IFF_UP) != 0,
                    isLoopback: interface.ifa_flags & UInt32(IFF_LOOPBACK) != 0))
        }
        return found
    }
}
