public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Where a Unix socket is: a path, or a name in the abstract namespace (unix(7)).
public struct UnixAddress: Sendable, Hashable {
    private let bytes: [UInt8]

    /// `/a/path`, or `@name` for the abstract name `name`. nil when it is neither, or longer than the kernel takes.
    public init?(_ text: String) {
        var bytes = Array(text.utf8)
        guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path), !bytes.contains(0)
        else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "@"): bytes[0] = 0
        case UInt8(ascii: "/"): bytes.append(0)
        default: return nil
        }
        self.bytes = bytes
    }

    /// connect(2) of an open socket.
    public func connect(_ socket: Descriptor) throws(Errno) {
        try syscall { withSocketAddress { Glibc.connect(socket.rawValue, $0, $1) } }
    }

    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // An abstract name is as long as the length says; a path ends with its zero.
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        let count = socklen_t(offset + bytes.count)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, count) }
        }
    }
}

/// A Unix datagram socket that never waits.
public struct DatagramSocket: Sendable {
    public let descriptor: Descriptor

    /// A socket without a name, for sending.
    public init() throws(Errno) {
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        descriptor = Descriptor(adopting: try syscall { socket(AF_UNIX, type, 0) })
    }

    /// A socket that receives what is sent to this address. Throws `EADDRINUSE` when somebody else does.
    public init(boundTo address: UnixAddress) throws(Errno) {
        try self.init()
        try syscall { address.withSocketAddress { bind(descriptor.rawValue, $0, $1) } }
    }

    /// Sends one datagram. `false`: the receiver's buffer is full.
    public func send(_ bytes: [UInt8], to address: UnixAddress) throws(Errno) -> Bool {
        try syscallNonblocking {
            address.withSocketAddress { pointer, count in
                bytes.withUnsafeBytes {
                    sendto(
                        descriptor.rawValue, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL), pointer, count)
                }
            }
        } != nil
    }

    /// One datagram, cut off at `limit` bytes; nil when none is there.
    public func receive(limit: Int = 4_096) throws(Errno) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = try syscallNonblocking {
            bytes.withUnsafeMutableBytes { recv(descriptor.rawValue, $0.baseAddress, $0.count, 0) }
        }
        guard let count else { return nil }
        return Array(bytes[..<count])
    }
}
