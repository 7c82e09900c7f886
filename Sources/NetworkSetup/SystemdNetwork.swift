public import LinuxSystem
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// systemd-networkd, wpa_supplicant and avahi, as the card image has them. Where one of them is not there, its part of the
/// state is not known, and nothing else is different.
public final class SystemdNetwork: NetworkSetup {
    public struct Places: Sendable {
        /// wpa_supplicant's control socket.
        public var supplicant = "/run/wpa_supplicant/\(NetworkWishes.radio)"
        /// Our end of it.
        public var ownSocket: String
        /// Made when the name is another's, for root to take the next one; nil where nobody is there to do so.
        public var nameRequest: FilePath?
        /// There where the settings name a WiFi network: what wpa_supplicant reads. Nil where the WiFi is not ours.
        public var wireless: FilePath?

        public init(ownSocket: String, nameRequest: FilePath? = nil, wireless: FilePath? = nil) {
            self.ownSocket = ownSocket
            self.nameRequest = nameRequest
            self.wireless = wireless
        }
    }

    private let places: Places
    private let clock: any BoardClock
    private let names: any NameLookup
    private let interfaces: @Sendable () -> [NetworkState.Interface]
    private let hostName: @Sendable () -> String
    private let radio: RadioWatch
    private let announcements = Announcements<NetworkState>(NetworkState())

    public init(
        places: Places, clock: any BoardClock, names: any NameLookup = AvahiLookup(),
        interfaces: @escaping @Sendable () -> [NetworkState.Interface] = { InterfaceReader().read() },
        hostName: @escaping @Sendable () -> String = SystemdNetwork.currentHostName
    ) {
        self.places = places
        self.clock = clock
        self.names = names
        self.interfaces = interfaces
        self.hostName = hostName
        radio = RadioWatch(path: places.supplicant, own: places.ownSocket, clock: clock)
    }

    public func files(for wishes: NetworkWishes) -> [GeneratedFile] { wishes.files }

    public func states() -> AsyncStream<NetworkState> { announcements.listen() }

    public var state: NetworkState { announcements.latest ?? NetworkState() }

    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.radio.run() }
            group.addTask { await self.followRadio() }
            group.addTask { await self.followInterfaces() }
        }
        announcements.finish()
    }

    private func followRadio() async {
        for await radio in radio.states.listen() { change { $0.radio = radio } }
    }

    /// Every 2 s: an address that comes is on the screen while somebody looks.
    private func followInterfaces() async {
        var watch = NameWatch()
        var looks = 0
        while !Task.isCancelled {
            let interfaces = interfaces()
            let name = hostName()
            let wantsRadio = places.wireless.map { access($0.string, F_OK) == 0 } ?? false
            change {
                if $0.hostName != name { $0.nameIsOurs = nil }
                $0.interfaces = interfaces
                $0.wantsRadio = wantsRadio
                $0.hostName = name
            }
            let own = interfaces.flatMap(\.addresses)
            // Every 10 s, and only where somebody could have the name.
            if looks > Self.hurriedLooks || looks % 5 == 2, !own.isEmpty, !name.isEmpty {
                let standing = NameWatch.Standing(answers: await names.addresses(of: name), own: own)
                change { $0.nameIsOurs = standing == .unknown ? nil : standing == .ours }
                if watch.look(standing), let request = places.nameRequest {
                    // Whether there is another name, who makes the request come true knows.
                    try? DurableFile.replace(request, with: Array("\(name)\n".utf8))
                }
            }
            looks += 1
            let pause: Duration = looks > Self.hurriedLooks ? .seconds(10) : .seconds(2)
            guard (try? await clock.sleep(for: pause)) != nil else { return }
        }
    }

    /// The network comes in the first seconds, or seldom: after that an idle appliance hardly wakes for it.
    private static let hurriedLooks = 10
    private let order = Mutex(())

    private func change(_ body: (inout NetworkState) -> Void) {
        // Two parts change it.
        order.withLock { _ in
            var state = state
            body(&state)
            if state != announcements.latest { announcements.announce(state) }
        }
    }

    /// gethostname(2)
    public static func currentHostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
