import DeviceSettings
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

    /// One cause, one message: what the start said of the data already is no mistake in the settings, too.
    @Test(arguments: [("absent nothing can be read\n", false), ("read_only locked\n", false), ("ok as it was\n", true)])
    func whereTheStartHasSaidItTheSettingsDoNot(report: String, isSaid: Bool) throws {
        let card = try CardFixture(with: inbox)
        card.write(.dataReport, report)
        var state = CardState(roots: card.roots)
        state.dataIsWritable = false
        let plan = CardPlan(state) { _ in nil }
        #expect(plan.faults.contains { $0.key == "data" } == isSaid)
    }

    @Test func whatWasNotedAndCannotBeReadIsSaid() throws {
        let card = try CardFixture(with: inbox)
        card.start()
        let noted = card.text(.record(of: "vitrine.toml"))
        for damaged in ["", "nonsense"] {
            card.write(.record(of: "vitrine.toml"), damaged)
            #expect(card.plan().faults.contains { $0.description.contains("inbox/vitrine.toml") })
            card.start()
            // Read anew, and noted anew; the password is blanked already, and safe.
            #expect(card.text(.record(of: "vitrine.toml")) == noted)
            #expect(card.plan().faults.isEmpty)
            #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk="))
        }
    }

    /// A key that somebody took away lets nobody in, even where its file cannot be read.
    @Test func keysThatCannotBeReadAreSaidAndTakenAway() throws {
        let card = try CardFixture()
        card.write(.authorizedKeys, bytes: [UInt8](repeating: 0x20, count: (1 << 18) + 1))
        let plan = card.plan()
        #expect(plan.faults.contains { $0.description.contains("/data/system/authorized_keys") })
        #expect(plan.lasting.contains(.remove(.authorizedKeys)))
        card.start()
        #expect(card.bytes(.authorizedKeys) == nil)
        #expect(card.plan().faults.isEmpty)
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
}

extension CardFixture {
    convenience init(with inbox: String) throws {
        try self.init()
        write(.inbox, inbox)
    }
}
