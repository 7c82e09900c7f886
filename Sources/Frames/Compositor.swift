#if canImport(Glibc)
    import Glibc
#endif

/// Makes one picture of a scene in software.
///
/// Equal sizes are copied; others are interpolated, or averaged over the area where they shrink by more than 2. An
/// alpha of 0 or 255 is exact.
public enum Compositor {
    /// Composes a scene, or a part of it.
    ///
    /// - Parameters:
    ///   - screen: the display's size, which the scene's destinations count in.
    ///   - pixels: rows of xrgb8888 that begin with the first pixel (`layout.offset` is not applied); the unused byte
    ///     gets any value.
    ///   - layout: of the picture. When its size is not the screen's, the scene is scaled as a whole.
    ///   - clip: what is painted, in the picture's pixels; nothing else is touched. nil: all.
    public static func compose(
        _ scene: Scene, screen: PixelSize, into pixels: UnsafeMutableRawBufferPointer, layout: FrameLayout,
        clip: PixelRectangle? = nil
    ) {
        let rows = FrameLayout(format: layout.format, size: layout.size, stride: layout.stride)
        precondition(layout.format == .xrgb8888, "scenes are composed to xrgb8888")
        precondition(rows.isValid(byteCount: pixels.count), "the picture does not lie in its memory")
        let picture = PixelRectangle(layout.size)
        let clip = clip.map { $0.intersection(picture) } ?? picture
        guard !clip.isEmpty, screen.width > 0, screen.height > 0, let base = pixels.baseAddress else { return }

        var painters = scene.layers.compactMap { layer in
            LayerPainter(layer, destination: scaled(layer.destination, from: screen, to: layout.size), clip: clip)
        }
        // What an opaque layer hides is not painted.
        let lowest = painters.lastIndex { $0.isOpaque && $0.visible == clip }
        if let lowest { painters.removeFirst(lowest) }

        for y in clip.y..<clip.maxY {
            let row = (base + layout.stride * y).assumingMemoryBound(to: UInt32.self)
            if lowest == nil { memset(row + clip.x, 0, 4 * clip.width) }
            for painter in painters { painter.paint(y: y, row: row) }
        }
    }

    /// Composes only where a scene has changed, on to the picture of the one before. The picture has the screen's size.
    public static func compose(
        _ scene: Scene, damage: Damage, into pixels: UnsafeMutableRawBufferPointer, layout: FrameLayout
    ) {
        for rectangle in damage.rectangles {
            compose(scene, screen: layout.size, into: pixels, layout: layout, clip: rectangle)
        }
    }

    /// A rectangle of the screen on a picture of it: its edges go to the nearest pixels, so that neighbours stay
    /// neighbours.
    static func scaled(_ rectangle: PixelRectangle, from screen: PixelSize, to size: PixelSize) -> PixelRectangle {
        guard screen != size else { return rectangle }
        let left = nearest(rectangle.x * size.width, screen.width)
        let top = nearest(rectangle.y * size.height, screen.height)
        return PixelRectangle(
            x: left, y: top, width: nearest(rectangle.maxX * size.width, screen.width) - left,
            height: nearest(rectangle.maxY * size.height, screen.height) - top)
    }

    /// `value / divisor` to the nearest, halves upwards; the divisor is positive.
    private static func nearest(_ value: Int, _ divisor: Int) -> Int {
        let doubled = 2 * value + divisor
        let quotient = doubled / (2 * divisor)
        return doubled < 0 && doubled % (2 * divisor) != 0 ? quotient - 1 : quotient
    }
}
