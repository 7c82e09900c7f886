public import Frames

/// Where everything on a card goes. A value: painting it is `CardPainter`'s.
public struct CardLayout: Sendable {
    /// One paragraph.
    public struct Text: Sendable {
        public var block: TextBlock
        /// The lines are aligned in its width.
        public var box: PixelRectangle
        public var alignment: TextAlignment
        public var colour: Colour
    }

    /// A QR code on its light square.
    public struct Code: Sendable {
        public var code: QRCode
        /// The square with its quiet zone.
        public var box: PixelRectangle
        public var moduleSize: Int
    }

    /// A coloured shape.
    public struct Shape: Sendable {
        public var box: PixelRectangle
        public var radius: Int
        public var colour: Colour
    }

    public var size: PixelSize
    /// Painted first.
    public var shapes: [Shape] = []
    public var code: Code?
    public var texts: [Text] = []

    init(size: PixelSize) { self.size = size }

    /// Adds a stack of paragraphs with its top left corner here.
    mutating func add(_ stack: CardStack, x: Int, y: Int, width: Int, alignment: TextAlignment) {
        for placed in stack.placed {
            let box = PixelRectangle(x: x, y: y + placed.y, width: width, height: placed.block.size.height)
            texts.append(Text(block: placed.block, box: box, alignment: alignment, colour: placed.colour))
        }
    }

    /// Adds a code whose quiet zone begins here; `side` is a multiple of its modules.
    mutating func add(_ code: QRCode, x: Int, y: Int, side: Int) {
        self.code = Code(
            code: code, box: PixelRectangle(x: x, y: y, width: side, height: side),
            moduleSize: side / code.sideWithQuietZone)
    }
}
