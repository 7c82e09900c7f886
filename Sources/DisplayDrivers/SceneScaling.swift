import Frames

extension Scene {
    /// The same scene for a screen of another size: all of it is seen, centred.
    func fitted(from old: PixelSize, to new: PixelSize) -> Scene {
        guard old != new, old.width > 0, old.height > 0 else { return self }
        let place = Fit.contain.destination(of: old, on: new)
        // Edges are mapped, not widths, so that layers which touch still do.
        func across(_ x: Int) -> Int { place.x + Self.scale(x, place.width, old.width) }
        func down(_ y: Int) -> Int { place.y + Self.scale(y, place.height, old.height) }
        return Scene(
            layers: layers.map { layer in
                var layer = layer
                let area = layer.destination
                let (x, y) = (across(area.x), down(area.y))
                layer.destination = PixelRectangle(
                    x: x, y: y, width: max(1, across(area.maxX) - x), height: max(1, down(area.maxY) - y))
                return layer
            })
    }

    /// To the nearest, halves away from zero.
    private static func scale(_ value: Int, _ numerator: Int, _ denominator: Int) -> Int {
        let product = value * numerator
        return (product >= 0 ? product + denominator / 2 : product - denominator / 2) / denominator
    }
}
