/// Text from anywhere (a file name above all) made fit to be shown on one line: nothing in it can move, hide or turn
/// what stands around it.
enum HarmlessText {
    /// What is longer costs time and shows nothing more.
    static let limit = 2000

    static func scalars(of text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.prefix(limit).compactMap { scalar in
            switch scalar.value {
            case 0x09: return " "
            // Line ends of all kinds.
            case 0x0A...0x0D, 0x85, 0x2028, 0x2029: return "↵"
            // Other control characters.
            case 0x00...0x1F, 0x7F...0x9F: return "\u{FFFD}"
            // Marks, embeddings, overrides and isolates of direction: their effect would reach beyond the text.
            case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: return nil
            // Byte order marks, interlinear annotation and invisible tags.
            case 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: return nil
            default: return scalar
            }
        }
    }
}
