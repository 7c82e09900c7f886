import LinuxSystem
import SystemPackage
import Testing

@testable import CardSettings

#if canImport(Glibc)
    import Glibc
#endif

private let inbox = """
    \u{FEFF}# My screen\r
    [device]\r
    name = "Küche"\r
    [wifi]\r
    ssid = "Ringelnatz"\r
    password = "correct \\"horse\\""   # once it was correct \\"horse\\"\r
    country = "de"\r
    [time]\r
    zone = "Europe/Berlin"\r
    [ssh]\r
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHwvYX4TZ4vVZsSxuxAtPdfrZHIXDYSP0JKW3zJxl0yC me"\r
    [playback]\r
    photo_seconds = 7\r
    [spi]\r
    panel = "pimoroni-display-hat-mini"\r
    """

private let publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHwvYX4TZ4vVZsSxuxAtPdfrZHIXDYSP0JKW3zJxl0yC"

/// The password as it stands in the inbox, and in what is kept.
private let raw = #"correct \"horse\""#

@Suite struct CardPlanTests {
    @Test func everythingGoesToItsPlace() throws {
        let card = try CardFixture()
        card.write(.inbox, inbox)
        let size = try #require(card.bytes(.inbox)).count
        let plan = card.plan()
        #expect(plan.faults == [])
        #expect(plan.needsRestart)
        let outcome = card.start()
        #expect(outcome == CardApplier.Outcome())
        #expect(card.text(.config).contains("device.name = \"Küche\"\n"))
        #expect(card.text(.config).contains("playback.photo_seconds = 7\n"))
        #expect(!card.text(.config).contains("wifi"))
        #expect(card.text(.run("hostname")) == "kueche\n")
        #expect(card.machine.state == .init(cardIsOpen: false, hostName: "kueche", openings: 1))
        let supplicant = card.text(.run("wpa_supplicant-wlan0.conf"))
        #expect(supplicant.contains("psk=\"correct \"horse\"\"\n"))
        #expect(supplicant.contains("country=DE\n"))
        #expect(card.text(.generatedConfig).contains("dtoverlay=vitrine-spi0-1\n"))
        #expect(card.text(.faults) == "")
        // Blanked, in place, in the remark as well, and nothing else is different.
        let blank = String(repeating: "*", count: raw.utf8.count)
        #expect(card.text(.inbox) == inbox.replacing(raw, with: blank))
        #expect(card.bytes(.inbox)?.count == size)
        #expect(try card.copies(of: raw) == 1)
    }

    @Test func asSecondStartDoesNothing() throws {
        let card = try CardFixture()
        card.write(.inbox, inbox)
        card.start()
        let before = try card.lasting()
        let plan = card.plan()
        #expect(plan.lasting == [])
        #expect(!plan.needsRestart)
        card.loseMemory()
        card.start()
        #expect(try card.lasting() == before)
        #expect(card.machine.state.openings == 1)
        #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk=\"correct \"horse\"\"\n"))
    }

    /// The power goes after each action, and again after each of the next start: the end is always the same.
    @Test func noCutLosesAnything() throws {
        let whole = try CardFixture()
        whole.write(.inbox, inbox)
        whole.start()
        let wanted = try whole.lasting()
        let count = try CardFixture(with: inbox).plan().lasting.count
        #expect(count >= 7)
        for first in 0...count {
            let once = try CardFixture(with: inbox)
            once.start(cutAfter: first)
            let rest = once.plan().lasting.count
            once.start()
            #expect(try once.lasting() == wanted, "cut after \(first)")
            #expect(try once.copies(of: raw) == 1, "cut after \(first)")
            #expect(once.text(.run("wpa_supplicant-wlan0.conf")) == whole.text(.run("wpa_supplicant-wlan0.conf")))
            #expect(once.text(.faults) == "")
            for second in 0...rest {
                let twice = try CardFixture(with: inbox)
                twice.start(cutAfter: first)
                twice.start(cutAfter: second)
                twice.start()
                #expect(try twice.lasting() == wanted, "cut after \(first), then after \(second)")
            }
        }
    }

    /// A worn card takes its time; what this start needs is there before it is asked for anything.
    @Test func whatThisRunNeedsIsThereBeforeTheCardIsWrittenTo() throws {
        let card = try CardFixture(with: inbox)
        CardApplier(roots: card.roots, machine: card.machine).apply(card.plan(), stoppingAfter: 0)
        #expect(card.text(.run("hostname")) == "kueche\n")
        #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk="))
        var target = [CChar](repeating: 0, count: 256)
        readlink(card.roots.path(of: .run("localtime")).string, &target, 255)
        #expect(String(decoding: target.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).hasSuffix("Europe/Berlin"))
        #expect(card.machine.state == .init(cardIsOpen: false, hostName: "kueche", openings: 0))
        // Who was cut off in the middle has not reported.
        #expect(card.bytes(.faults) == nil)
        #expect(card.bytes(.config) == nil)
    }

    /// The password is in one place at least at every moment.
    @Test func atEveryCutThePasswordIsSomewhere() throws {
        let count = try CardFixture(with: inbox).plan().lasting.count
        for cut in 0...count {
            let card = try CardFixture(with: inbox)
            card.start(cutAfter: cut)
            #expect(try card.copies(of: raw) >= 1, "cut after \(cut)")
        }
    }

    /// A blank is written over bytes, and the power can go between any two of them, whichever comes first.
    @Test(arguments: [false, true]) func noCutInsideTheBlankLosesAnything(backwards: Bool) throws {
        let whole = try CardFixture(with: inbox)
        whole.start()
        let wanted = try whole.lasting()
        let actions = try CardFixture(with: inbox).plan().lasting
        let blanking = try #require(actions.firstIndex { if case .blank = $0 { true } else { false } })
        guard case .blank(_, let ranges, _) = actions[blanking] else { return }
        #expect(ranges.count == 2)
        let offsets = ranges.flatMap(Array.init)
        for written in 0...offsets.count {
            let card = try CardFixture(with: inbox)
            card.start(cutAfter: blanking)
            var bytes = try #require(card.bytes(.inbox))
            for offset in backwards ? offsets.suffix(written) : offsets.prefix(written) {
                bytes[offset] = CardSource.blank
            }
            card.write(.inbox, bytes: bytes)
            card.start()
            #expect(try card.lasting() == wanted, "\(written) bytes blanked")
            #expect(card.text(.run("wpa_supplicant-wlan0.conf")) == whole.text(.run("wpa_supplicant-wlan0.conf")))
        }
    }

    @Test func aNewPasswordOfTheSameLengthIsTaken() throws {
        let card = try CardFixture(with: "wifi.ssid = \"a\"\nwifi.password = \"11111111\"\n")
        card.start()
        card.write(.inbox, "wifi.ssid = \"a\"\nwifi.password = \"22222222\"\n")
        card.start()
        #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk=\"22222222\"\n"))
        #expect(card.text(.inbox) == "wifi.ssid = \"a\"\nwifi.password = \"********\"\n")
        #expect(try card.copies(of: "11111111") == 0)
        #expect(try card.copies(of: "22222222") == 1)
    }

    @Test func anotherNetworkWithoutAPasswordIsOpen() throws {
        let card = try CardFixture(with: "wifi.ssid = \"a\"\nwifi.password = \"11111111\"\n")
        card.start()
        card.write(.inbox, "wifi.ssid = \"b\"\n")
        card.start()
        let supplicant = card.text(.run("wpa_supplicant-wlan0.conf"))
        #expect(supplicant.contains("ssid=\"b\"\n"))
        #expect(supplicant.contains("key_mgmt=NONE\n"))
        #expect(try card.copies(of: "11111111") == 0)
        card.write(.inbox, "wifi.ssid = \"\"\n")
        card.start()
        #expect(card.bytes(.run("wpa_supplicant-wlan0.conf")) == nil)
    }

    @Test func anotherSettingLeavesTheBlankedPassword() throws {
        let card = try CardFixture(with: "wifi.ssid = \"a\"\nwifi.password = \"11111111\"\n")
        card.start()
        card.write(.inbox, card.text(.inbox) + "wifi.country = \"GB\"\n")
        card.start()
        let supplicant = card.text(.run("wpa_supplicant-wlan0.conf"))
        #expect(supplicant.contains("psk=\"11111111\"\n"))
        #expect(supplicant.contains("country=GB\n"))
    }

    @Test func aBlankWhosePasswordIsGoneIsSaid() throws {
        let card = try CardFixture(with: "wifi.ssid = \"a\"\nwifi.password = \"********\"\n")
        for _ in 0..<2 {
            card.start()
            #expect(card.text(.faults).contains("wifi.password: the password was removed from here"))
        }
    }

    @Test func aKeyThatIsTakenOutIsGone() throws {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHwvYX4TZ4vVZsSxuxAtPdfrZHIXDYSP0JKW3zJxl0yC"
        let card = try CardFixture(with: "ssh.key = \"\(key)\"\n")
        card.start()
        #expect(card.text(.authorizedKeys) == key + "\n")
        card.write(.inbox, "ssh.key = \"\"\n")
        card.start()
        #expect(card.bytes(.authorizedKeys) == nil)
    }

    /// As the file itself teaches: a # before the line.
    @Test func aLineThatIsCommentedOutIsTakenBack() throws {
        let text = """
            wifi.ssid = "a"
            wifi.password = "11111111"
            wifi.country = "DE"
            wifi.hidden = true
            time.zone = "Europe/Berlin"
            ssh.key = "\(publicKey)"
            playback.photo_seconds = 7

            """
        for name in ["ssh.key", "wifi.country", "wifi.hidden", "wifi.password", "wifi.ssid", "time.zone"] {
            let card = try CardFixture(with: text)
            card.start()
            let all = card.text(.systemSettings)
            card.write(.inbox, card.text(.inbox).replacing("\(name) =", with: "#\(name) ="))
            card.start()
            let lines = all.split(separator: "\n").filter { !$0.hasPrefix("\(name) =") }
            #expect(card.text(.systemSettings).split(separator: "\n") == lines)
            #expect(lines.count == all.split(separator: "\n").count - 1)
            #expect((card.bytes(.authorizedKeys) == nil) == (name == "ssh.key"))
            // A setting of the daemon's is the page's to keep.
            card.write(.inbox, "")
            card.start()
            #expect(card.bytes(.authorizedKeys) == nil)
            #expect(card.bytes(.run("wpa_supplicant-wlan0.conf")) == nil)
            #expect(card.text(.config).contains("playback.photo_seconds = 7\n"))
        }
    }

    @Test func aBlankedPasswordIsNotTakenOut() throws {
        let card = try CardFixture(with: "wifi.ssid = \"a\"\nwifi.password = \"11111111\"\nwifi.country = \"DE\"\n")
        card.start()
        card.write(.inbox, card.text(.inbox).replacing("wifi.country", with: "#wifi.country"))
        card.start()
        let supplicant = card.text(.run("wpa_supplicant-wlan0.conf"))
        #expect(supplicant.contains("psk=\"11111111\"\n"))
        #expect(!supplicant.contains("country="))
        #expect(card.text(.faults) == "")
    }

    /// A mistake costs its line, and does not take anything away; once it is right, what is missing is taken back.
    @Test func aLineWithAMistakeIsNotTakenOut() throws {
        let card = try CardFixture(with: "ssh.key = \"\(publicKey)\"\n")
        card.start()
        for text in ["ssh.key = \"ssh-ed25519 AAAA\"\n", "[ssh\nkey = “x”\n", "time.zone = Berlin\n"] {
            card.write(.inbox, text)
            card.start()
            #expect(card.text(.authorizedKeys) == publicKey + "\n")
            #expect(card.text(.faults) != "")
        }
        card.write(.inbox, "time.zone = \"Europe/Berlin\"\n")
        card.start()
        #expect(card.bytes(.authorizedKeys) == nil)
    }

    @Test func whatAnotherFileSaysHoldsThen() throws {
        let card = try CardFixture()
        let other = publicKey.replacing("yC", with: "zz")
        card.write(.firmware("custom.toml"), "[ssh]\nauthorized_keys = [\"\(other)\"]\n")
        card.write(.inbox, "ssh.key = \"\(publicKey)\"\n")
        card.start()
        #expect(card.text(.authorizedKeys) == publicKey + "\n")
        card.write(.inbox, "# ssh.key\n")
        card.start()
        #expect(card.text(.authorizedKeys) == other + "\n")
        card.write(.firmware("custom.toml"), "[ssh]\n")
        card.start()
        #expect(card.bytes(.authorizedKeys) == nil)
    }

    /// The power goes after each action: the key is gone in the end.
    @Test func noCutKeepsAKeyThatIsTakenOut() throws {
        func changed() throws -> CardFixture {
            let card = try CardFixture(
                with: "ssh.key = \"\(publicKey)\"\nwifi.ssid = \"a\"\nwifi.password = \"11111111\"\n")
            card.start()
            card.write(.inbox, "wifi.ssid = \"b\"\nwifi.password = \"22222222\"\n")
            return card
        }
        let whole = try changed()
        whole.start()
        let wanted = try whole.lasting()
        #expect(whole.bytes(.authorizedKeys) == nil)
        for cut in 0...(try changed().plan().lasting.count) {
            let card = try changed()
            card.start(cutAfter: cut)
            card.start()
            #expect(try card.lasting() == wanted, "cut after \(cut)")
        }
    }

    @Test func aFileThatIsNotReadIsSaid() throws {
        let card = try CardFixture(with: "wifi.ssid = \"a\"\n")
        card.start()
        #expect(card.text(.faults) == "")
        card.write(.inbox, "wifi.ssid = \"a\"\n" + String(repeating: "#", count: 1 << 18))
        card.write(.firmware("custom.toml/inside"), "x")
        card.start()
        let faults = card.text(.faults).split(separator: "\n")
        #expect(faults.count == 2)
        #expect(faults.first?.hasPrefix("custom.toml: (the whole file): it cannot be read: ") == true)
        #expect(
            faults.last
                == "vitrine.toml: (the whole file): not read: it is larger than 256 KB, which no file of settings is")
        // What was taken of it before stays.
        #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("ssid=\"a\"\n"))
    }

    /// What the page said later stays, as long as the card says nothing new.
    @Test func theInboxIsNoLayer() throws {
        let card = try CardFixture(with: "playback.photo_seconds = 7\nplayback.fit = \"cover\"\n")
        card.start()
        card.write(.config, "version = 1\nplayback.photo_seconds = 30\nplayback.fit = \"cover\"\n")
        card.start()
        #expect(card.text(.config).contains("playback.photo_seconds = 30\n"))
        card.write(.inbox, "playback.fit = \"contain\"\n")
        card.start()
        #expect(card.text(.config).contains("playback.photo_seconds = 30\n"))
        #expect(card.text(.config).contains("playback.fit = \"contain\"\n"))
    }

    @Test func anUnreadableConfigIsKeptAside() throws {
        let card = try CardFixture(with: "playback.photo_seconds = 7\n")
        card.write(.config, "what = is this\n")
        card.start()
        #expect(card.text(.unreadableConfig) == "what = is this\n")
        #expect(card.text(.config).contains("playback.photo_seconds = 7\n"))
    }

    @Test func whereNothingCanBeKeptTheCardKeepsIt() throws {
        let card = try CardFixture(with: inbox)
        var state = CardState(roots: card.roots)
        state.dataIsWritable = false
        let plan = CardPlan(state) { _ in nil }
        #expect(!plan.lasting.contains { if case .blank = $0 { true } else { false } })
        CardApplier(roots: card.roots, machine: card.machine).apply(plan)
        #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk="))
        #expect(card.text(.faults).contains("settings cannot be kept"))
        #expect(card.bytes(.config) == nil)
    }

    @Test func aLockedCardKeepsItsPasswordAndSaysSo() throws {
        let card = try CardFixture(lockedCard: true)
        card.write(.inbox, inbox)
        let outcome = card.start()
        #expect(!outcome.isWhole)
        #expect(card.text(.inbox) == inbox)
        #expect(card.text(.faults).contains("cannot be written to, and a password may still stand there"))
        #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk="))
        // It is safe already, and tried again.
        #expect(card.text(.config).contains("photo_seconds = 7"))
        #expect(card.plan().lasting.contains(.openCard))
    }

    /// What is on the card was taken over once; while the password cannot be blanked, the page has its say.
    @Test(arguments: [inbox, "playback.photo_seconds = 7\nspi.panel = \"x\"\n"])
    func aLockedCardDoesNotUndoWhatThePageSet(_ text: String) throws {
        let card = try CardFixture(lockedCard: true)
        card.write(.inbox, text)
        #expect(!card.start().isWhole)
        let set = card.text(.config).replacing("photo_seconds = 7", with: "photo_seconds = 30")
        #expect(set.contains("photo_seconds = 30"))
        card.write(.config, set)
        for _ in 0..<2 {
            // Still tried, still said.
            #expect(card.plan().lasting.contains(.openCard))
            #expect(!card.start().isWhole)
            #expect(card.text(.config) == set)
            #expect(card.text(.faults).contains("the card's FAT partition cannot be written to"))
            #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk=") == text.contains("wifi"))
        }
        // Nothing is written that stands there already.
        let kept = card.plan().lasting.filter { if case .replace(.system, _, _) = $0 { true } else { false } }
        #expect(kept.count == (text.contains("wifi") ? 1 : 0))

        // Unlocked, it is blanked at last.
        CardApplier(roots: card.roots, machine: SimulatedCardMachine()).apply(card.plan())
        #expect(card.text(.inbox) == text.replacing(raw, with: String(repeating: "*", count: raw.utf8.count)))
        #expect(card.text(.config) == set)
        #expect(card.plan().lasting == [])
    }

    @Test func aNewPasswordOfTheSameLengthIsTakenFromALockedCard() throws {
        let card = try CardFixture(lockedCard: true)
        for password in ["11111111", "22222222"] {
            card.write(.inbox, "wifi.ssid = \"a\"\nwifi.password = \"\(password)\"\n")
            card.start()
            #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk=\"\(password)\"\n"))
        }
    }

    @Test func onlyAnOpenCardIsWrittenTo() throws {
        let actions = try CardFixture(with: inbox).plan().lasting
        var isOpen = false
        for action in actions {
            switch action {
            case .openCard: isOpen = true
            case .closeCard: isOpen = false
            case .blank(.firmware, _, _), .replace(.firmware, _, _): #expect(isOpen)
            default: break
            }
        }
        #expect(!isOpen)
    }

    @Test func theImagesOwnLinesAreThoseOfItsDefaults() throws {
        let card = try CardFixture()
        #expect(card.plan().lasting == [])
        #expect(!card.plan().needsRestart)
    }

    @Test(arguments: [
        ("spi.panel = \"st7789-240x240\"", ["vitrine-spi0-0", "vitrine-i2c1"]),
        ("spi.panel = \"st7789-240x240\"\nspi.device = \"/dev/spidev0.1\"", ["vitrine-spi0-1", "vitrine-i2c1"]),
        ("spi.panel = \"st7789-240x240\"\ndisplay.order = [\"drm\"]", ["vitrine-i2c1"]),
        ("spi.panel = \"st7789-240x240\"\nspi.device = \"simulated\"", ["vitrine-i2c1"]),
        (
            "spi.panel = \"x\"\nspi.backlight_pin = \"pwmchip0:0\"",
            ["vitrine-spi0-0", "vitrine-pwm-18", "vitrine-i2c1"]
        ),
        ("spi.panel = \"x\"\nspi.reset_pin = \"GPIO3\"", ["vitrine-spi0-0", "vitrine-i2c1-off"]),
        // However a person says which line it is.
        ("buttons.next = \"gpiochip0:3\"", ["vitrine-i2c1-off"]),
        ("buttons.next = \"gpiochip0:2\"", ["vitrine-i2c1-off"]),
        ("buttons.next = 3", ["vitrine-i2c1-off"]),
        ("buttons.setup = { line = \"gpiochip0:2\", hold_ms = 3000 }", ["vitrine-i2c1-off"]),
        ("buttons.next = \"gpiochip1:3\"", ["vitrine-i2c1"]),
        // What looks like a line and is none.
        ("device.name = \"3\"\nspi.mode = \"3\"", ["vitrine-i2c1"]),
    ])
    func overlays(_ text: String, _ overlays: [String]) throws {
        let card = try CardFixture(with: text)
        card.start()
        let lines = card.text(.generatedConfig).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.map { String($0.dropFirst("dtoverlay=".count)) } == overlays)
    }

    /// A FAT file system does not rename whole or not at all: what is cut then can leave one file's content to two, and to
    /// be given away with either. Written over in place, one sector changes and nothing of the file system.
    @Test func theFirmwaresLinesAreWrittenInPlace() throws {
        let card = try CardFixture()
        let path = card.roots.path(of: .generatedConfig)
        func number() throws -> ino_t {
            var status = stat()
            try #require(stat(path.string, &status) == 0)
            return status.st_ino
        }
        let first = try number()
        for text in ["spi.panel = \"x\"\nspi.backlight_pin = \"pwmchip0:0\"", "spi.panel = \"\"", "spi.panel = \"y\""] {
            card.write(.inbox, text)
            card.start()
            let bytes = try #require(card.bytes(.generatedConfig))
            #expect(bytes.count == FirmwareLines.size)
            // The firmware reads no more of a line.
            #expect(bytes.split(separator: 0x0A).allSatisfy { $0.count <= 98 })
            #expect(try number() == first)
        }
        // Of whatever size it was, it ends whole.
        for former in ["", String(repeating: "x", count: 2_000)] {
            try former.write(to: path)
            card.start()
            #expect(card.bytes(.generatedConfig)?.count == FirmwareLines.size)
            #expect(try number() == first)
            #expect(!card.plan().needsRestart)
        }
        #expect(card.text(.faults) == "")
    }

    @Test func aBusThatTheCardCannotSwitchOnIsSaid() throws {
        let card = try CardFixture(with: "spi.panel = \"x\"\nspi.device = \"/dev/spidev1.0\"")
        card.start()
        #expect(card.text(.faults).contains("spi.device = \"/dev/spidev1.0\""))
    }
}

extension String {
    /// In place, as an editor may.
    fileprivate func write(to path: FilePath) throws {
        let file = try Descriptor.open(path, .writeOnly, options: [.truncate])
        try DurableFile.write(Array(utf8), to: file)
    }
}

extension CardFixture {
    convenience init(with inbox: String) throws {
        try self.init()
        write(.inbox, inbox)
    }
}
