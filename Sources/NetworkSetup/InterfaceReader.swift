import LinuxSystem
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The machine's network interfaces, as the kernel has them.
public struct InterfaceReader: Sendable {
    /// `/sys/class/net`; another folder in tests.
    public var folder: FilePath

    public init(folder: FilePath = "/sys/class/net") { self.folder = folder }

    /// All but loopback and those that only programs have, by name.
    public func read() -> [NetworkState.Interface] {
        let addresses = Self.addresses()
        return names().compactMap { name in
            let place = folder.appending(name)
            // ARPHRD_ETHER (Linux, if_arp.h); loopback and tunnels are others. What has no device is no hardware.
            guard text(place.appending("type")) == "1", access(place.appending("device").string, F_OK) == 0
            else { return nil }
            let isRadio =
                access(place.appending("phy80211").string, F_OK) == 0
                || access(place.appending("wireless").string, F_OK) == 0
            return NetworkState.Interface(
                name: name, kind: isRadio ? .radio : .wired, isLinked: text(place.appending("operstate")) == "up",
                addresses: addresses[name] ?? [])
        }
    }

    private func text(_ path: FilePath) -> String {
        String(((try? TextFile.read(path, limit: 64)) ?? "").prefix { $0 != "\n" })
    }

    private func names() -> [String] {
        ((try? FolderNames.list(folder)) ?? []).filter { !$0.hasPrefix(".") }
    }

    /// By interface, best first: getifaddrs(3).
    private static func addresses() -> [String: [String]] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [:] }
        defer { freeifaddrs(list) }
        var found: [String: [String]] = [:]
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
            found[String(cString: interface.ifa_name), default: []].append(String(decoding: digits, as: UTF8.self))
        }
        return found.mapValues { $0.sorted { rank($0) < rank($1) } }
    }

    /// IPv4, then IPv6, then what holds on the link alone.
    static func rank(_ address: String) -> Int {
        if address.hasPrefix("169.254.") || address.hasPrefix("fe80:") { return 2 }
        return address.contains(":") ? 1 : 0
    }
}
