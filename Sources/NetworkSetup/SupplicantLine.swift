import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A line to wpa_supplicant's control socket: commands and their answers, and events in between, which begin with `<`
/// (wpa_supplicant, "Control interface"). Every call blocks for as long as it is told at most.
final class SupplicantLine {
    private let socket: DatagramSocket
    private let peer: UnixAddress
    private let own: String
    /// What was said while an answer was waited for.
    private var events: [String] = []

    /// - Parameter own: a path for this end; wpa_supplicant answers there. It goes with the line.
    init(to peer: UnixAddress, from own: String) throws(Errno) {
        guard let address = UnixAddress(own) else { throw .fileNameTooLong }
        // One that an earlier process left behind.
        unlink(own)
        socket = try DatagramSocket(boundTo: address)
        self.peer = peer
        self.own = own
        // wpa_supplicant must be able to write to it, whoever it runs as.
        chmod(own, 0o666)
    }

    deinit { unlink(own) }

    /// - Returns: nil when no answer came in time.
    func request(_ command: String, within milliseconds: Int = 1000) throws(Errno) -> String? {
        guard try socket.send(Array(command.utf8), to: peer) else { throw .noBufferSpace }
        while let message = try message(within: milliseconds) {
            if !message.hasPrefix("<") { return message }
            events.append(message)
        }
        return nil
    }

    /// - Returns: nil when nothing was said in time.
    func event(within milliseconds: Int) throws(Errno) -> String? {
        if !events.isEmpty { return events.removeFirst() }
        while let message = try message(within: milliseconds) {
            if message.hasPrefix("<") { return message }
        }
        return nil
    }

    private func message(within milliseconds: Int) throws(Errno) -> String? {
        if let bytes = try socket.receive() { return String(decoding: bytes, as: UTF8.self) }
        var wanted = pollfd(fd: socket.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        guard try syscall({ poll(&wanted, 1, CInt(milliseconds)) }) > 0, let bytes = try socket.receive() else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
