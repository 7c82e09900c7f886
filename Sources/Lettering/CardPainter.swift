public import Frames

/// Paints cards. It keeps no memory between two of them.
public struct CardPainter: Sendable {
    private let typesetter: Typesetter

    public init(_ typesetter: Typesetter = Typesetter()) { self.typesetter = typesetter }

    /// A card as a picture of the screen's size, xrgb8888.
    ///
    /// - Parameter below: so many rows at its bottom stay empty, for something that lies over them.
    public func paint(_ card: Card, size: PixelSize, below: Int = 0) throws(LetteringError) -> Frame {
        defer { typesetter.freeResources() }
        let room = PixelSize(width: size.width, height: max(1, size.height - below))
        let layout = try CardArranger(size: room, typesetter: typesetter).layout(card)
        return try makeFrame(FrameLayout(packed: .xrgb8888, size: size), name: "card") {
            (canvas) throws(LetteringError) in
            try paint(layout, on: canvas)
        }
    }

    /// Where everything goes, for those who want to know before painting.
    public func layout(_ card: Card, size: PixelSize) throws(LetteringError) -> CardLayout {
        defer { typesetter.freeResources() }
        return try CardArranger(size: size, typesetter: typesetter).layout(card)
    }

    private func paint(_ layout: CardLayout, on canvas: Canvas) throws(LetteringError) {
        canvas.fill(canvas.bounds, CardPalette.background)
        for shape in layout.shapes { canvas.fill(shape.box, radius: shape.radius, shape.colour) }
        if let code = layout.code {
            // The corners are cut from the quiet zone, which stays three modules wide there.
            canvas.fill(code.box, radius: code.moduleSize * 2, .white)
            code.code.drawModules(x: code.box.x, y: code.box.y, moduleSize: code.moduleSize, .black, on: canvas)
        }
        for text in layout.texts {
            try typesetter.draw(
                text.block, x: text.box.x, y: text.box.y, width: text.box.width, alignment: text.alignment,
                colour: text.colour, on: canvas)
        }
    }
}
