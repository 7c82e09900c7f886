import Frames
import Lettering

/// Paints status lines for a small glass.
struct StatusPainter: Sendable {
    /// Dots from row to row: the line height of the font's size of 12.
    static let rowHeight = 15
    static let size = 12
    /// For what has to be read whole.
    static let smallest = 9
    /// Room left for `OLEDCare.Shift`.
    static let margin = PixelSize(width: 4, height: 2)

    private let typesetter = Typesetter()

    /// - Parameter shift: how far everything is moved right and down.
    func paint(
        _ lines: StatusLines, width: Int, height: Int, shift: OLEDCare.Shift = .none
    ) throws(LetteringError) -> OneBitPicture {
        // The font's objects take more memory than the picture, and are needed for a moment every minute.
        defer { typesetter.freeResources() }
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: width, height: height))
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.byteCount, alignment: 4)
        defer { pixels.deallocate() }
        let canvas = Canvas(pixels, layout: layout)
        canvas.clear()
        let rows = (height - Self.margin.height) / Self.rowHeight
        let room = width - Self.margin.width
        var row = 0
        for line in lines.lines(rows: rows) {
            let block = try typesetter.set(
                line.text, sizes: line.shrinks ? Self.smallest...Self.size : Self.size...Self.size, width: room,
                maximumLines: line.rows, edges: .sharp)
            // A smaller text stands on the same line.
            let lowered = block.lineTexts.count == 1 ? max(0, (Self.rowHeight - block.lineHeight + 1) / 2) : 0
            try typesetter.draw(
                block, x: shift.right, y: shift.down + row * Self.rowHeight + lowered, colour: .white,
                on: canvas)
            row += line.rows
        }
        var picture = OneBitPicture(width: width, height: height)
        for y in 0..<height {
            for x in 0..<width {
                picture[x, y] = pixels.load(fromByteOffset: y * layout.stride + 4 * x, as: UInt32.self) & 0xFF >= 0x80
            }
        }
        return picture
    }
}
