import CLinux
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

extension DatagramSocket {
    /// Sends one datagram with a descriptor to an address (unix(7), SCM_RIGHTS). The receiver gets one of its own.
    /// `false`: the receiver's buffer is full. The socket sends to this address alone from now on.
    public func send(_ bytes: [UInt8], passing passed: Descriptor, to address: UnixAddress) throws(Errno) -> Bool {
        try syscall { address.withSocketAddress { connect(descriptor.rawValue, $0, $1) } }
        return try syscallNonblocking {
            bytes.withUnsafeBytes {
                vitrine_send_packet(descriptor.rawValue, $0.baseAddress, $0.count, passed.rawValue)
            }
        } != nil
    }
}
