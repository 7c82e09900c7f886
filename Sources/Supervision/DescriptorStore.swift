public import LinuxSystem

#if canImport(Glibc)
    import Glibc
#endif

/// Descriptors that systemd keeps for us over a restart (sd_notify(3), FDSTORE=1; `FileDescriptorStoreMax=` of the unit
/// says how many).
public struct DescriptorStore: Sendable {
    private let address: UnixAddress

    /// nil when nobody keeps anything: not started by systemd, or an address that cannot be used.
    public init?(environment: [String: String]) {
        guard let name = environment["NOTIFY_SOCKET"], let address = UnixAddress(name) else { return nil }
        self.address = address
    }

    /// Gives a second reference to systemd, instead of whatever had this name.
    ///
    /// - Parameter name: up to 255 letters, digits and dashes.
    /// - Returns: whether it was sent.
    @discardableResult
    public func keep(_ descriptor: Descriptor, name: String) -> Bool {
        guard Self.isValid(name) else { return false }
        forget(name: name)
        // FDPOLL=0: a descriptor that hangs up is kept all the same; a card that was unplugged may do so.
        let text = "FDSTORE=1\nFDPOLL=0\nFDNAME=\(name)"
        guard let socket = try? DatagramSocket() else { return false }
        return (try? socket.send(Array(text.utf8), passing: descriptor, to: address)) ?? false
    }

    /// Lets systemd close what it kept under this name.
    @discardableResult
    public func forget(name: String) -> Bool {
        guard Self.isValid(name), let socket = try? DatagramSocket() else { return false }
        return (try? socket.send(Array("FDSTOREREMOVE=1\nFDNAME=\(name)".utf8), to: address)) ?? false
    }

    private static func isValid(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                $0 == 45 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
    }

    /// What systemd hands over at the start (sd_listen_fds(3)), by name. Call it once: it takes the descriptors over.
    /// Of several with one name the last counts; the others are closed.
    ///
    /// - Parameters:
    ///   - process: our own number when nil; what was meant for another process is left alone.
    ///   - first: number of the first descriptor; systemd's is 3.
    public static func received(
        environment: [String: String], process: Int32? = nil, first: Int32 = 3
    ) -> [String: Descriptor] {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == process ?? getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...1_024).contains(count)
        else { return [:] }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        var received: [String: Descriptor] = [:]
        for index in 0..<count {
            let flags = fcntl(first + index, F_GETFD)
            guard flags >= 0 else { continue }
            _ = fcntl(first + index, F_SETFD, flags | FD_CLOEXEC)
            let name = Int(index) < names.count ? String(names[Int(index)]) : "unknown"
            received[name] = Descriptor(adopting: first + index)
        }
        return received
    }
}
