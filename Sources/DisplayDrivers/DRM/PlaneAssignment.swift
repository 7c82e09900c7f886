import Frames
import KMS

/// What a hardware plane can do, and the properties that say so.
struct PlaneTraits: Sendable, Equatable {
    enum Kind: UInt64, Sendable {
        case overlay = 0
        case primary = 1
        case cursor = 2
    }

    var id: UInt32
    var kind: Kind
    var formats: [PixelFormat]
    /// Where it lies among the others: its own number, or the order in which the kernel lists planes.
    var depth: UInt64
    var hasAlpha: Bool
    /// Whether it can blend colours that are not multiplied by their alpha.
    var blendsCoverage: Bool
    var turnsAround: Bool
    /// What YUV can mean.
    var colours: PlaneColours
}

/// Which layer goes on which plane, from the back to the front. Whether the hardware can do it, a test commit says.
struct PlaneAssignment: Sendable, Hashable {
    struct Place: Sendable, Hashable {
        var layer: Int
        var plane: UInt32
    }

    /// Layers with a plane of their own.
    var places: [Place]

    /// All layers of a scene on planes, the lowest on the primary; nil when that cannot be.
    ///
    /// - Parameter half: the screen hangs upside down, and each plane must turn its picture.
    static func assign(_ layers: [Layer], to planes: [PlaneTraits], upsideDown half: Bool) -> PlaneAssignment? {
        guard let primary = planes.first(where: { $0.kind == .primary }), !layers.isEmpty else { return nil }
        // The cursor is no plane for pictures: many are 64 pixels wide.
        var above = planes.filter { $0.kind == .overlay && $0.depth > primary.depth }.sorted { $0.depth < $1.depth }[
            ...]
        var places: [Place] = []
        for (index, layer) in layers.enumerated() {
            if places.isEmpty {
                guard fits(layer, primary, half) else { return nil }
                places.append(Place(layer: index, plane: primary.id))
                continue
            }
            guard let found = above.firstIndex(where: { fits(layer, $0, half) }) else { return nil }
            places.append(Place(layer: index, plane: above[found].id))
            above = above[(found + 1)...]
        }
        return PlaneAssignment(places: places)
    }

    private static func fits(_ layer: Layer, _ plane: PlaneTraits, _ half: Bool) -> Bool {
        let format = layer.frame.layout.format
        guard plane.formats.contains(format), plane.hasAlpha || layer.alpha == 255, plane.turnsAround || !half else {
            return false
        }
        switch format {
        case .argb8888: return plane.blendsCoverage
        case .yuv420, .nv12: return plane.colours.values(for: layer.frame.layout.colour) != nil
        case .xrgb8888, .rgb565: return true
        }
    }
}

/// What of a scene a test commit depends on: when it is the same, so is the hardware's answer.
struct SceneShape: Sendable, Hashable {
    struct Part: Sendable, Hashable {
        var format: PixelFormat
        /// Of YUV only.
        var colour: ColourCoding?
        var size: PixelSize
        /// Of memory that is scanned out as it is; nil: it is copied to where its driver wants it.
        var stride: Int?
        var source: PixelRectangle
        var destination: PixelRectangle
        var isOpaque: Bool
    }

    var parts: [Part]

    init(_ layers: [Layer]) {
        parts = layers.map {
            let layout = $0.frame.layout
            return Part(
                format: layout.format, colour: layout.format.isYUV ? layout.colour : nil, size: layout.size,
                stride: $0.frame.buffer.scanout == nil ? nil : layout.stride, source: $0.source,
                destination: $0.destination, isOpaque: $0.alpha == 255)
        }
    }
}

extension Layer {
    /// What of the layer is seen on a screen, with the part of the frame in 1/65,536 pixels; nil: nothing.
    func clipped(to screen: PixelSize) -> (source: (x: Int, y: Int, width: Int, height: Int), place: PixelRectangle)? {
        let whole = source.intersection(PixelRectangle(frame.size))
        let place = destination.intersection(PixelRectangle(screen))
        guard alpha > 0, !whole.isEmpty, !place.isEmpty else { return nil }
        func cut(_ start: Int, _ length: Int, _ from: Int, _ to: Int, _ total: Int) -> (Int, Int) {
            let first = (start << 16) + (length << 16) * from / total
            let end = (start << 16) + (length << 16) * to / total
            return (first, end - first)
        }
        let across = cut(
            whole.x, whole.width, place.x - destination.x, place.maxX - destination.x, destination.width)
        let down = cut(whole.y, whole.height, place.y - destination.y, place.maxY - destination.y, destination.height)
        guard across.1 > 0, down.1 > 0 else { return nil }
        return ((across.0, down.0, across.1, down.1), place)
    }
}
