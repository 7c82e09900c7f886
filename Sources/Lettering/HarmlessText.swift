/// Text from anywhere (a file name above all) made fit to be shown on one line: nothing in it can move, hide or turn
/// what stands around it.
enum HarmlessText {
    /// What is longer costs time and shows nothing more.
    static let limit = 2000

    static func scalars(of text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.prefix(limit).compactMap { scalar in
            switch scalar.value {
            case 0x09: return " "
            // Control pictures: ␀ … ␟, ␡.
            case 0x00...0x1F: return Unicode.Scalar(0x2400 + scalar.value)
            case 0x7F: return "\u{2421}"
            case 0x80...0x9F: return "\u{FFFD}"
            // Line and paragraph separators, as ␤.
            case 0x2028, 0x2029: return "\u{2424}"
            // Marks, embeddings, overrides and isolates of direction: their effect would reach beyond the text.
            case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: return nil
            // Byte order marks, interlinear annotation and invisible tags.
            case 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: return nil
            default: return scalar
            }
        }
    }
}
