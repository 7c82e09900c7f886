import CFFmpeg
import DecoderProtocol
import Frames

/// A HEIC or still AVIF of coded tiles, by libavcodec: a row of tiles at a time, so that a phone's photo takes the memory
/// of a few hundred rows. The file turns it by a property of its own; its EXIF orientation says the same once more and is
/// left alone. An ICC profile is ignored, as everywhere in Vitrine.
struct HEIFPhoto: StillPhoto {
    let format: String
    var codec: String { tiling.coding == .hevc ? "hevc" : "av1" }
    let size: PixelSize
    let orientation: Orientation
    let taken: Int64?
    private let tiling: HEIFTiling
    private let file: PhotoFile
    private let threads: Int

    /// nil for what only libheif can do.
    init?(_ file: PhotoFile, format: String, request: OpenRequest) throws(DecodeFailure) {
        let read = { (offset: Int, count: Int) throws(DecodeFailure) -> [UInt8] in
            try file.bytes(at: offset, count: count)
        }
        guard let items = try HEIFItems(read: read), let tiling = try HEIFTiling(items, read: read),
            TileDecoder.canDecode(tiling.coding)
        else { return nil }
        self.format = format
        self.file = file
        self.tiling = tiling
        threads = request.threads
        size = tiling.size
        orientation = tiling.orientation
        taken = try items.exif(read: read).flatMap(CaptureTime.find)
        try Self.cost(tiling, format: format, placement: nil).admit(limit: request.memoryLimit)
        let placement = FramePlacement(self, request: request)
        try Self.cost(tiling, format: format, placement: placement).admit(limit: request.memoryLimit)
    }

    func paint(placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
        let decoder = try TileDecoder(tiling, threads: threads)
        if tiling.tiles.count == 1 {
            let frame = try decoder.decode(try packet(tiling.tiles[0]))
            var source = frame.source(tiling.colour)
            guard source.size.width >= size.width, source.size.height >= size.height else {
                throw .brokenPhoto("HEIF", detail: "its picture is smaller than the file says")
            }
            source.size = size
            let writer = try PictureWriter(source: source, placement: placement, quality: .best)
            try writer.write(frame.planes, into: pixels)
        } else {
            try paintGrid(decoder, placement: placement, into: pixels)
        }
    }

    private func paintGrid(
        _ decoder: TileDecoder, placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer
    ) throws(DecodeFailure) {
        var canvas: (band: TileBand, writer: PictureWriter)?
        for row in 0..<tiling.rows {
            for column in 0..<tiling.columns {
                let frame = try decoder.decode(try packet(tiling.tiles[row * tiling.columns + column]))
                if canvas == nil {
                    var source = frame.source(tiling.colour)
                    source.size = size
                    canvas = (
                        try TileBand(source: source, tile: tiling.tile, columns: tiling.columns),
                        try PictureWriter(source: source, placement: placement, quality: .best)
                    )
                    canvas?.writer.begin(into: pixels)
                }
                guard let band = canvas?.band, band.place(frame, column: column) else {
                    throw .brokenPhoto("HEIF", detail: "its tiles differ")
                }
            }
            guard let (band, writer) = canvas else { continue }
            let top = row * tiling.tile.height
            try writer.feed(band.planes, rows: top..<min(size.height, top + tiling.tile.height))
        }
        canvas?.writer.finish()
    }

    /// A tile's bytes, read to where libavcodec wants them.
    private func packet(_ extents: [HEIFItems.Extent]) throws(DecodeFailure) -> CodedTile {
        let end = try file.byteCount()
        // 0: to the end.
        let parts = extents.map { ($0.offset, $0.length == 0 ? max(0, end - $0.offset) : $0.length) }
        let count = parts.reduce(0) { $0 + $1.1 }
        guard count > 0, count < 1 << 30, parts.allSatisfy({ $0.0 + $0.1 <= end }) else {
            throw .brokenPhoto("HEIF", detail: "it ends before its picture does")
        }
        let packet = try CodedTile(byteCount: count)
        var filled = 0
        for (offset, length) in parts {
            try file.read(
                at: offset, into: UnsafeMutableRawBufferPointer(rebasing: packet.bytes[filled..<filled + length]))
            filled += length
        }
        return packet
    }

    private static func cost(_ tiling: HEIFTiling, format: String, placement: FramePlacement?) -> PhotoCost {
        let sample = tiling.bitDepth > 8 ? 2 : 1
        func plane(_ count: Int) -> Int { count * tiling.chroma.rawValue / 2 * sample }
        // The decoder's picture, and what it notes of every block.
        let tile = plane(tiling.tile.pixelCount) + tiling.tile.pixelCount * 2
        let band = tiling.tiles.count == 1 ? 0 : plane(tiling.tile.pixelCount * tiling.columns)
        let coded = tiling.tiles.map { $0.reduce(0) { $0 + $1.length } }.max() ?? 0
        return PhotoCost(
            size: tiling.size,
            bytes: tile + band + 2 * coded
                + (placement.map { PictureWriter.byteCount(placement: $0, hasAlpha: false, quality: .best) } ?? 0),
            what: format == "avif" ? "AVIF" : "HEIC",
            suggestion: "Make the picture smaller, or save it as JPEG, and upload it again.")
    }
}
