import LinuxSystem

/// The addresses under which others reach this machine, best first.
enum NetworkAddresses {
    /// IPv4 first, then IPv6 that is not link-local; loopback is left out.
    static func current() -> [String] {
        let reachable = InterfaceAddress.all().filter { $0.isUp && !$0.isLoopback && !$0.isIPv6LinkLocal }
        return (reachable.filter { !$0.isIPv6 } + reachable.filter(\.isIPv6)).map(\.address)
    }

    /// Where the page is: for an address that stands for all, every one of this machine's, best first.
    ///
    /// - Parameter loopback: what to answer where there is no other: a machine with a browser of its own has a use for it,
    ///   the card has none.
    static func pageURLs(
        boundTo address: String, port: Int, loopback: Bool, current: [String] = current()
    ) -> [String] {
        let isEverywhere = address == "0.0.0.0" || address == "::"
        let hosts = isEverywhere ? current : [address]
        return (hosts.isEmpty && loopback ? ["127.0.0.1"] : hosts).map { host in
            let literal = host.contains(":") ? "[\(host)]" : host
            return "http://\(literal)" + (port == 80 ? "/" : ":\(port)/")
        }
    }
}
