public import Frames

/// A few messages in a box, to be laid over a picture.
public struct Banner: Sendable, Equatable {
    /// One of the messages.
    public struct Entry: Sendable, Equatable {
        public var title: String
        /// What to do about it, or more of it.
        public var detail: String?
        /// How far it has come, from 0 to 1: a bar below it.
        public var progress: Double?
        /// Marked in the colour of faults.
        public var isFault: Bool

        public init(title: String, detail: String? = nil, progress: Double? = nil, isFault: Bool) {
            self.title = title
            self.detail = detail
            self.progress = progress
            self.isFault = isFault
        }
    }

    /// From above to below.
    public var entries: [Entry]

    public init(_ entries: [Entry]) { self.entries = entries }
}

/// Paints banners. It keeps no memory between two of them.
public struct BannerPainter: Sendable {
    private struct Row {
        var title: TextBlock
        var detail: TextBlock?
        var progress: Double?
        var isFault: Bool
    }

    /// The measures of a banner on one screen, in pixels.
    private struct Measures {
        let width: Int
        let titleSize: Int
        let detailSize: Int
        let padding: Int
        let mark: Int
        let bar: Int
        let tallest: Int

        init(_ screen: PixelSize) {
            let shorter = min(screen.width, screen.height)
            let isSmall = shorter < 400
            width = max(1, isSmall ? screen.width - 2 * (shorter / 40) : min(screen.width * 9 / 10, shorter * 11 / 10))
            titleSize = shorter < 200 ? 11 : max(13, shorter / 30)
            detailSize = shorter < 200 ? 9 : max(11, shorter / 38)
            padding = max(4, titleSize * 2 / 3)
            mark = max(2, titleSize / 5)
            bar = max(3, titleSize / 4)
            tallest = screen.height / 2
        }

        var textLeft: Int { padding + mark + padding * 2 / 3 }
        var textWidth: Int { max(1, width - textLeft - padding) }
        var gap: Int { padding * 2 / 3 }
    }

    private let typesetter: Typesetter

    public init(_ typesetter: Typesetter = Typesetter()) { self.typesetter = typesetter }

    /// A banner as a picture of its own, argb8888 with round corners: half of the screen high at most. What finds no room
    /// goes: first what is said in detail, from below, then whole messages, but never the first.
    public func paint(_ banner: Banner, screen: PixelSize) throws(LetteringError) -> Frame {
        defer { typesetter.freeResources() }
        let measures = Measures(screen)
        var rows: [Row] = []
        for entry in banner.entries { rows.append(try row(entry, measures)) }
        while Self.height(rows, measures) > measures.tallest {
            if let last = rows.lastIndex(where: { $0.detail != nil }) {
                rows[last].detail = nil
            } else if rows.count > 1 {
                rows.removeLast()
            } else {
                break
            }
        }
        if Self.height(rows, measures) > measures.tallest, let first = banner.entries.first {
            rows[0].title = try title(first, measures, lines: 1)
        }
        let size = PixelSize(width: measures.width, height: max(1, Self.height(rows, measures)))
        return try makeFrame(FrameLayout(packed: .argb8888, size: size), name: "banner") {
            (canvas) throws(LetteringError) in
            canvas.clear()
            canvas.fill(canvas.bounds, radius: measures.padding, CardPalette.background)
            var y = measures.padding
            for row in rows {
                try paint(row, y: y, measures, on: canvas)
                y += Self.height(row, measures) + measures.gap
            }
        }
    }

    private func row(_ entry: Banner.Entry, _ measures: Measures) throws(LetteringError) -> Row {
        let title = try title(entry, measures, lines: 2)
        var detail: TextBlock?
        if let text = entry.detail {
            detail = try typesetter.set(text, size: measures.detailSize, width: measures.textWidth, maximumLines: 3)
        }
        return Row(title: title, detail: detail, progress: entry.progress, isFault: entry.isFault)
    }

    private func title(
        _ entry: Banner.Entry, _ measures: Measures, lines: Int
    ) throws(LetteringError) -> TextBlock {
        try typesetter.set(entry.title, size: measures.titleSize, width: measures.textWidth, maximumLines: lines)
    }

    private func paint(_ row: Row, y: Int, _ measures: Measures, on canvas: Canvas) throws(LetteringError) {
        let tone = row.isFault ? CardPalette.fault : CardPalette.address
        canvas.fill(
            PixelRectangle(x: measures.padding, y: y, width: measures.mark, height: Self.height(row, measures)),
            radius: measures.mark / 2, tone)
        var y = y
        try typesetter.draw(row.title, x: measures.textLeft, y: y, colour: CardPalette.heading, on: canvas)
        y += row.title.size.height
        if let detail = row.detail {
            try typesetter.draw(detail, x: measures.textLeft, y: y, colour: CardPalette.text, on: canvas)
            y += detail.size.height
        }
        guard let progress = row.progress else { return }
        let groove = PixelRectangle(
            x: measures.textLeft, y: y + measures.bar, width: measures.textWidth, height: measures.bar)
        canvas.fill(groove, radius: measures.bar / 2, CardPalette.groove)
        var filled = groove
        filled.width = min(groove.width, Int((Double(groove.width) * progress).rounded()))
        canvas.fill(filled, radius: measures.bar / 2, tone)
    }

    private static func height(_ row: Row, _ measures: Measures) -> Int {
        row.title.size.height + (row.detail?.size.height ?? 0) + (row.progress == nil ? 0 : 2 * measures.bar)
    }

    private static func height(_ rows: [Row], _ measures: Measures) -> Int {
        rows.map { height($0, measures) }.reduce(0, +) + max(0, rows.count - 1) * measures.gap + 2 * measures.padding
    }
}
