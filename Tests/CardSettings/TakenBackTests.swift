import Testing

@testable import CardSettings

private let publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHwvYX4TZ4vVZsSxuxAtPdfrZHIXDYSP0JKW3zJxl0yC"

/// A setting of the system's whose line goes from the card goes, too.
@Suite struct TakenBackTests {
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
}
