import DeviceSettings

/// `custom.toml`, as Raspberry Pi OS takes it (RPi-Distro/raspberrypi-sys-mods, usr/lib/raspberrypi-sys-mods/init_config).
enum CustomTOML {
    static let name = "custom.toml"

    static func read(_ bytes: [UInt8], zones: () -> [String]) -> CardSource {
        let wanted: Set<String> = [
            "system.hostname", "wlan.ssid", "wlan.password", "wlan.country", "wlan.hidden", "locale.timezone",
            "ssh.authorized_keys",
        ]
        let deviceName = SettingKey(
            name: "device.name", title: "", shape: .text(maximumLength: 63), standard: .text("vitrine"),
            effect: .afterRestart, onPage: false, summary: "")
        let keys = CardKeys.taken(daemon: [deviceName]).filter { wanted.contains($0.name) }
        var source = Inbox(
            name: name, keys: keys,
            ignored: [
                // There are no users and no keyboard here. Whether the password is a key or a phrase shows in its length.
                "config_version", "user.name", "user.password", "user.password_encrypted", "locale.keymap",
                "wlan.password_encrypted", "ssh.enabled", "ssh.password_authentication",
            ], saysOtherNames: false
        ).read(bytes, zones: zones)
        for index in source.faults.indices where source.faults[index].key == "ssh.ssh_import_id" {
            source.faults[index].expected = "keys are not fetched from elsewhere; write them as authorized_keys"
        }
        return source
    }
}
