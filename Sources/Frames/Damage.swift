/// An area in which a picture may have changed: a few rectangles. It never covers less than was added, and covers more
/// where one larger rectangle is cheaper to compose or send than several small ones.
public struct Damage: Sendable, Equatable {
    /// The most rectangles that it keeps apart.
    public static let capacity = 8

    /// None is empty; they may overlap.
    public private(set) var rectangles: [PixelRectangle] = []

    /// No change.
    public init() {}

    public init(_ rectangle: PixelRectangle) { insert(rectangle) }

    public var isEmpty: Bool { rectangles.isEmpty }

    /// The smallest rectangle around all.
    public var bounds: PixelRectangle {
        rectangles.reduce(PixelRectangle(x: 0, y: 0, width: 0, height: 0)) { $0.union($1) }
    }

    /// Adds a rectangle; an empty one counts for nothing.
    public mutating func insert(_ rectangle: PixelRectangle) {
        guard !rectangle.isEmpty else { return }
        var grown = rectangle
        // A merged rectangle may swallow others in turn.
        while let index = rectangles.firstIndex(where: { Self.waste($0, grown) <= 0 }) {
            grown = grown.union(rectangles.remove(at: index))
        }
        rectangles.append(grown)
        if rectangles.count > Self.capacity { mergeCheapestPair() }
    }

    public mutating func formUnion(_ other: Damage) {
        for rectangle in other.rectangles { insert(rectangle) }
    }

    /// The part of it inside a rectangle.
    public func intersection(_ clip: PixelRectangle) -> Damage {
        var result = Damage()
        for rectangle in rectangles { result.insert(rectangle.intersection(clip)) }
        return result
    }

    /// The area in which two scenes can differ on the display.
    ///
    /// A layer is the same in both when it shows the same part of the same `Frame` object at the same place with the same
    /// alpha. Where no other layers lie, the same ones lie in the same order, and so do the pixels.
    public static func between(_ old: Scene, _ new: Scene) -> Damage {
        var damage = Damage()
        for change in new.layers.difference(from: old.layers, by: { $0.isSame(as: $1) }) {
            switch change {
            case .insert(_, let layer, _), .remove(_, let layer, _):
                if layer.alpha > 0 { damage.insert(layer.destination) }
            }
        }
        return damage
    }

    /// Pixels that are touched more when two rectangles become one; negative when they overlap much.
    private static func waste(_ first: PixelRectangle, _ second: PixelRectangle) -> Int {
        first.union(second).size.pixelCount - first.size.pixelCount - second.size.pixelCount
    }

    private mutating func mergeCheapestPair() {
        var best = (first: 0, second: 1, waste: Int.max)
        for first in rectangles.indices {
            for second in rectangles.indices.dropFirst(first + 1) {
                let waste = Self.waste(rectangles[first], rectangles[second])
                if waste < best.waste { best = (first, second, waste) }
            }
        }
        let second = rectangles.remove(at: best.second)
        let first = rectangles.remove(at: best.first)
        insert(first.union(second))
    }
}

extension Layer {
    fileprivate func isSame(as other: Layer) -> Bool {
        frame === other.frame && source == other.source && destination == other.destination && alpha == other.alpha
    }
}
