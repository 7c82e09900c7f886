import MediaIndex

/// Tells at once what is certainly no photo, animation or video, from its first bytes. What it lets pass, the decoder
/// judges.
enum ContentSniffer {
    static let byteCount = 4096

    /// Signatures at the start of a file, and what they mean in words.
    private static let signatures: [([UInt8], String)] = [
        ([0x25, 0x50, 0x44, 0x46, 0x2d], "a PDF document"),
        ([0x50, 0x4b, 0x03, 0x04], "a ZIP archive or an office document"),
        ([0x50, 0x4b, 0x05, 0x06], "a ZIP archive"),
        ([0x1f, 0x8b], "a gzip archive"),
        ([0x42, 0x5a, 0x68], "a bzip2 archive"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "an xz archive"),
        ([0x28, 0xb5, 0x2f, 0xfd], "a zstd archive"),
        ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "a 7-Zip archive"),
        ([0x52, 0x61, 0x72, 0x21, 0x1a, 0x07], "a RAR archive"),
        ([0x7f, 0x45, 0x4c, 0x46], "a program"),
        ([0x4d, 0x5a], "a Windows program"),
        ([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "an office document"),
        ([UInt8]("SQLite format 3\0".utf8), "a database"),
        ([UInt8]("fLaC".utf8), "sound without pictures"),
    ]

    /// - Parameter start: the first 4096 bytes, or all of a shorter file.
    /// - Returns: nil unless it is certainly no medium.
    static func refusal(of start: some Collection<UInt8>) -> MediaFault? {
        guard let what = what(Array(start.prefix(byteCount))) else { return nil }
        return MediaFault(
            .notMedia, .validation, reason: "it is \(what), no photo, animation or video",
            suggestion: what.contains("drawing")
                ? "Export it as PNG and upload that" : "Upload a photo, a GIF or a video instead")
    }

    private static func what(_ start: [UInt8]) -> String? {
        if start.isEmpty { return "empty" }
        if let match = signatures.first(where: { start.starts(with: $0.0) }) { return match.1 }
        guard isText(start) else { return nil }
        let text = String(decoding: start, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") { return "a web page" }
        if text.hasPrefix("<svg") || (text.hasPrefix("<?xml") && text.contains("<svg")) { return "an SVG drawing" }
        return "text"
    }

    /// UTF-8 without control characters other than those of text. No format that plays begins with 4 KB of it.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        let controls: Set<UInt8> = [0x09, 0x0a, 0x0c, 0x0d, 0x1b]
        guard bytes.allSatisfy({ ($0 >= 0x20 && $0 != 0x7f) || controls.contains($0) }) else { return false }
        // The last character may be cut in two.
        return (0...min(3, bytes.count - 1)).contains { cut in
            let kept = bytes.dropLast(cut)
            return String(validating: kept, as: UTF8.self) != nil
        }
    }
}
