import DeviceSettings

/// `user-data` for cloud-init, as Raspberry Pi Imager 2 writes it for an image whose entry says `cloudinit`
/// (raspberrypi/rpi-imager, src/customization_generator.cpp, generateCloudInitUserData).
enum CloudUserData {
    static let name = "user-data"

    static func read(_ bytes: [UInt8], zones: () -> [String]) -> CardSource {
        let lines = YAMLLines(bytes)
        var wish = ImagerWish(name: name, bytes: bytes)
        wish.hostName = lines["hostname"]?.value
        wish.timeZone = lines["timezone"]?.value
        wish.keys = lines.entries.filter { $0.path.contains("ssh_authorized_keys") && $0.path.last == "-" }.map(\.value)
        let wantsSSH = ["enable_ssh", "ssh_pwauth"].contains { lines[$0]?.value == "true" }
        if wantsSSH, wish.keys.isEmpty { wish.impossible.append(("ssh_pwauth", ImagerWish.passwordLogin)) }
        if String(decoding: bytes, as: UTF8.self).contains("rpi-connect") {
            wish.impossible.append(("runcmd", "Raspberry Pi Connect is not part of this system"))
        }
        if lines["rpi", "enable_usb_gadget"]?.value == "true" {
            wish.impossible.append(("rpi.enable_usb_gadget", "there is no network over USB here"))
        }
        return wish.source(zones: zones)
    }
}

/// `network-config`: netplan's form, with the key that WPA2 makes of the password (the same file,
/// generateCloudInitNetworkConfig).
enum CloudNetworkConfig {
    static let name = "network-config"

    static func read(_ bytes: [UInt8], zones: () -> [String]) -> CardSource {
        let lines = YAMLLines(bytes)
        var wish = ImagerWish(name: name, bytes: bytes)
        for entry in lines.entries {
            // With or without "network" outside, as netplan's own files are.
            let path = entry.path.first == "network" ? Array(entry.path.dropFirst()) : entry.path
            guard path.first == "wifis" else { continue }
            if path.count == 3, path[2] == "regulatory-domain" { wish.country = entry.value }
            guard path.count >= 5, path[2] == "access-points" else { continue }
            if wish.ssid == nil { wish.ssid = path[3] }
            guard path[3] == wish.ssid else { continue }
            switch Array(path[4...]) {
            case ["password"], ["auth", "password"]:
                wish.password = entry.value
                if !entry.range.isEmpty { wish.secrets = [entry.range] }
            case ["hidden"]: wish.isHidden = entry.value == "true"
            default: break
            }
        }
        return wish.source(zones: zones)
    }
}
