import LinuxSystem
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Who answers to a name in the local network.
public protocol NameLookup: Sendable {
    /// The addresses that `name`.local leads to; empty where nobody answers, or nobody can be asked. It may take a second.
    func addresses(of name: String) async -> [String]
}

/// Asks avahi-daemon by its plain socket, which needs no bus (avahi, avahi-daemon/simple-protocol.c): one command in a line,
/// one answer in a line: `+ <interface> <protocol> <name> <address>`.
public struct AvahiLookup: NameLookup {
    private let path: String
    private let queue = BlockingQueue(label: "vitrine.names")

    public init(path: String = "/run/avahi-daemon/socket") { self.path = path }

    public func addresses(of name: String) async -> [String] {
        await queue.run { [path] in
            ["IPV4", "IPV6"].compactMap { Self.ask("RESOLVE-HOSTNAME-\($0) \(name).local\n", path: path) }
        }
    }

    /// The address in an answer; nil for a refusal.
    static func address(in answer: String) -> String? {
        let words = answer.split(separator: " ")
        guard words.first == "+", words.count >= 5 else { return nil }
        let text = words[4].prefix { $0 != "\n" && $0 != "\r" && $0 != "%" }
        return String(text)
    }

    private static func ask(_ question: String, path: String) -> String? {
        guard let address = UnixAddress(path) else { return nil }
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard let number = try? syscall({ socket(AF_UNIX, type, 0) }) else { return nil }
        let descriptor = Descriptor(adopting: number)
        // avahi itself gives up after 5 s; who has the name answers in a moment.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(
            number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard (try? address.connect(descriptor)) != nil,
            (try? DurableFile.write(Array(question.utf8), to: descriptor)) != nil
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = recv(number, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Self.address(in: String(decoding: bytes[..<count], as: UTF8.self))
    }
}

/// A network in memory, where names can be taken.
public final class SimulatedNames: NameLookup {
    private let names: Mutex<[String: [String]]>

    public init(_ names: [String: [String]] = [:]) { self.names = Mutex(names) }

    public func set(_ name: String, _ addresses: [String]) { names.withLock { $0[name] = addresses } }

    public func addresses(of name: String) async -> [String] { names.withLock { $0[name] ?? [] } }
}
