import DeviceSettings

/// `firstrun.sh`, which Raspberry Pi Imager writes for an image whose entry says `systemd` (raspberrypi/rpi-imager,
/// src/customization_generator.cpp, generateSystemdScript; Imager 1.7 wrote the same in src/OptionsPopup.qml). It is read, and
/// never run: the calls of `imager_custom` say everything, and older scripts what they write to files.
enum FirstRunScript {
    static let name = "firstrun.sh"

    static func read(_ bytes: [UInt8], zones: () -> [String]) -> CardSource {
        var wish = ImagerWish(name: name, bytes: bytes)
        var wantsPasswordLogin = false
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let words = ShellWords(bytes, start..<end).words
            start = end + 1
            if let call = words.firstIndex(where: { $0.text.hasSuffix("/imager_custom") }), call + 1 < words.count {
                take(words[call + 1].text, Array(words[(call + 2)...]), &wish, &wantsPasswordLogin)
            } else {
                takeFallback(words, bytes, &wish)
            }
        }
        if wantsPasswordLogin, wish.keys.isEmpty {
            wish.impossible.append(("enable_ssh", ImagerWish.passwordLogin))
        }
        if String(decoding: bytes, as: UTF8.self).contains("rpi-connect") {
            wish.impossible.append(("rpi-connect", "Raspberry Pi Connect is not part of this system"))
        }
        return wish.source(zones: zones)
    }

    private static func take(
        _ command: String, _ arguments: [ShellWords.Word], _ wish: inout ImagerWish, _ wantsPasswordLogin: inout Bool
    ) {
        let options = arguments.prefix { $0.text.hasPrefix("-") }.map(\.text)
        let values = arguments.dropFirst(options.count)
        switch command {
        case "set_hostname": wish.hostName = values.first?.text
        case "set_timezone": wish.timeZone = values.first?.text
        case "set_wlan_country": wish.country = values.first?.text
        case "enable_ssh":
            wish.keys = values.map(\.text)
            wantsPasswordLogin = !options.contains("-k") && !options.contains("-d")
        case "set_wlan":
            let words = Array(values)
            wish.isHidden = options.contains("-h")
            wish.ssid = words.first?.text
            if words.count > 1 {
                wish.password = words[1].text
                if !words[1].inner.isEmpty { wish.secrets.append(words[1].inner) }
            }
            if words.count > 2 { wish.country = words[2].text }
        default: break
        }
    }

    /// The other branch of each question whether `imager_custom` is there, which older scripts have alone.
    private static func takeFallback(_ words: [ShellWords.Word], _ bytes: [UInt8], _ wish: inout ImagerWish) {
        guard let first = words.first else { return }
        func value(_ key: String) -> Range<Int>? {
            guard first.text.hasPrefix(key + "=") else { return nil }
            let start = first.whole.lowerBound + key.utf8.count + 1
            var range = start..<(words.last?.whole.upperBound ?? start)
            // wpa_supplicant's quotation marks reach from the first to the last.
            if range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "\""),
                bytes[range.upperBound - 1] == UInt8(ascii: "\"")
            {
                range = (range.lowerBound + 1)..<(range.upperBound - 1)
            }
            return range
        }
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        if let range = value("psk"), !range.isEmpty {
            if wish.password == nil { wish.password = text(range) }
            wish.secrets.append(range)
        } else if let range = value("ssid") {
            if wish.ssid == nil { wish.ssid = text(range).replacing("\\\"", with: "\"").replacing("\\\\", with: "\\") }
        } else if let range = value("country") {
            if wish.country == nil { wish.country = text(range) }
        } else if first.text == "scan_ssid=1" {
            wish.isHidden = true
        } else if first.text == "echo", words.count == 3 {
            if words[2].text == ">/etc/hostname", wish.hostName == nil { wish.hostName = words[1].text }
            if words[2].text == ">/etc/timezone", wish.timeZone == nil { wish.timeZone = words[1].text }
        } else if SystemChecks.isPublicKey(words.map(\.text).joined(separator: " ")) {
            let key = words.map(\.text).joined(separator: " ")
            if !wish.keys.contains(key) { wish.keys.append(key) }
        }
    }
}

/// One line of a shell script, in words; quotation marks as the shell has them (POSIX, Shell Command Language, 2.2).
struct ShellWords {
    struct Word: Equatable {
        var text: String
        /// With its quotation marks.
        var whole: Range<Int>
        /// Between the outer ones, if it has them.
        var inner: Range<Int>
    }

    private(set) var words: [Word] = []

    init(_ bytes: [UInt8], _ line: Range<Int>) {
        let (quote, apostrophe) = (UInt8(ascii: "\""), UInt8(ascii: "'"))
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var index = line.lowerBound
        while index < line.upperBound {
            if isSpace(bytes[index]) {
                index += 1
                continue
            }
            let start = index
            var text: [UInt8] = []
            var open: UInt8?
            while index < line.upperBound, open != nil || !isSpace(bytes[index]) {
                let byte = bytes[index]
                if byte == open {
                    open = nil
                } else if open == nil, byte == quote || byte == apostrophe {
                    open = byte
                } else {
                    text.append(byte)
                }
                index += 1
            }
            let isQuoted = index - start >= 2 && bytes[start] == apostrophe && bytes[index - 1] == apostrophe
            words.append(
                Word(
                    text: String(decoding: text, as: UTF8.self), whole: start..<index,
                    inner: isQuoted ? (start + 1)..<(index - 1) : start..<index))
        }
    }
}
