public import Frames

/// The parts of the test picture: what stands still, the bar that moves, and the digits of its counter.
///
/// What stands still shows, from the top: eight colour bars, a ramp from black to white (a panel of 16 bits shows its steps),
/// and marks that touch all four edges and corners, so that a picture that is cut off, scaled or turned is seen at once.
public struct TestPicturePainter: Sendable {
    private static let bars: [Colour] = [
        Colour(0xFF_FFFF), Colour(0xFF_FF00), Colour(0x00_FFFF), Colour(0x00_FF00), Colour(0xFF_00FF),
        Colour(0xFF_0000), Colour(0x00_00FF), Colour(0x00_0000),
    ]

    private let typesetter: Typesetter

    public init(_ typesetter: Typesetter = Typesetter()) { self.typesetter = typesetter }

    /// What stands still: xrgb8888 of exactly this size.
    public func background(_ size: PixelSize) throws(LetteringError) -> Frame {
        let text = try typesetter.set(
            "\(size.width)×\(size.height)", size: max(8, size.height / 14), width: size.width)
        return try makeFrame(FrameLayout(packed: .xrgb8888, size: size), name: "test-picture") {
            (canvas) throws(LetteringError) in
            canvas.clear()
            Self.paintBars(on: canvas, size)
            Self.paintRamp(on: canvas, size)
            Self.paintMarks(on: canvas, size)
            try typesetter.draw(
                text, x: (size.width - text.size.width) / 2, y: size.height * 17 / 20 - text.size.height / 2,
                colour: .white, on: canvas)
        }
    }

    /// The bar that moves: white, as high as the picture's middle part.
    public func bar(_ size: PixelSize) throws(LetteringError) -> Frame {
        try makeFrame(FrameLayout(packed: .xrgb8888, size: size), name: "test-bar") { canvas in
            canvas.fill(canvas.bounds, .white)
        }
    }

    /// 0 to 9, white on black and all of one size.
    public func digits(height: Int) throws(LetteringError) -> [Frame] {
        let blocks = try (0...9).map { (digit) throws(LetteringError) in
            try typesetter.set("\(digit)", size: max(8, height), width: 8 * max(8, height))
        }
        let size = PixelSize(
            width: blocks.map(\.size.width).max() ?? 1, height: blocks.map(\.size.height).max() ?? 1)
        return try blocks.map { (block) throws(LetteringError) in
            try makeFrame(FrameLayout(packed: .xrgb8888, size: size), name: "test-digit") {
                (canvas) throws(LetteringError) in
                canvas.clear()
                try typesetter.draw(
                    block, x: (size.width - block.size.width) / 2, y: 0, colour: .white, on: canvas)
            }
        }
    }

    private static func paintBars(on canvas: Canvas, _ size: PixelSize) {
        for (index, colour) in bars.enumerated() {
            let left = size.width * index / bars.count
            let right = size.width * (index + 1) / bars.count
            canvas.fill(PixelRectangle(x: left, y: 0, width: right - left, height: size.height * 9 / 20), colour)
        }
    }

    private static func paintRamp(on canvas: Canvas, _ size: PixelSize) {
        for x in 0..<size.width {
            let level = UInt8(255 * x / max(1, size.width - 1))
            canvas.fill(
                PixelRectangle(
                    x: x, y: size.height * 9 / 20, width: 1, height: size.height * 13 / 20 - size.height * 9 / 20),
                Colour(red: level, green: level, blue: level))
        }
    }

    /// A frame one pixel wide at the very edge, and thick corners of four colours.
    private static func paintMarks(on canvas: Canvas, _ size: PixelSize) {
        let edge = Colour(0x80_8080)
        canvas.fill(PixelRectangle(x: 0, y: 0, width: size.width, height: 1), edge)
        canvas.fill(PixelRectangle(x: 0, y: size.height - 1, width: size.width, height: 1), edge)
        canvas.fill(PixelRectangle(x: 0, y: 0, width: 1, height: size.height), edge)
        canvas.fill(PixelRectangle(x: size.width - 1, y: 0, width: 1, height: size.height), edge)
        let length = max(2, min(size.width, size.height) / 12)
        let thickness = max(1, length / 6)
        let corners = [
            (x: 0, y: 0, Colour(0xFF_0000)), (x: 1, y: 0, Colour(0x00_FF00)), (x: 0, y: 1, Colour(0x00_00FF)),
            (x: 1, y: 1, Colour(0xFF_FFFF)),
        ]
        for (right, bottom, colour) in corners {
            let x = right == 1 ? size.width - length : 0
            let y = bottom == 1 ? size.height - length : 0
            canvas.fill(
                PixelRectangle(
                    x: x, y: bottom == 1 ? size.height - thickness : 0, width: length, height: thickness), colour)
            canvas.fill(
                PixelRectangle(
                    x: right == 1 ? size.width - thickness : 0, y: y, width: thickness, height: length), colour)
        }
    }
}
