import ArgumentParser
import LinuxSystem
import NetworkSetup
import Playback
import SystemPackage
import Testing
import WebInterface

@testable import Appliance

#if canImport(Glibc)
    import Glibc
#endif

/// From wpa_supplicant's word to what a person reads.
@Suite struct NetworkTests {
    /// A network whose state a test sets.
    private final class SetNetwork: NetworkSetup {
        private let announcements = Announcements<NetworkState>(NetworkState())

        func files(for wishes: NetworkWishes) -> [GeneratedFile] { wishes.files }
        func states() -> AsyncStream<NetworkState> { announcements.listen() }
        var state: NetworkState { announcements.latest ?? NetworkState() }
        func set(_ state: NetworkState) { announcements.announce(state) }
        func run() async {
            // Until it is cancelled.
            for await _ in announcements.listen() {}
        }
    }

    @Test(.timeLimit(.minutes(1))) func aWrongPasswordIsAFaultUntilItIsRight() async throws {
        let setup = SetNetwork()
        let faults = FaultBoard()
        let clock = ManualClock()
        let network = Network(setup: setup, welcome: WelcomeBoard(name: "x"), faults: faults, clock: clock)
        setup.set(NetworkState(radio: RadioState(phase: .wrongPassword, network: "Bob's net"), hostName: "porch"))
        let running = Task { try? await network.run() }
        var changes = faults.changes().makeAsyncIterator()
        while await changes.next()?["wifi"] == nil {}
        let fault = try #require(faults.current.first)
        #expect(fault.part == "network")
        #expect(fault.detail == "The WiFi network “Bob's net” refuses the password")
        #expect(network.status.wifi == NetworkStatus.WiFi(state: "wrong_password", network: "Bob's net"))
        #expect(network.status.hostName == "porch")

        setup.set(NetworkState(radio: RadioState(phase: .connected, network: "Bob's net"), hostName: "porch"))
        while faults.has("wifi") {
            if let next = clock.nextDeadline { clock.advance(to: next) }
            await Task.yield()
        }
        running.cancel()
        await running.value
        #expect(faults.current.isEmpty)
    }

    /// An address of the board's own is of no use to a phone, and a code for it would lead the phone to itself.
    @Test func withoutANetworkTheCardNamesNoAddress() {
        func urls(_ address: String, loopback: Bool, _ current: [String] = []) -> [String] {
            NetworkAddresses.pageURLs(boundTo: address, port: 80, loopback: loopback, current: current)
        }
        #expect(urls("0.0.0.0", loopback: false).isEmpty)
        #expect(urls("::", loopback: true) == ["http://127.0.0.1/"])
        #expect(urls("127.0.0.1", loopback: false) == ["http://127.0.0.1/"])
        #expect(urls("::", loopback: false, ["10.0.0.7", "fd00::7"]) == ["http://10.0.0.7/", "http://[fd00::7]/"])
    }

    /// A board whose chip lacks its firmware has the driver and no radio.
    @Test(.timeLimit(.minutes(1))) func aRadioThatDoesNotStartIsSaid() async throws {
        let setup = SetNetwork()
        let faults = FaultBoard()
        let clock = ManualClock()
        let network = Network(setup: setup, welcome: WelcomeBoard(name: "x"), faults: faults, clock: clock)
        setup.set(NetworkState(wantsRadio: true, hostName: "porch"))
        let running = Task { try? await network.run() }
        let began = clock.now
        while !faults.has("wifi") {
            if let next = clock.nextDeadline { clock.advance(to: next) }
            await Task.yield()
        }
        #expect(began.duration(to: clock.now) >= NetworkWorries.radioPatience)
        let fault = try #require(faults.current.first)
        let message = try #require(ScreenRules.message(of: fault, key: "wifi"))
        #expect(message.title == "WiFi is set up, but this board's radio did not start")
        #expect(message.detail?.contains("firmware") == true)
        setup.set(
            NetworkState(
                interfaces: [.init(name: "wlan0", kind: .radio, isLinked: false, addresses: [])], wantsRadio: true))
        while faults.has("wifi") {
            if let next = clock.nextDeadline { clock.advance(to: next) }
            await Task.yield()
        }
        running.cancel()
        await running.value
    }

    @Test func thePageIsReachedByItsNameWhereThatIsOurs() {
        let setup = SetNetwork()
        let network = Network(
            setup: setup, welcome: WelcomeBoard(name: "x"), faults: FaultBoard(), clock: ManualClock())
        setup.set(NetworkState(hostName: "porch", nameIsOurs: true))
        #expect(network.listen(address: "::", port: 80).last == "http://porch.local/")
        setup.set(NetworkState(hostName: "porch", nameIsOurs: false))
        #expect(!network.listen(address: "::", port: 80).contains { $0.contains("porch") })
        #expect(network.listen(address: "127.0.0.1", port: 8080) == ["http://127.0.0.1:8080/"])
    }

    @Test func everyNameThatItCanTakeIsItsOwn() {
        let names = Network.names(of: "Küche", serial: "10000000abcdef12")
        for name in ["kueche.local", "kueche-ef12.local", "kueche-abcdef12.local"] { #expect(names.contains(name)) }
    }
}

/// `vitrine card` on a card of folders.
@Suite struct CardCommandTests {
    @Test func applyTakesOverAndCheckSaysWhatIsWrong() throws {
        var template = Array("/tmp/vitrine-command-XXXXXX".utf8CString)
        let folder = FilePath(String(cString: try #require(mkdtemp(&template))))
        let places = ["firmware", "system", "data", "run", "report"]
        for place in places { try DurableFile.createFolder(folder.appending(place)) }
        let inbox = folder.appending("firmware/vitrine.toml")
        try DurableFile.replace(
            inbox,
            with: Array(
                "spi.panel = \"pimoroni-display-hat-mini\"\nwifi.ssid = \"a\"\nwifi.password = \"12345678\"\n".utf8))
        let options = places.flatMap { ["--\($0)", folder.appending($0).string] }
        try CardCheck.parse(options).run()
        try CardApply.parse(options + ["--simulated"]).run()
        func text(_ path: String) throws -> String {
            String(decoding: try DurableFile.read(folder.appending(path), limit: 1 << 16), as: UTF8.self)
        }
        #expect(try text("firmware/vitrine.toml").contains("wifi.password = \"********\"\n"))
        // The product's own chip select, out of the catalogue.
        #expect(try text("firmware/vitrine-generated.txt").contains("dtoverlay=vitrine-spi0-1\n"))
        #expect(try text("run/restart") == "")
        #expect(try text("run/wpa_supplicant-wlan0.conf").contains("psk=\"12345678\"\n"))
        try DurableFile.replace(inbox, with: Array("wifi.contry = \"DE\"\n".utf8))
        #expect(throws: CommandFailure.self) { try CardCheck.parse(options).run() }
        try CardName.parse(options + ["--simulated"]).run()
        #expect(try !text("run/hostname").isEmpty)
    }
}
