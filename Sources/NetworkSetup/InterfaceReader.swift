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

    /// By interface, best first.
    private static func addresses() -> [String: [String]] {
        Dictionary(grouping: InterfaceAddress.all(), by: \.interface).mapValues { found in
            found.map(\.address).sorted { rank($0) < rank($1) }
        }
    }

    /// IPv4, then IPv6, then what holds on the link alone.
    static func rank(_ address: String) -> Int {
        if address.hasPrefix("169.254.") || address.hasPrefix("fe80:") { return 2 }
        return address.contains(":") ? 1 : 0
    }
}
