import DecoderProtocol
import Frames

/// The main picture of a HEIF file as coded tiles: one, or a grid of them as phones write. Nil for every other make
/// (alpha, mirrored, cropped, overlaid, coded by something else): those are libheif's.
struct HEIFTiling: Equatable {
    enum Coding: Equatable {
        case hevc
        case av1
    }

    var coding: Coding
    /// hvcC; empty for AV1, whose data says all.
    var configuration: [UInt8]
    var columns: Int
    var rows: Int
    var tile: PixelSize
    /// What is seen of the tiles together, from the upper left.
    var size: PixelSize
    var orientation: Orientation
    /// Where each tile's bytes are, row by row.
    var tiles: [[HEIFItems.Extent]]
    /// As the file says (ISO/IEC 23091-2); else the coded picture says it.
    var colour: Colour?
    var chroma: Chroma
    var bitDepth: Int

    struct Colour: Equatable {
        var primaries: Int
        var transfer: Int
        var matrix: Int
        var isFullRange: Bool
    }

    /// Samples of one pixel, in halves: 4:0:0, 4:2:0, 4:2:2, 4:4:4.
    enum Chroma: Int, Equatable {
        case none = 2
        case quarter = 3
        case half = 4
        case full = 6
    }

    /// - Parameter read: at most so many bytes of the file at that offset.
    init?(_ items: HEIFItems, read: (Int, Int) throws(DecodeFailure) -> [UInt8]) throws(DecodeFailure) {
        guard let main = items.items[items.primary], !Self.hasAlpha(items),
            let orientation = Self.orientation(main)
        else { return nil }
        self.orientation = orientation
        let ids: [Int]
        if main.type == "grid" {
            guard let grid = Self.grid(try Self.bytes(of: main, items: items, read: read)),
                let members = items.references.first(where: { $0.type == "dimg" && $0.from == items.primary })?.to,
                members.count == grid.columns * grid.rows
            else { return nil }
            (columns, rows, size) = (grid.columns, grid.rows, grid.size)
            ids = members
        } else {
            guard let size = Self.size(main) else { return nil }
            (columns, rows, self.size) = (1, 1, size)
            ids = [items.primary]
        }
        guard let first = ids.first.flatMap({ items.items[$0] }), let tile = Self.size(first),
            let format = Self.format(first)
        else { return nil }
        self.tile = tile
        (coding, configuration, chroma, bitDepth) = format
        tiles = []
        for id in ids {
            // Tiles share their configuration and size; libheif takes those that do not.
            guard let item = items.items[id], !item.isInline, !item.extents.isEmpty, item.type == first.type,
                ids.count == 1 || Self.orientation(item) == .upright, Self.size(item) == tile,
                Self.format(item)?.configuration == configuration
            else { return nil }
            tiles.append(item.extents)
        }
        // A tile begins at a whole chroma sample, and the picture ends in the last row and column of tiles.
        if ids.count > 1 {
            guard tile.width % 2 == 0, tile.height % 2 == 0, size.width > (columns - 1) * tile.width,
                size.width <= columns * tile.width, size.height > (rows - 1) * tile.height,
                size.height <= rows * tile.height
            else { return nil }
        }
        colour = Self.colour(main) ?? Self.colour(first)
        // Red, green and blue.
        if colour?.matrix == 0 { return nil }
    }

    private static let known: Set<String> = ["ispe", "hvcC", "av1C", "colr", "pixi", "irot"]

    /// nil when the item is changed in a way that is not known here.
    private static func orientation(_ item: HEIFItems.Item) -> Orientation? {
        var quarters = 0
        for property in item.properties {
            switch property.type {
            case "irot": quarters += Int(property.contents.first ?? 0) & 3
            case "imir", "clap": return nil
            case "pasp":
                // Pixels that are not square.
                guard property.contents.prefix(4) == property.contents.dropFirst(4).prefix(4) else { return nil }
            default:
                if property.isEssential, !known.contains(property.type) { return nil }
            }
        }
        // Quarters count against the clock.
        return [.upright, .turned270, .turned180, .turned90][quarters & 3]
    }

    private static func hasAlpha(_ items: HEIFItems) -> Bool {
        let names = ["urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1"]
        return items.references.contains { reference in
            guard reference.type == "auxl", reference.to.contains(items.primary) else { return false }
            return items.items[reference.from]?.properties.contains { property in
                property.type == "auxC" && names.contains { property.contents.dropFirst(4).starts(with: $0.utf8) }
            } ?? false
        }
    }

    private static func size(_ item: HEIFItems.Item) -> PixelSize? {
        guard let property = item.properties.first(where: { $0.type == "ispe" }) else { return nil }
        var contents = BoxBytes(property.contents[...])
        guard contents.versionAndFlags() != nil, let width = contents.number(4), let height = contents.number(4),
            width > 0, height > 0
        else { return nil }
        return PixelSize(width: width, height: height)
    }

    /// The few bytes that describe a grid.
    private static func bytes(
        of item: HEIFItems.Item, items: HEIFItems, read: (Int, Int) throws(DecodeFailure) -> [UInt8]
    ) throws(DecodeFailure) -> [UInt8] {
        guard let extent = item.extents.first, item.extents.count == 1 else { return [] }
        return item.isInline ? Array(items.inline.dropFirst(extent.offset).prefix(16)) : try read(extent.offset, 16)
    }

    private static func grid(_ bytes: [UInt8]) -> (columns: Int, rows: Int, size: PixelSize)? {
        var contents = BoxBytes(bytes[...])
        guard contents.number(1) == 0, let flags = contents.number(1), let rows = contents.number(1),
            let columns = contents.number(1), let width = contents.number(flags & 1 == 1 ? 4 : 2),
            let height = contents.number(flags & 1 == 1 ? 4 : 2)
        else { return nil }
        return (columns + 1, rows + 1, PixelSize(width: width, height: height))
    }

    private static func colour(_ item: HEIFItems.Item) -> Colour? {
        for property in item.properties where property.type == "colr" {
            var contents = BoxBytes(property.contents[...])
            guard contents.name() == "nclx", let primaries = contents.number(2), let transfer = contents.number(2),
                let matrix = contents.number(2), let range = contents.number(1)
            else { continue }
            return Colour(primaries: primaries, transfer: transfer, matrix: matrix, isFullRange: range >> 7 == 1)
        }
        return nil
    }

    /// From hvcC (ISO/IEC 14496-15, 8.3.2.1) or av1C (AV1 in ISOBMFF, 2.3).
    private static func format(
        _ item: HEIFItems.Item
    ) -> (coding: Coding, configuration: [UInt8], chroma: Chroma, bitDepth: Int)? {
        switch item.type {
        case "hvc1":
            guard let bytes = item.properties.first(where: { $0.type == "hvcC" })?.contents, bytes.count >= 23 else {
                return nil
            }
            let chroma: [Chroma] = [.none, .quarter, .half, .full]
            return (.hevc, bytes, chroma[Int(bytes[16] & 3)], Int(bytes[17] & 7) + 8)
        case "av01":
            guard let bytes = item.properties.first(where: { $0.type == "av1C" })?.contents, bytes.count >= 4 else {
                return nil
            }
            let flags = bytes[2]
            let chroma: Chroma =
                flags & 0x10 != 0 ? .none : flags & 0x0C == 0x0C ? .quarter : flags & 0x08 != 0 ? .half : .full
            return (.av1, [], chroma, flags & 0x40 == 0 ? 8 : flags & 0x20 != 0 ? 12 : 10)
        default:
            return nil
        }
    }
}
