#if canImport(Glibc)
    import Glibc
#endif

/// Composition row by row, without allocating anything, of scenes that need no more than laying pixels over each other.
extension Compositor {
    /// Whether all layers have 32 bits for each pixel and none is scaled.
    public static func composesByRow(_ scene: Scene) -> Bool {
        for layer in scene.layers where layer.alpha > 0 {
            let format = layer.frame.layout.format
            guard format == .xrgb8888 || format == .argb8888, layer.source.size == layer.destination.size,
                layer.source.x >= 0, layer.source.y >= 0, layer.source.maxX <= layer.frame.size.width,
                layer.source.maxY <= layer.frame.size.height
            else { return false }
        }
        return true
    }

    /// Composes a part of one row; the same pixels as `compose`.
    ///
    /// - Parameters:
    ///   - scene: one that `composesByRow`.
    ///   - columns: which pixels of the row.
    ///   - row: where the first of these columns goes; the unused byte gets any value.
    public static func composeRow(
        _ scene: Scene, y: Int, columns: Range<Int>, into row: UnsafeMutablePointer<UInt32>
    ) {
        var lowest = 0
        var isCovered = false
        for (index, layer) in scene.layers.enumerated()
        where layer.alpha == 255 && layer.frame.layout.format == .xrgb8888 {
            let place = layer.destination
            if place.y <= y, y < place.maxY, place.x <= columns.lowerBound, columns.upperBound <= place.maxX {
                (lowest, isCovered) = (index, true)
            }
        }
        if !isCovered { memset(row, 0, 4 * columns.count) }
        for layer in scene.layers[lowest...] {
            let place = layer.destination
            guard layer.alpha > 0, place.y <= y, y < place.maxY else { continue }
            let (left, right) = (max(place.x, columns.lowerBound), min(place.maxX, columns.upperBound))
            guard left < right else { continue }
            lay(
                layer, x: left - place.x + layer.source.x, y: y - place.y + layer.source.y,
                over: row + (left - columns.lowerBound), count: right - left)
        }
    }

    private static func lay(
        _ layer: Layer, x: Int, y: Int, over target: UnsafeMutablePointer<UInt32>, count: Int
    ) {
        let layout = layer.frame.layout
        layer.frame.withPixels { pixels in
            guard let base = pixels.baseAddress else { return }
            let source = (base + layout.stride * y).assumingMemoryBound(to: UInt32.self) + x
            if layout.format == .argb8888 {
                Kernels.blend(source, over: target, count: count, alpha: layer.alpha)
            } else if layer.alpha == 255 {
                memcpy(target, source, 4 * count)
            } else {
                Kernels.mix(
                    UnsafeRawPointer(source).assumingMemoryBound(to: UInt8.self),
                    into: UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt8.self), count: 4 * count,
                    alpha: layer.alpha)
            }
        }
    }
}
