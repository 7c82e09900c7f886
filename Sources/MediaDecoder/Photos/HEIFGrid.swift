import CFFmpeg
import CHeif
import DecoderProtocol
import Frames

/// A grid of tiles that this libheif decodes one by one: only a row of them is in memory at a time. Phones write photos so.
struct HEIFGrid {
    private let grid: vitrine_heif_grid

    /// nil where the picture has to be decoded whole: no grid, an old libheif, alpha, RGB, or tiles that do not begin at
    /// whole chroma samples.
    init?(_ heif: HEIFFile, size: PixelSize) {
        guard let grid = heif.grid, !heif.hasAlpha, !heif.isRGB else { return nil }
        let even = [grid.tile_width, grid.tile_height, grid.left_offset, grid.top_offset].allSatisfy { $0 % 2 == 0 }
        guard even, grid.tile_width > 0, grid.tile_height > 0, Int(grid.width) == size.width,
            Int(grid.height) == size.height
        else { return nil }
        self.grid = grid
    }

    /// What decoding takes: a row of tiles, and one tile in the decoder's and in libheif's memory.
    func byteCount(sample: Int) -> Int {
        let row = Int(grid.columns) * Int(grid.tile_width) * Int(grid.tile_height)
        return (row * 3 / 2 + Int(grid.tile_width) * Int(grid.tile_height) * 5) * sample
    }

    func paint(
        _ heif: HEIFFile, placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer
    ) throws(DecodeFailure) {
        let first = try tile(heif, column: 0, row: 0)
        guard var source = first.source(isPremultiplied: false) else {
            throw .brokenPhoto("HEIF", detail: "the picture is not what the file says")
        }
        source.size = placement.stored
        let band = try TileBand(
            source: source, columns: Int(grid.columns) * Int(grid.tile_width), rows: Int(grid.tile_height))
        let writer = try PictureWriter(source: source, placement: placement, quality: .best)
        writer.begin(into: pixels)
        for row in 0..<grid.rows {
            for column in 0..<grid.columns {
                let picture = row == 0 && column == 0 ? first : try tile(heif, column: column, row: row)
                guard picture.source(isPremultiplied: false)?.format == source.format else {
                    throw .brokenPhoto("HEIF", detail: "its tiles differ in format")
                }
                band.place(picture, x: Int(column) * Int(grid.tile_width))
            }
            // Tiles hang over the picture's edges.
            let top = Int(row) * Int(grid.tile_height) - Int(grid.top_offset)
            let seen = max(0, top)..<min(placement.stored.height, top + Int(grid.tile_height))
            guard !seen.isEmpty else { continue }
            try writer.feed(
                band.planes.moved(x: Int(grid.left_offset), y: seen.lowerBound - top, of: source), rows: seen)
        }
        writer.finish()
    }

    private func tile(_ heif: HEIFFile, column: UInt32, row: UInt32) throws(DecodeFailure) -> HEIFPicture {
        try HEIFPicture(heif, kind: .planes(heif_chroma_420), tile: (column, row))
    }
}

/// A row of tiles side by side, in planes of 4:2:0.
private final class TileBand {
    private let source: SourcePixels
    private let columns: Int
    private let rows: Int
    private let sample: Int
    private let bytes: UnsafeMutablePointer<UInt8>

    init(source: SourcePixels, columns: Int, rows: Int) throws(DecodeFailure) {
        self.source = source
        self.columns = columns
        self.rows = rows
        sample = source.byteOffset(x: 2, plane: 0) / 2
        // The writer reads in whole registers.
        guard let memory = av_mallocz(columns * rows * 3 / 2 * sample + 64) else {
            throw .outOfMemory(doing: "decoding")
        }
        bytes = memory.assumingMemoryBound(to: UInt8.self)
    }

    deinit { av_free(bytes) }

    var planes: PixelPlanes {
        let luma = columns * rows * sample
        let first = UnsafePointer(bytes)
        return PixelPlanes(
            (first, first + luma, first + luma + luma / 4, nil),
            strides: (CInt(columns * sample), CInt(columns / 2 * sample), CInt(columns / 2 * sample), 0))
    }

    func place(_ picture: HEIFPicture, x: Int) {
        let from = picture.planes
        let to = planes
        let width = min(picture.size.width, columns - x)
        let height = min(picture.size.height, rows)
        copy(from.pointers.0, from.strides.0, to.pointers.0, to.strides.0, x: x, width: width, height: height)
        let half = (x: x / 2, width: (width + 1) / 2, height: (height + 1) / 2)
        copy(
            from.pointers.1, from.strides.1, to.pointers.1, to.strides.1, x: half.x, width: half.width,
            height: half.height)
        copy(
            from.pointers.2, from.strides.2, to.pointers.2, to.strides.2, x: half.x, width: half.width,
            height: half.height)
    }

    private func copy(
        _ from: UnsafePointer<UInt8>?, _ stride: CInt, _ to: UnsafePointer<UInt8>?, _ targetStride: CInt, x: Int,
        width: Int, height: Int
    ) {
        guard let from, let to else { return }
        let target = UnsafeMutablePointer(mutating: to) + x * sample
        for row in 0..<height {
            (target + row * Int(targetStride)).update(from: from + row * Int(stride), count: width * sample)
        }
    }
}
