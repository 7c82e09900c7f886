import DeviceSettings
import Testing

@testable import CardSettings

private let keys = SettingKey.all(paths: StandardPaths(data: "/data", socket: "/run/x"))

private func read(_ text: String) -> CardSource {
    Inbox(keys: CardKeys.taken(daemon: keys)).read(Array(text.utf8)) { ["Europe/Berlin", "Etc/UTC"] }
}

@Suite struct InboxTests {
    @Test func aMistakeCostsItsLineAlone() {
        let source = read(
            """
            [wifi]
            ssid = Ringelnatz
            country = "DE"
            [device]
            name = “Küche”
            [playback]
            photo_seconds = 7
            just words
            """)
        #expect(source.values == ["wifi.country": .text("DE"), "playback.photo_seconds": .number(7)])
        #expect(source.faults.map(\.line) == [2, 5, 8])
        #expect(source.faults.map(\.key) == ["ssid", "name", "(this line)"])
        #expect(source.faults[1].expected.contains("straight quotation marks"))
    }

    @Test func aPasswordIsNeverRepeated() {
        for line in [
            "password = hunter2hunter2", "password = \"hunter2", "password = \"hunter2\"",
            "pasword = \"hunter2hunter2\"",
            "psk = 'hunter2hunter2", "password = [\"hunter2hunter2\"]",
        ] {
            let source = read("[wifi]\nssid = \"x\"\n\(line)\n")
            #expect(!source.faults.isEmpty, "\(line)")
            #expect(!source.faults.map(\.description).joined().contains("hunter2"), "\(line)")
            #expect(source.values["wifi.ssid"] == .text("x"), "\(line)")
        }
    }

    @Test func aFaultHasLineKeyAndTheNearestName() {
        let source = read("[wifi]\nssid = \"x\"\ncontry = \"DE\"\n")
        #expect(
            source.faults.map(\.description) == ["vitrine.toml:3: wifi.contry: unknown; did you mean wifi.country?"])
    }

    @Test func otherNamesAreTakenAndSaid() {
        let source = read("hostname = \"porch\"\n[wifi]\nssid = \"x\"\npsk = \"12345678\"\n")
        #expect(source.values["device.name"] == .text("porch"))
        #expect(source.values["wifi.password"] == .text("12345678"))
        #expect(source.faults.map(\.key) == ["hostname", "wifi.psk"])
        #expect(source.secrets.count == 1)
    }

    @Test(arguments: [
        ("wifi.country = \"UK\"", "GB"), ("wifi.country = \"Germany\"", "at most 2"),
        ("wifi.country = \"4x\"", "two letters"),
        ("time.zone = \"Europe/Belin\"", "did you mean Europe/Berlin?"), ("wifi.password = \"short\"", "8 to 63"),
        ("ssh.key = \"-----BEGIN OPENSSH PRIVATE KEY-----\"", "private key"),
        ("ssh.key = \"command=x ssh-rsa AAAA\"", "public key"),
        ("data.directory = \"/elsewhere\"", "unknown"), ("display.rotation = 45", "0, 90, 180, 270"),
    ])
    func whatDoesNotFitIsSaid(_ line: String, _ expected: String) {
        let source = read(line)
        #expect(source.values.isEmpty)
        #expect(source.faults.count == 1)
        #expect(source.faults.first?.description.contains(expected) == true)
        #expect(source.faults.first?.line == 1)
    }

    @Test func keysOfSSH() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHwvYX4TZ4vVZsSxuxAtPdfrZHIXDYSP0JKW3zJxl0yC me@laptop"
        #expect(read("ssh.key = \"\(key)\"").values == ["ssh.key": .list([key])])
        #expect(read("ssh.keys = [\"\(key)\", \"no\"]").values == ["ssh.key": .list([key])])
    }

    @Test(arguments: [
        "[wifi]\npassword = \"12345678\"\n", "wifi = { ssid = \"12345678\", password = \"12345678\" }\n",
        "wifi.password = '12345678'\n", "[wifi]\r\n\"password\"=\"12345678\" # \"12345678\"\r\n",
        "[wifi]\npassword = \"\"\"12345678\"\"\"\n", "bad line\n[wifi]\npassword = \"\\u00312345678\"\n",
    ])
    func whereThePasswordStands(_ text: String) throws {
        let source = read(text)
        #expect(!source.secrets.isEmpty)
        let after = read(String(decoding: source.blankedBytes, as: UTF8.self))
        #expect(after.isBlanked)
        #expect(after.values["wifi.ssid"] == source.values["wifi.ssid"])
        #expect(after.bytes.count == source.bytes.count)
        #expect(after.secrets.isEmpty)
        let letters = CardSource.blanking(source.secrets, in: source.bytes)
        #expect(letters == source.blankedBytes)
    }

    @Test func textThatIsNoTextIsSaid() {
        let source = Inbox(keys: keys).read([0xFF, 0xFE, 0x61, 0x00]) { [] }
        #expect(source.faults.map(\.expected) == ["this is not plain text; save it as UTF-8"])
    }

    @Test func aFileFullOfMistakesEnds() {
        let source = read(String(repeating: "what is this\n", count: 500))
        #expect(source.values.isEmpty)
        #expect(source.faults.count == 1)
    }
}
