public import Frames

/// Text that has been set: where every glyph goes. Drawn by `Typesetter.draw`.
public struct TextBlock: Sendable {
    struct PlacedGlyph: Sendable {
        var id: UInt32
        /// From the line's left end and its baseline, in pixels; y grows downwards.
        var x: Double
        var y: Double
    }

    struct Line: Sendable {
        var glyphs: [PlacedGlyph]
        var width: Double
        /// What stands on it, in the order of the text.
        var text: String
    }

    let lines: [Line]
    /// Pixels of the em square.
    public let fontSize: Int
    /// Pixels from line to line.
    public let lineHeight: Int
    /// Pixels from a line's top to its baseline.
    public let ascent: Int
    public let edges: TextEdges
    /// The paragraph runs from right to left.
    public let isRightToLeft: Bool
    /// There was more text than room; it ends with "…".
    public let isShortened: Bool

    /// The box that the text takes. Strokes may lean out of it sideways, by an eighth of the font's size at most.
    public var size: PixelSize {
        let widest = lines.map(\.width).max() ?? 0
        return PixelSize(width: Int(widest.rounded(.up)), height: lines.count * lineHeight)
    }

    /// The text of each line, in reading order.
    public var lineTexts: [String] { lines.map(\.text) }
}

/// Where lines stand in the width that they are given.
public enum TextAlignment: Sendable {
    case left
    case centre
    case right
}

/// How strokes end.
public enum TextEdges: Sendable {
    /// Shades between the stroke and what is below, for screens.
    case smooth
    /// Each pixel wholly or not at all, for glass that knows no shades.
    case sharp
}
