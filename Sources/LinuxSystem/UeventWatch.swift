public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Listens to what the kernel says about its devices (netlink(7), NETLINK_KOBJECT_UEVENT), and to udev, which says the same
/// again once its rules were carried out: a new node can be opened by who may only then.
public final class UeventWatch: Sendable {
    /// Wakes who waits when a device of the subsystem came, went or changed.
    public let changed = Wakeup()
    private let watch: ReadWatch

    /// - Parameter subsystem: `drm`, `gpio`, …
    /// - Throws: what the kernel refused; a container has no such sockets.
    public init(subsystem: String) throws(Errno) {
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        // NETLINK_KOBJECT_UEVENT
        let socket = Descriptor(adopting: try syscall { Glibc.socket(AF_NETLINK, type, 15) })
        // sockaddr_nl, which Glibc's module does not have: family, padding, port (the kernel chooses), groups.
        // Groups 1, the kernel's own messages, and 2, udev's. Only root can send to either.
        let address: [UInt32] = [UInt32(AF_NETLINK), 0, 1 | 2]
        try syscall {
            address.withUnsafeBytes {
                bind(socket.rawValue, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
            }
        }
        let changed = changed
        let read: @Sendable () -> Bool = {
            var bytes = [UInt8](repeating: 0, count: 8_192)
            while true {
                let count = bytes.withUnsafeMutableBytes { recv(socket.rawValue, $0.baseAddress, $0.count, 0) }
                if count < 0 {
                    // Messages were lost, and any could have been ours.
                    if errno == ENOBUFS { changed.wake() }
                    if errno == EINTR { continue }
                    return true
                }
                if Self.concerns(bytes[..<count], subsystem: subsystem) { changed.wake() }
            }
        }
        watch = ReadWatch(
            socket.rawValue, queue: "vitrine.uevents", onReadable: read, onEnd: { withExtendedLifetime(socket) {} })
    }

    /// Whether a message, `action@path` and lines `KEY=value` that end in a zero each, is about a subsystem.
    /// udev puts a header before the lines, which says where they begin (systemd, sd-device/device-monitor.c).
    static func concerns(_ message: some RandomAccessCollection<UInt8>, subsystem: String) -> Bool {
        var lines = message[...]
        if message.starts(with: "libudev\0".utf8) {
            let field = message.dropFirst(16).prefix(4)
            guard field.count == 4 else { return false }
            let start = Array(field).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
            lines = message.dropFirst(Int(start))
        }
        return lines.split(separator: 0).contains { $0.elementsEqual("SUBSYSTEM=\(subsystem)".utf8) }
    }
}
