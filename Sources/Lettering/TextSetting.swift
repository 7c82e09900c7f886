/// Sets one paragraph: cut into runs, shaped, broken into lines, each line shaped again and put in visual order.
struct TextSetting {
    private let engine: FontEngine
    private let scalars: [Unicode.Scalar]
    private let base: UInt8
    private let breaking: LineBreaking

    init(_ text: String, engine: FontEngine) {
        self.engine = engine
        scalars = HarmlessText.scalars(of: text)
        let runs = TextRuns(scalars)
        base = runs.base
        var advances = [Double?](repeating: nil, count: scalars.count)
        let codes = scalars.map(\.value)
        for run in runs.runs {
            for glyph in engine.shape(codes, range: run.range, script: run.script, rightToLeft: run.level % 2 == 1) {
                advances[glyph.cluster] = (advances[glyph.cluster] ?? 0) + glyph.advance
            }
        }
        breaking = LineBreaking(scalars, advances: advances)
    }

    func block(size: Int, width: Int, maximumLines: Int, isBalanced: Bool, edges: TextEdges) -> TextBlock {
        var isShortened = false
        let ranges = breaking.lines(
            width: isBalanced ? balancedWidth(width, maximumLines) : Double(width), maximum: max(1, maximumLines))
        let lines = ranges.enumerated().map { (index, range) in
            let line = line(Array(scalars[range]))
            // Only the last may be too long, or one whose ends look different now that it stands alone.
            guard line.width > Double(width) else { return line }
            isShortened = true
            return shortened(range, width: Double(width))
        }
        return TextBlock(
            lines: lines, fontSize: size, lineHeight: engine.lineHeight, ascent: engine.ascent, edges: edges,
            isRightToLeft: base == 1, isShortened: isShortened)
    }

    /// The smallest width in which the text takes no more lines, so that none of them is left with a single word.
    private func balancedWidth(_ width: Int, _ maximumLines: Int) -> Double {
        func count(_ width: Int) -> Int {
            // One line more than allowed tells whether there is too much.
            breaking.lines(width: Double(width), maximum: maximumLines + 1).count
        }
        let wanted = count(width)
        guard (2...max(2, maximumLines)).contains(wanted) else { return Double(width) }
        var (low, high) = (width / 2, width)
        while high - low > 1 {
            let middle = (low + high) / 2
            if count(middle) > wanted { low = middle } else { high = middle }
        }
        return Double(high)
    }

    /// As much of a range as has room before an ellipsis.
    private func shortened(_ range: Range<Int>, width: Double) -> TextBlock.Line {
        var end = range.upperBound
        // The widths in the whole text are near enough to begin with.
        while end > range.lowerBound, breaking.width(range.lowerBound..<end) > width {
            end = breaking.clusterBoundary(before: end, from: range.lowerBound)
        }
        while true {
            var text = Array(scalars[range.lowerBound..<end])
            while text.last == " " { text.removeLast() }
            let line = line(text + ["…"])
            if line.width <= width { return line }
            guard end > range.lowerBound else { return TextBlock.Line(glyphs: [], width: 0, text: "") }
            end = breaking.clusterBoundary(before: end, from: range.lowerBound)
        }
    }

    private func line(_ scalars: [Unicode.Scalar]) -> TextBlock.Line {
        let codes = scalars.map(\.value)
        var glyphs: [TextBlock.PlacedGlyph] = []
        var pen = 0.0
        for run in TextRuns(scalars, base: base).visual {
            for glyph in engine.shape(codes, range: run.range, script: run.script, rightToLeft: run.level % 2 == 1) {
                glyphs.append(.init(id: glyph.id, x: pen + glyph.offsetX, y: -glyph.offsetY))
                pen += glyph.advance
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return TextBlock.Line(glyphs: glyphs, width: pen, text: String(text))
    }
}
