#if canImport(Glibc)
    import Glibc
#endif

/// The addresses under which others reach this machine, by getifaddrs(3).
enum NetworkAddresses {
    /// IPv4 first, then IPv6 that is not link-local; loopback is left out.
    static func current() -> [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [(family: Int32, text: String)] = []
        var entry = list
        while let interface = entry?.pointee {
            entry = interface.ifa_next
            let flags = interface.ifa_flags
            guard flags & UInt32(IFF_UP) != 0, flags & UInt32(IFF_LOOPBACK) == 0,
                let address = interface.ifa_addr
            else { continue }
            let family = Int32(address.pointee.sa_family)
            let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            guard family == AF_INET || family == AF_INET6 else { continue }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard getnameinfo(address, socklen_t(size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            else { continue }
            let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if name.hasPrefix("fe80:") { continue }
            found.append((family, name))
        }
        return found.filter { $0.family == AF_INET }.map(\.text) + found.filter { $0.family == AF_INET6 }.map(\.text)
    }

    /// Where the page is: for an address that stands for all, every one of this machine's, best first.
    static func pageURLs(boundTo address: String, port: Int) -> [String] {
        let isEverywhere = address == "0.0.0.0" || address == "::"
        let hosts = isEverywhere ? current() : [address]
        return (hosts.isEmpty ? ["127.0.0.1"] : hosts).map { host in
            let literal = host.contains(":") ? "[\(host)]" : host
            return "http://\(literal)" + (port == 80 ? "/" : ":\(port)/")
        }
    }
}
