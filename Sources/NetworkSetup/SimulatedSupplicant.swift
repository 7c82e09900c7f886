import LinuxSystem
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A wpa_supplicant without a radio: it speaks the control protocol on a real socket, and says what it is told to say. For
/// tests, and to see on any machine what the screen says of a wrong password.
public final class SimulatedSupplicant: Sendable {
    private struct State {
        var status: [String: String] = ["wpa_state": "SCANNING"]
        var listeners: Set<String> = []
    }

    private let state = Mutex(State())
    private let socket: DatagramSocket
    private let path: String
    private let watch = Mutex<ReadWatch?>(nil)

    /// - Parameter path: where the control socket is made: `/run/wpa_supplicant/wlan0` on a board.
    public init(path: String) throws(Errno) {
        guard let address = UnixAddress(path) else { throw .fileNameTooLong }
        unlink(path)
        let socket = try DatagramSocket(boundTo: address)
        self.socket = socket
        self.path = path
        watch.withLock { watch in
            watch = ReadWatch(
                socket.descriptor.rawValue, queue: "vitrine.simulated-supplicant",
                onReadable: { [weak self] in
                    self?.answerAll()
                    return self != nil
                },
                onEnd: { withExtendedLifetime(socket) {} })
        }
    }

    deinit { unlink(path) }

    /// What `STATUS` is answered with from now on.
    public func setStatus(_ status: [String: String]) { state.withLock { $0.status = status } }

    /// Tells everybody who is attached.
    public func say(_ event: String) {
        for listener in state.withLock({ $0.listeners }) { send("<3>" + event, to: listener) }
    }

    /// How many are attached.
    public var listenerCount: Int { state.withLock { $0.listeners.count } }

    /// A network that refuses the password, as wpa_supplicant 2.10 tells it.
    public func refusePassword(of network: String) {
        say("CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:01 reason=2")
        say("CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"\(network)\" auth_failures=1 duration=10 reason=WRONG_KEY")
    }

    /// A network that lets us in.
    public func connect(to network: String) {
        setStatus(["wpa_state": "COMPLETED", "ssid": network])
        say("CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:00:01 completed [id=0 id_str=]")
    }

    private func answerAll() {
        while let (command, sender) = receive() {
            switch command {
            case "ATTACH":
                // First the answer: an event before it would be no answer.
                send("OK\n", to: sender)
                state.withLock { _ = $0.listeners.insert(sender) }
            case "DETACH":
                state.withLock { _ = $0.listeners.remove(sender) }
                send("OK\n", to: sender)
            case "PING": send("PONG\n", to: sender)
            case "STATUS":
                let status = state.withLock { $0.status }
                send(status.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined(), to: sender)
            default: send("UNKNOWN COMMAND\n", to: sender)
            }
        }
    }

    /// A command, and the path of who sent it.
    private func receive() -> (command: String, sender: String)? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let count = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(socket.descriptor.rawValue, &bytes, bytes.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { return nil }
        let sender = withUnsafeBytes(of: address.sun_path) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return (String(decoding: bytes[..<count], as: UTF8.self), sender)
    }

    private func send(_ text: String, to path: String) {
        guard let address = UnixAddress(path) else { return }
        // Who is gone, or does not listen, misses it; wpa_supplicant forgets such a listener, too.
        guard (try? socket.send(Array(text.utf8), to: address)) == true else {
            state.withLock { _ = $0.listeners.remove(path) }
            return
        }
    }
}
