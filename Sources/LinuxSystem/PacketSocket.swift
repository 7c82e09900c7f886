import CLinux
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One end of a SOCK_SEQPACKET pair: packets keep their bounds, and the end of the peer is seen as an empty packet (unix(7)).
public struct PacketSocket: Sendable {
    /// Packets are never larger; the kernel's default buffer holds several.
    public static let maximumByteCount = 64 * 1024

    public let descriptor: Descriptor

    public init(adopting descriptor: Descriptor) { self.descriptor = descriptor }

    /// Two connected ends, both close-on-exec. `nonblocking` is set on the first alone: it is the daemon's.
    public static func pair() throws(Errno) -> (nonblocking: PacketSocket, blocking: PacketSocket) {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        try syscall { socketpair(AF_UNIX, type, 0, &ends) }
        let first = Descriptor(adopting: ends[0])
        let second = Descriptor(adopting: ends[1])
        try syscall { fcntl(first.rawValue, F_SETFL, O_NONBLOCK) }
        return (PacketSocket(adopting: first), PacketSocket(adopting: second))
    }

    /// Sends one packet, with a descriptor if given. `false`: the peer's buffer is full (non-blocking end only).
    public func send(_ bytes: [UInt8], with attached: Descriptor? = nil) throws(Errno) -> Bool {
        try syscallNonblocking {
            bytes.withUnsafeBytes {
                vitrine_send_packet(descriptor.rawValue, $0.baseAddress, $0.count, attached?.rawValue ?? -1)
            }
        } != nil
    }

    /// Ends both directions at once, whoever else holds the descriptor: the peer sees the end (shutdown(2)).
    public func shutDown() {
        // ENOTCONN, the only failure that there can be, says that the peer did so first.
        _ = shutdown(descriptor.rawValue, CInt(SHUT_RDWR))
    }

    /// What a receive brought.
    public enum Received: Sendable {
        case packet([UInt8], attached: Descriptor?)
        /// The peer has closed its end or died.
        case ended
        /// Nothing there now (non-blocking end only).
        case nothing
    }

    /// Receives one packet. Unless `acceptingDescriptors`, a descriptor that comes along is discarded by the kernel.
    public func receive(acceptingDescriptors: Bool) throws(Errno) -> Received {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.maximumByteCount, alignment: 16)
        defer { buffer.deallocate() }
        return try receive(into: buffer, acceptingDescriptors: acceptingDescriptors)
    }

    /// The same with memory of the caller's, for one who must not need any when it is scarce. A larger packet is an error.
    public func receive(
        into buffer: UnsafeMutableRawBufferPointer, acceptingDescriptors: Bool
    ) throws(Errno) -> Received {
        var attached: CInt = -1
        let count: Int?
        do throws(Errno) {
            count = try syscallNonblocking {
                vitrine_receive_packet(
                    descriptor.rawValue, buffer.baseAddress, buffer.count, acceptingDescriptors ? 1 : 0, &attached)
            }
        } catch .connectionReset {
            return .ended
        }
        guard let count else { return .nothing }
        let passed = attached >= 0 ? Descriptor(adopting: attached) : nil
        return count == 0 ? .ended : .packet(Array(buffer[..<count]), attached: passed)
    }
}
