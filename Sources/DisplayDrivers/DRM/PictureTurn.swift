import Frames

/// Copies a composed picture to where it is scanned out: turned, and in fewer bits when it must be.
struct PictureTurn: Sendable, Equatable {
    /// Clockwise, 0, 90, 180 or 270 degrees.
    let degrees: Int
    /// Of the composed picture.
    let size: PixelSize

    /// Of the picture that is scanned out.
    var target: PixelSize {
        degrees % 180 == 0 ? size : PixelSize(width: size.height, height: size.width)
    }

    /// Where a rectangle of the composed picture comes to lie.
    func turned(_ area: PixelRectangle) -> PixelRectangle {
        switch degrees {
        case 90:
            PixelRectangle(x: size.height - area.maxY, y: area.x, width: area.height, height: area.width)
        case 180:
            PixelRectangle(
                x: size.width - area.maxX, y: size.height - area.maxY, width: area.width, height: area.height)
        case 270:
            PixelRectangle(x: area.y, y: size.width - area.maxX, width: area.height, height: area.width)
        default: area
        }
    }

    /// - Parameters:
    ///   - area: of the composed picture; lies within it.
    ///   - source: rows of xrgb8888.
    ///   - layout: of the target: xrgb8888 or rgb565.
    func copy(
        _ area: PixelRectangle, from source: UnsafeRawPointer, stride: Int, to target: UnsafeMutableRawPointer,
        layout: FrameLayout
    ) {
        let place = turned(area)
        // Rows of the target are written from left to right, since they are uncached; the source is walked as it comes.
        for y in place.y..<place.maxY {
            var from: UnsafeRawPointer
            let step: Int
            switch degrees {
            case 90:
                from = source + (size.height - 1 - place.x) * stride + 4 * y
                step = -stride
            case 180:
                from = source + (size.height - 1 - y) * stride + 4 * (size.width - 1 - place.x)
                step = -4
            case 270:
                from = source + place.x * stride + 4 * (size.width - 1 - y)
                step = stride
            default:
                from = source + y * stride + 4 * place.x
                step = 4
            }
            let row = target + y * layout.stride
            if layout.format == .rgb565 {
                let to = (row + 2 * place.x).assumingMemoryBound(to: UInt16.self)
                for x in 0..<place.width {
                    let pixel = from.loadUnaligned(as: UInt32.self)
                    to[x] = UInt16(
                        truncatingIfNeeded: (pixel >> 8 & 0xF800) | (pixel >> 5 & 0x07E0) | (pixel >> 3 & 0x1F))
                    from += step
                }
            } else {
                let to = (row + 4 * place.x).assumingMemoryBound(to: UInt32.self)
                for x in 0..<place.width {
                    to[x] = from.loadUnaligned(as: UInt32.self)
                    from += step
                }
            }
        }
    }
}
