public import Frames

/// Pixels to draw on: xrgb8888, or argb8888 whose transparent parts stay so where nothing is drawn.
///
/// Borrowed memory: a canvas must not outlive the call that gave it. What reaches outside is cut off.
public struct Canvas {
    let pixels: UnsafeMutableRawBufferPointer
    public let layout: FrameLayout

    /// - Parameter pixels: rows that begin with the first pixel; `layout.offset` is not applied.
    public init(_ pixels: UnsafeMutableRawBufferPointer, layout: FrameLayout) {
        let rows = FrameLayout(format: layout.format, size: layout.size, stride: layout.stride)
        precondition(layout.format == .xrgb8888 || layout.format == .argb8888, "a canvas has 32-bit pixels")
        precondition(rows.isValid(byteCount: pixels.count), "the canvas does not lie in its memory")
        self.pixels = pixels
        self.layout = layout
    }

    public var bounds: PixelRectangle { PixelRectangle(layout.size) }

    /// Makes every pixel transparent (black on xrgb8888).
    public func clear() {
        pixels.initializeMemory(as: UInt8.self, repeating: 0)
    }

    public func fill(_ rectangle: PixelRectangle, _ colour: Colour) {
        let area = rectangle.intersection(bounds)
        guard !area.isEmpty else { return }
        let word = colour.word
        for y in area.y..<area.maxY {
            let row = y * layout.stride
            for x in area.x..<area.maxX { pixels.storeBytes(of: word, toByteOffset: row + 4 * x, as: UInt32.self) }
        }
    }

    /// A rectangle with round corners, whose edges are smoothed.
    public func fill(_ rectangle: PixelRectangle, radius: Int, _ colour: Colour) {
        let radius = min(radius, rectangle.width / 2, rectangle.height / 2)
        guard radius > 0 else { return fill(rectangle, colour) }
        let middle = PixelRectangle(
            x: rectangle.x, y: rectangle.y + radius, width: rectangle.width, height: rectangle.height - 2 * radius)
        fill(middle, colour)
        for step in 0..<radius {
            // How far the arc is from the edge in this row, at the row's middle.
            let rise = Double(radius - step) - 0.5
            let inset = Double(radius) - (Double(radius * radius) - rise * rise).squareRoot()
            let whole = Int(inset.rounded(.up))
            let edge = UInt8((255 * (Double(whole) - inset)).rounded())
            for y in [rectangle.y + step, rectangle.maxY - 1 - step] {
                fill(
                    PixelRectangle(x: rectangle.x + whole, y: y, width: rectangle.width - 2 * whole, height: 1),
                    colour)
                blend(colour, coverage: edge, x: rectangle.x + whole - 1, y: y, clip: bounds)
                blend(colour, coverage: edge, x: rectangle.maxX - whole, y: y, clip: bounds)
            }
        }
    }

    /// Lays a colour over one pixel, as much of it as is covered; `clip` must lie inside `bounds`.
    @inline(__always)
    func blend(_ colour: Colour, coverage: UInt8, x: Int, y: Int, clip: PixelRectangle) {
        guard coverage > 0, x >= clip.x, x < clip.maxX, y >= clip.y, y < clip.maxY else { return }
        let place = y * layout.stride + 4 * x
        if coverage == 255 {
            pixels.storeBytes(of: colour.word, toByteOffset: place, as: UInt32.self)
            return
        }
        let below = pixels.load(fromByteOffset: place, as: UInt32.self)
        let above = UInt32(coverage) * 255
        // On argb8888 the colours are not multiplied by alpha, so what is below counts by its alpha.
        let rest = layout.format == .argb8888 ? (below >> 24) * (255 - UInt32(coverage)) : (65_025 - above)
        let alpha = above + rest
        func mix(_ top: UInt8, _ shift: UInt32) -> UInt32 {
            (UInt32(top) * above + ((below >> shift) & 0xFF) * rest + alpha / 2) / alpha
        }
        let colours = mix(colour.blue, 0) | mix(colour.green, 8) << 8 | mix(colour.red, 16) << 16
        pixels.storeBytes(of: colours | ((alpha + 127) / 255) << 24, toByteOffset: place, as: UInt32.self)
    }
}

extension Colour {
    /// As a pixel, opaque.
    var word: UInt32 { 0xFF00_0000 | UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) }
}
