/// What users call their files: arbitrary text, and never part of a path.
public enum MediumName {
    /// Bytes of UTF-8, as in file systems.
    public static let maximumByteCount = 255

    /// The name as it is kept: what is no UTF-8 becomes U+FFFD, as does NUL, which ends text in C.
    ///
    /// - Throws: `.invalid` when it is longer than 255 bytes.
    public static func clean(_ bytes: some Collection<UInt8>) throws(MediaFault) -> String {
        var text = String(decoding: bytes, as: UTF8.self)
        if text.unicodeScalars.contains("\0") {
            var scalars = String.UnicodeScalarView()
            for scalar in text.unicodeScalars { scalars.append(scalar == "\0" ? "\u{FFFD}" : scalar) }
            text = String(scalars)
        }
        guard text.utf8.count <= maximumByteCount else {
            throw MediaFault(
                .invalid, .validation,
                reason: "the name has \(text.utf8.count) bytes, and at most \(maximumByteCount) are kept",
                suggestion: "Give the file a shorter name and upload it again")
        }
        return text.isEmpty ? "untitled" : text
    }

    public static func clean(_ text: String) throws(MediaFault) -> String { try clean(text.utf8) }

    /// The extension in a name, lowercase: at most 8 ASCII letters and digits, or nil.
    public static func suffix(of name: String) -> String? {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return nil }
        let suffix = name[name.utf8.index(after: dot)...].lowercased()
        return isSuffix(suffix) ? suffix : nil
    }

    /// Whether this may stand behind `original.`.
    package static func isSuffix(_ text: String) -> Bool {
        (1...8).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
    }
}
