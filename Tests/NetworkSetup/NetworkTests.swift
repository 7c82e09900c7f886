import LinuxSystem
import SystemPackage
import Testing

@testable import NetworkSetup

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct NetworkFilesTests {
    private func text(_ wishes: NetworkWishes, _ name: String) throws -> String {
        try #require(wishes.files.first { $0.name == name }).text
    }

    @Test func supplicantOfEachKind() throws {
        let name = "wpa_supplicant-wlan0.conf"
        func wishes(_ credential: WirelessNetwork.Credential, name: String = "net", hidden: Bool = false)
            -> NetworkWishes
        {
            NetworkWishes(
                hostName: "h", wireless: WirelessNetwork(name: name, credential: credential, isHidden: hidden),
                country: "DE")
        }
        let phrase = try text(wishes(.passphrase("a \"b\" c!")), name)
        #expect(phrase.contains("\n    psk=\"a \"b\" c!\"\n"))
        #expect(phrase.contains("key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE\n"))
        #expect(phrase.contains("ieee80211w=1\n"))
        #expect(phrase.contains("country=DE\n"))
        #expect(!phrase.contains("scan_ssid"))
        let key = String(repeating: "0a", count: 32)
        let keyed = try text(wishes(.key(key)), name)
        // WPA3 needs the phrase; with a key alone it would fail where WPA2 goes.
        #expect(keyed.contains("psk=\(key)\n") && !keyed.contains("SAE\n"))
        let open = try text(wishes(.open, name: "Café", hidden: true), name)
        #expect(open.contains("ssid=436166c3a9\n"))
        #expect(open.contains("scan_ssid=1\n") && open.contains("key_mgmt=NONE\n"))
        #expect(try text(wishes(.open, name: "a\"b"), name).contains("ssid=612262\n"))
        #expect(try #require(wishes(.open).files.first { $0.name == name }).isSecret)
    }

    @Test func withoutWiFiThereIsNoneOfIt() {
        let names = NetworkWishes(hostName: "h").files.map(\.name)
        #expect(names == ["hostname", "hosts", "network/20-wired.network"])
    }

    @Test(arguments: [
        ("", WirelessNetwork.Credential.open), ("1234567", nil), ("12345678", .passphrase("12345678")),
        (String(repeating: "x", count: 63), .passphrase(String(repeating: "x", count: 63))),
        (String(repeating: "x", count: 64), nil),
        (String(repeating: "A", count: 64), .key(String(repeating: "a", count: 64))),
        ("line\nbreak", nil),
    ])
    func credentials(_ text: String, _ credential: WirelessNetwork.Credential?) {
        #expect(WirelessNetwork.Credential(text) == credential)
    }
}

@Suite struct NameTests {
    @Test func theSerialTellsTwoApart() {
        let choice = NameChoice(wanted: "vitrine", serial: "10000000ABCDEF12")
        #expect(choice.names == ["vitrine", "vitrine-ef12", "vitrine-abcdef12"])
        #expect(choice.next(after: "vitrine") == "vitrine-ef12")
        #expect(choice.next(after: "vitrine-abcdef12") == nil)
        // avahi's own, or an old one.
        #expect(choice.next(after: "vitrine-2") == "vitrine")
        #expect(NameChoice(wanted: "vitrine", serial: nil).next(after: "vitrine") == nil)
        let long = NameChoice(wanted: String(repeating: "x", count: 63), serial: "12345678")
        #expect(long.names.allSatisfy { $0.utf8.count <= 63 })
    }

    @Test func oneAnswerIsNoConflict() {
        var watch = NameWatch()
        let theirs = NameWatch.Standing(answers: ["192.168.1.9"], own: ["192.168.1.2", "fe80::1"])
        #expect(theirs == .theirs)
        #expect(NameWatch.Standing(answers: [], own: ["192.168.1.2"]) == .unknown)
        #expect(NameWatch.Standing(answers: ["192.168.1.9", "fe80::1"], own: ["fe80::1"]) == .ours)
        let looks = [theirs, .ours, theirs, theirs, theirs].map { watch.look($0) }
        #expect(looks == [false, false, false, true, false])
    }

    @Test(arguments: [
        ("+ 2 0 vitrine.local 192.168.1.9\n", "192.168.1.9"), ("+ 2 1 vitrine.local fe80::1%2\n", "fe80::1"),
        ("-15 Timeout reached\n", nil), ("", nil), ("+ 2\n", nil),
    ])
    func answersOfAvahi(_ text: String, _ address: String?) { #expect(AvahiLookup.address(in: text) == address) }
}

@Suite struct SystemdNetworkTests {
    private let folder: FilePath

    init() throws {
        var template = Array("/tmp/vitrine-net-XXXXXX".utf8CString)
        folder = FilePath(String(cString: try #require(mkdtemp(&template))))
    }

    private func network(
        names: any NameLookup = SimulatedNames(), clock: any BoardClock = ManualClock(), own: [String] = []
    ) -> SystemdNetwork {
        var places = SystemdNetwork.Places(
            ownSocket: folder.appending("own").string, nameRequest: folder.appending("name-taken"))
        places.supplicant = folder.appending("wlan0").string
        return SystemdNetwork(
            places: places, clock: clock, names: names,
            interfaces: { [.init(name: "wlan0", kind: .radio, isLinked: true, addresses: own)] },
            hostName: { "vitrine" })
    }

    /// The first state that fits; the network runs until then.
    private func wait(
        for network: SystemdNetwork, until isIt: @escaping @Sendable (NetworkState) -> Bool
    ) async -> NetworkState? {
        for await state in network.states() where isIt(state) { return state }
        return nil
    }

    @Test(.timeLimit(.minutes(1))) func aWrongPasswordComesThroughTheSocket() async throws {
        let supplicant = try SimulatedSupplicant(path: folder.appending("wlan0").string)
        supplicant.setStatus(["wpa_state": "SCANNING"])
        let network = network()
        let running = Task { await network.run() }
        #expect(await wait(for: network) { $0.radio?.phase == .searching } != nil)
        supplicant.refusePassword(of: "Bob's net")
        let refused = await wait(for: network) { $0.radio?.phase == .wrongPassword }
        #expect(refused?.radio?.network == "Bob's net")
        supplicant.connect(to: "Bob's net")
        #expect(await wait(for: network) { $0.radio?.phase == .connected } != nil)
        running.cancel()
        await running.value
        removeFolder()
    }

    @Test(.timeLimit(.minutes(1))) func aSupplicantThatEndsAndComesBackIsFollowed() async throws {
        let clock = ManualClock()
        var supplicant: SimulatedSupplicant? = try SimulatedSupplicant(path: folder.appending("wlan0").string)
        supplicant?.setStatus(["wpa_state": "COMPLETED", "ssid": "n"])
        let network = network(clock: clock)
        let running = Task { await network.run() }
        #expect(await wait(for: network) { $0.radio?.phase == .connected } != nil)
        supplicant = nil
        #expect(await wait(for: network) { $0.radio == nil } != nil)
        supplicant = try SimulatedSupplicant(path: folder.appending("wlan0").string)
        let moving = Task {
            while !Task.isCancelled {
                if let next = clock.nextDeadline { clock.advance(to: next) }
                await Task.yield()
            }
        }
        #expect(await wait(for: network) { $0.radio?.phase == .searching } != nil)
        moving.cancel()
        running.cancel()
        await running.value
        removeFolder()
    }

    @Test(.timeLimit(.minutes(1))) func aTakenNameAsksForAnother() async throws {
        let clock = ManualClock()
        let names = SimulatedNames(["vitrine": ["192.168.1.9"]])
        let network = network(names: names, clock: clock, own: ["192.168.1.2"])
        let running = Task { await network.run() }
        let moving = Task {
            while !Task.isCancelled {
                if let next = clock.nextDeadline { clock.advance(to: next) }
                await Task.yield()
            }
        }
        #expect(await wait(for: network) { $0.nameIsOurs == false } != nil)
        while access(folder.appending("name-taken").string, F_OK) != 0 { await Task.yield() }
        names.set("vitrine", ["192.168.1.2"])
        #expect(await wait(for: network) { $0.nameIsOurs == true } != nil)
        moving.cancel()
        running.cancel()
        await running.value
        removeFolder()
    }

    /// What wpa_supplicant reads is there where the settings name a network.
    @Test(.timeLimit(.minutes(1))) func whetherWiFiIsWantedIsKnown() async throws {
        let wireless = folder.appending("wpa_supplicant-wlan0.conf")
        var places = SystemdNetwork.Places(ownSocket: folder.appending("own").string, wireless: wireless)
        places.supplicant = folder.appending("wlan0").string
        let clock = ManualClock()
        let network = SystemdNetwork(
            places: places, clock: clock, names: SimulatedNames(), interfaces: { [] }, hostName: { "vitrine" })
        let running = Task { await network.run() }
        #expect(await wait(for: network) { $0.hostName == "vitrine" }?.wantsRadio == false)
        try DurableFile.replace(wireless, with: [])
        let moving = Task {
            while !Task.isCancelled {
                if let next = clock.nextDeadline { clock.advance(to: next) }
                await Task.yield()
            }
        }
        #expect(await wait(for: network) { $0.wantsRadio } != nil)
        moving.cancel()
        running.cancel()
        await running.value
        unlink(wireless.string)
        removeFolder()
    }

    private func removeFolder() {
        for name in ["own", "wlan0", "name-taken"] { unlink(folder.appending(name).string) }
        rmdir(folder.string)
    }
}

@Suite struct InterfaceReaderTests {
    @Test func hardwareAlone() throws {
        var template = Array("/tmp/vitrine-if-XXXXXX".utf8CString)
        let folder = FilePath(String(cString: try #require(mkdtemp(&template))))
        func file(_ path: String, _ text: String?) throws {
            let path = folder.appending(path)
            try DurableFile.createFolder(path.removingLastComponent())
            if let text {
                try DurableFile.replace(path, with: Array(text.utf8))
            } else {
                try DurableFile.createFolder(path)
            }
        }
        try file("eth0/type", "1\n")
        try file("eth0/operstate", "down\n")
        try file("eth0/device", nil)
        try file("wlan0/type", "1\n")
        try file("wlan0/operstate", "up\n")
        try file("wlan0/device", nil)
        try file("wlan0/phy80211", nil)
        try file("lo/type", "772\n")
        try file("veth1/type", "1\n")
        let found = InterfaceReader(folder: folder).read()
        #expect(found.map(\.name) == ["eth0", "wlan0"])
        #expect(found.map(\.kind) == [.wired, .radio])
        #expect(found.map(\.isLinked) == [false, true])
        _ = Tree.remove(folder)
    }

    @Test(arguments: [("192.168.1.2", 0), ("2001:db8::1", 1), ("169.254.1.1", 2), ("fe80::1", 2)])
    func addressesOfTheLinkAloneAreLast(_ address: String, _ rank: Int) {
        #expect(InterfaceReader.rank(address) == rank)
    }
}

private enum Tree {
    static func remove(_ path: FilePath) -> Bool {
        if let stream = opendir(path.string) {
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { names.append(name) }
            }
            closedir(stream)
            for name in names { _ = remove(path.appending(name)) }
            return rmdir(path.string) == 0
        }
        return unlink(path.string) == 0
    }
}
