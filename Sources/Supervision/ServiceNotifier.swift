import LinuxSystem
import SystemPackage

/// Tells systemd how the daemon is doing: sd_notify(3), as datagrams to the socket that `NOTIFY_SOCKET` names.
public struct ServiceNotifier: Sendable {
    public enum Message: Sendable, Equatable {
        /// Start-up is finished.
        case ready
        case stopping
        /// One line for `systemctl status`.
        case status(String)
        /// Still alive.
        case watchdog
    }

    private let socket: DatagramSocket
    private let address: UnixAddress

    /// nil when nobody wants to know: not started by systemd, or an address that cannot be used.
    public init?(environment: [String: String]) {
        guard let name = environment["NOTIFY_SOCKET"], let address = UnixAddress(name),
            let socket = try? DatagramSocket()
        else { return nil }
        self.socket = socket
        self.address = address
    }

    /// Sends one message, or several in one datagram. Losing one does no harm, so nothing waits: a full or missing socket
    /// returns `false`.
    @discardableResult
    public func send(_ messages: Message...) -> Bool {
        let text = messages.map(\.line).joined(separator: "\n")
        return (try? socket.send(Array(text.utf8), to: address)) ?? false
    }
}

extension ServiceNotifier.Message {
    var line: String {
        switch self {
        case .ready: "READY=1"
        case .stopping: "STOPPING=1"
        case .watchdog: "WATCHDOG=1"
        case .status(let text):
            "STATUS=" + String(text.map { $0.isNewline ? " " : $0 })
        }
    }
}
