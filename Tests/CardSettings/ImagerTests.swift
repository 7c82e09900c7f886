import DeviceSettings
import Testing

@testable import CardSettings

/// 64 digits, as Imager makes them of password and name.
private let key = "5f1a3c0e9b7d2468ace013579bdf02468ace1357f9b8d7c6e5a4b3c2d1e0f987"
private let publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHwvYX4TZ4vVZsSxuxAtPdfrZHIXDYSP0JKW3zJxl0yC me@laptop"

/// The forms are written after raspberrypi/rpi-imager, src/customization_generator.cpp; names and keys are invented.
private let userData = """
    #cloud-config
    hostname: porch
    manage_etc_hosts: true
    packages:
    - avahi-daemon
    apt:
      conf: |
        Acquire {
          Check-Date "false";
        };
    timezone: Europe/Berlin
    keyboard:
      model: pc105
      layout: "de"
    enable_ssh: true
    users:
    - name: anna
      groups: users,adm,dialout,audio,netdev,video,plugdev,cdrom,games,input,gpio,spi,i2c,render,sudo
      shell: /bin/bash
      lock_passwd: false
      passwd: $5$abc$def
      ssh_authorized_keys:
        - \(publicKey)
      sudo: ALL=(ALL) NOPASSWD:ALL

    """

private let networkConfig = """
    network:
      version: 2
      wifis:
        wlan0:
          dhcp4: true
          regulatory-domain: "DE"
          access-points:
            "Bob's \\"fast\\": net":
              hidden: true
              password: "\(key)"
          optional: true

    """

private let firstRun = """
    #!/bin/sh

    set +e

    CURRENT_HOSTNAME=$(cat /etc/hostname | tr -d " \\t\\n\\r")
    if [ -f /usr/lib/raspberrypi-sys-mods/imager_custom ]; then
       /usr/lib/raspberrypi-sys-mods/imager_custom set_hostname porch
    else
       echo porch >/etc/hostname
       sed -i "s/127.0.1.1.*$CURRENT_HOSTNAME/127.0.1.1\\tporch/g" /etc/hosts
    fi
    FIRSTUSER=$(getent passwd 1000 | cut -d: -f1)
    if [ -f /usr/lib/raspberrypi-sys-mods/imager_custom ]; then
       /usr/lib/raspberrypi-sys-mods/imager_custom enable_ssh -k '\(publicKey)'
    else
       install -o "$FIRSTUSER" -m 700 -d "$FIRSTUSERHOME/.ssh"
    cat > "$FIRSTUSERHOME/.ssh/authorized_keys" <<'EOF'
    \(publicKey)
    EOF
       systemctl enable ssh
    fi
    if [ -f /usr/lib/raspberrypi-sys-mods/imager_custom ]; then
       /usr/lib/raspberrypi-sys-mods/imager_custom set_wlan  -h 'Bob'"'"'s "fast": net' '\(key)' 'DE'
    else
    cat >/etc/wpa_supplicant/wpa_supplicant.conf <<'WPAEOF'
    country=DE
    ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev
    ap_scan=1

    update_config=1
    network={
    \tscan_ssid=1
    \tssid="Bob's \\"fast\\": net"
    \tkey_mgmt=WPA-PSK SAE
    \tpsk=\(key)
    \tieee80211w=1
    }
    WPAEOF
       chmod 600 /etc/wpa_supplicant/wpa_supplicant.conf
       rfkill unblock wifi
    fi
    if [ -f /usr/lib/raspberrypi-sys-mods/imager_custom ]; then
       /usr/lib/raspberrypi-sys-mods/imager_custom set_keymap 'de'
       /usr/lib/raspberrypi-sys-mods/imager_custom set_timezone 'Europe/Berlin'
    else
       rm -f /etc/localtime
       echo "Europe/Berlin" >/etc/timezone
       dpkg-reconfigure -f noninteractive tzdata
    fi
    rm -f /boot/firstrun.sh
    sed -i 's| systemd.run.*||g' /boot/cmdline.txt
    exit 0

    """

/// After RPi-Distro/raspberrypi-sys-mods, usr/lib/raspberrypi-sys-mods/init_config.
private let customTOML = """
    config_version = 1

    [system]
    hostname = "porch"

    [user]
    name = "anna"
    password = "$5$abc$def"
    password_encrypted = true

    [ssh]
    enabled = true
    password_authentication = false
    authorized_keys = [ "\(publicKey)" ]

    [wlan]
    ssid = "Bob's \\"fast\\": net"
    password = "\(key)"
    password_encrypted = true
    hidden = true
    country = "de"

    [locale]
    keymap = "de"
    timezone = "Europe/Berlin"

    """

private let wanted: [String: SettingValue] = [
    "device.name": .text("porch"), "time.zone": .text("Europe/Berlin"), "ssh.key": .list([publicKey]),
    "wifi.ssid": .text("Bob's \"fast\": net"), "wifi.password": .text(key), "wifi.country": .text("DE"),
    "wifi.hidden": .boolean(true),
]

@Suite struct ImagerTests {
    private func read(_ name: String, _ text: String) -> CardSource {
        let keys = SettingKey.all(paths: StandardPaths(data: "/data", socket: "/run/x"))
        return CardSources.read(name, Array(text.utf8), keys: keys) { ["Europe/Berlin"] }
    }

    @Test(arguments: [("custom.toml", customTOML), ("firstrun.sh", firstRun)], ["\n", "\r\n"])
    func eachFormSaysTheSame(_ form: (String, String), _ lineEnd: String) {
        let source = read(form.0, form.1.replacing("\n", with: lineEnd))
        #expect(source.values == wanted)
        #expect(source.faults == [])
        #expect(!source.secrets.isEmpty)
    }

    @Test(arguments: ["\n", "\r\n"]) func cloudInitSaysItInTwoFiles(_ lineEnd: String) {
        let user = read("user-data", userData.replacing("\n", with: lineEnd))
        let network = read("network-config", networkConfig.replacing("\n", with: lineEnd))
        #expect(user.faults + network.faults == [])
        #expect(user.values.merging(network.values) { first, _ in first } == wanted)
    }

    /// Blanked everywhere in the file, and known as blanked by the next start.
    @Test(arguments: [("custom.toml", customTOML), ("firstrun.sh", firstRun), ("network-config", networkConfig)])
    func theKeyIsBlanked(_ name: String, _ text: String) {
        let source = read(name, text)
        let after = String(decoding: source.blankedBytes, as: UTF8.self)
        #expect(!after.contains(key))
        #expect(after == text.replacing(key, with: String(repeating: "*", count: 64)))
        let again = read(name, after)
        #expect(again.isBlanked)
        #expect(again.secrets == [])
        #expect(again.faults == [])
    }

    @Test func theScriptOfAnOlderImagerIsEnough() {
        let old = firstRun.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("imager_custom") }.joined(separator: "\n")
        #expect(read("firstrun.sh", old).values == wanted)
    }

    @Test func whatCannotBeIsSaid() {
        let passwords = read("user-data", "#cloud-config\nenable_ssh: true\nssh_pwauth: true\n")
        #expect(passwords.faults.map(\.key) == ["ssh_pwauth"])
        let connect = read(
            "user-data",
            "runcmd:\n  - [ sh, -c, \"install -m 700 -d /home/pi/.config/com.raspberrypi.connect\" ]\n"
                + "  - [ sh, -c, \"systemctl --user start rpi-connect.service || true\" ]\n")
        #expect(connect.faults.map(\.key) == ["runcmd"])
        let script = read("firstrun.sh", "   /usr/lib/raspberrypi-sys-mods/imager_custom enable_ssh\n")
        #expect(script.faults.map(\.key) == ["enable_ssh"])
        let zone = read("user-data", "timezone: Europe/Belin\n")
        #expect(
            zone.faults.map(\.description) == [
                "user-data: time.zone = \"Europe/Belin\": there is no such time zone; did you mean Europe/Berlin?"
            ])
    }

    @Test func anEmptyFormSaysNothing() {
        for name in CardSources.names {
            let source = read(name, "")
            #expect(source.values.isEmpty)
            #expect(source.faults == [])
        }
    }

    @Test func openNetworksNeedNoPassword() {
        let source = read(
            "network-config",
            "network:\n  version: 2\n  wifis:\n    wlan0:\n      access-points:\n        \"Café\":\n          password: \"\"\n"
        )
        #expect(source.values["wifi.ssid"] == .text("Café"))
        #expect(source.values["wifi.password"] == .text(""))
    }

    /// Bytes that are no form must not end the start.
    @Test func anythingIsSurvived() {
        var generator = SplitMix(state: 7)
        for name in CardSources.names {
            for text in [userData, networkConfig, firstRun, customTOML] {
                for _ in 0..<12 {
                    var bytes = Array(text.utf8)
                    for _ in 0..<6 {
                        bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
                    }
                    bytes.removeLast(Int(generator.next() % UInt64(bytes.count)))
                    let source = CardSources.read(name, bytes, keys: []) { ["Europe/Berlin"] }
                    for range in source.secrets { #expect(range.upperBound <= bytes.count) }
                    #expect(source.blankedBytes.count == bytes.count)
                }
            }
        }
    }

    @Test func aCardFromImagerStarts() throws {
        let card = try CardFixture()
        card.write(.firmware("user-data"), userData)
        card.write(.firmware("network-config"), networkConfig)
        let count = card.plan().lasting.count
        for cut in 0...count {
            let card = try CardFixture()
            card.write(.firmware("user-data"), userData)
            card.write(.firmware("network-config"), networkConfig)
            card.start(cutAfter: cut)
            card.start()
            #expect(try card.copies(of: key) == 1, "cut after \(cut)")
            #expect(card.text(.run("hostname")) == "porch\n")
            #expect(card.text(.run("wpa_supplicant-wlan0.conf")).contains("psk=\(key)\n"))
            #expect(card.text(.authorizedKeys) == publicKey + "\n")
            #expect(card.text(.faults) == "")
            #expect(card.plan().lasting == [])
        }
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
