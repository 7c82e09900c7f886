import DeviceSettings
import LinuxSystem
import NetworkSetup
import Playback
import ServiceLifecycle
import Synchronization
import SystemPackage
import WebInterface

/// The network, for the status and the welcome screen; and what is wrong with it as faults, which the screen says.
final class Network: Service {
    private let setup: any NetworkSetup
    private let welcome: WelcomeBoard
    private let faults: FaultBoard
    private let clock: any BoardClock
    /// The machine has a browser of its own.
    private let hasBrowser: Bool
    /// Where the page is served, as soon as it is.
    private let listening = Mutex<(address: String, port: Int)?>(nil)

    init(
        setup: any NetworkSetup, welcome: WelcomeBoard, faults: FaultBoard, clock: any BoardClock,
        hasBrowser: Bool = false
    ) {
        self.hasBrowser = hasBrowser
        self.setup = setup
        self.welcome = welcome
        self.faults = faults
        self.clock = clock
    }

    /// The card image's network; on other machines what of it is there.
    convenience init(settings: Settings, welcome: WelcomeBoard, faults: FaultBoard, clock: any BoardClock) {
        let run = FilePath(settings.text("web.socket")).removingLastComponent()
        var places = SystemdNetwork.Places(ownSocket: run.appending("radio").string)
        // Only the card image has somebody who gives it another name.
        let isCard = (try? DurableFile.read("/run/vitrine-system/hostname", limit: 256)) != nil
        if isCard {
            places.nameRequest = run.appending("name-taken")
            places.wireless = FilePath("/run/vitrine-system/wpa_supplicant-\(NetworkWishes.radio).conf")
        }
        self.init(
            setup: SystemdNetwork(places: places, clock: clock), welcome: welcome, faults: faults, clock: clock,
            hasBrowser: !isCard)
    }

    /// The full names under which the machine can be reached, one of which it takes.
    static func names(of device: String, serial: String?) -> [String] {
        let choice = NameChoice(wanted: HostName.label(of: device), serial: serial)
        return (choice.names + [SystemdNetwork.currentHostName()]).filter { !$0.isEmpty }
            .flatMap { name in [name] + ["local", "lan", "home.arpa"].map { "\(name).\($0)" } }
    }

    /// The page is there. The addresses follow those that the machine has from now on.
    func listen(address: String, port: Int) -> [String] {
        listening.withLock { $0 = (address, port) }
        show(setup.state)
        return welcome.addresses
    }

    var status: NetworkStatus {
        let state = setup.state
        var status = NetworkStatus(urls: welcome.addresses)
        status.hostName = state.hostName.isEmpty ? nil : state.hostName
        status.nameIsOurs = state.nameIsOurs
        status.interfaces = state.interfaces.map {
            NetworkStatus.Interface(
                name: $0.name, kind: $0.kind.rawValue, linked: $0.isLinked, addresses: $0.addresses)
        }
        status.wifi = state.radio.map { NetworkStatus.WiFi(state: Self.word($0.phase), network: $0.network) }
        return status
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.setup.run() }
                group.addTask { await self.follow() }
                group.addTask { await self.judge() }
            }
        }
    }

    private func follow() async {
        for await state in setup.states() { show(state) }
    }

    private func show(_ state: NetworkState) {
        guard let (address, port) = listening.withLock({ $0 }) else { return }
        var urls = NetworkAddresses.pageURLs(boundTo: address, port: port, loopback: hasBrowser)
        // A name without an address leads nowhere.
        if !urls.isEmpty, state.nameIsOurs == true, address == "0.0.0.0" || address == "::" {
            urls.append("http://\(state.hostName).local" + (port == 80 ? "/" : ":\(port)/"))
        }
        welcome.change { $0.addresses = urls }
    }

    /// From time to time: some of what is wrong is so only when it lasts. An idle appliance hardly wakes.
    private func judge() async {
        var worries = NetworkWorries()
        while !Task.isCancelled {
            tell(worries.worry(setup.state, at: clock.now))
            // Without a radio there is nothing to worry about.
            let pause: Duration = setup.state.radio == nil ? .seconds(30) : .seconds(2)
            guard (try? await clock.sleep(for: pause)) != nil else { return }
        }
    }

    private static let key = "wifi"

    private func tell(_ worry: NetworkWorries.Worry?) {
        switch worry {
        case .wrongPassword(let network):
            faults.begin(
                Self.key, part: "network", detail: "The WiFi network “\(network)” refuses the password",
                suggestion: "Put the card into a computer and write the right one into vitrine.toml: wifi.password.")
        case .refused(let network, let reason):
            faults.begin(
                Self.key, part: "network",
                detail: "The WiFi network “\(network)” does not let this screen in (\(reason))",
                suggestion: "Look at the access point: who may join, and whether it offers WPA2 or WPA3.")
        case .notFound(let network):
            let name = network.isEmpty ? "The WiFi network of the settings" : "The WiFi network “\(network)”"
            faults.begin(
                Self.key, part: "network", detail: "\(name) is not in reach",
                suggestion: "Check its name, wifi.ssid in vitrine.toml on the card, its channel and wifi.country.")
        case .noRadio:
            faults.begin(
                Self.key, part: "network", detail: "WiFi is set up, but this board's radio did not start",
                suggestion:
                    "Its chip may need firmware that this card image lacks (docs/hardware.md, Boards). "
                    + "A network cable, or a WiFi adapter for USB, works.")
        case nil:
            faults.end(Self.key)
        }
    }

    private static func word(_ phase: RadioState.Phase) -> String {
        switch phase {
        case .searching: "searching"
        case .notFound: "not_found"
        case .joining: "joining"
        case .connected: "connected"
        case .wrongPassword: "wrong_password"
        case .refused: "refused"
        }
    }
}
