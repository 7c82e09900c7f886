/// Text from the card's FAT partition, as any editor on any computer left it.
enum CardText {
    /// Without a byte-order mark, with plain line feeds: Notepad writes both, and TOML knows neither a mark
    /// (toml.io, v1.0.0, "Spec") nor a lone carriage return. Nil where the bytes are no UTF-8.
    static func lines(of bytes: [UInt8]) -> String? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else { return nil }
        return text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    }
}
