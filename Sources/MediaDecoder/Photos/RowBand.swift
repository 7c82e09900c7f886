import CFFmpeg
import DecoderProtocol
import Frames

/// A few rows of 8-bit RGB between a decoder that yields rows and the writer that scales them.
final class RowBand {
    static let rowCount = 32

    let stride: Int
    let bytes: UnsafeMutablePointer<UInt8>
    private let writer: PictureWriter
    private let height: Int

    /// - Parameter placement: its `stored` size is that of the rows that come.
    init(placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
        writer = try PictureWriter(
            source: SourcePixels(format: AV_PIX_FMT_RGB24, size: placement.stored), placement: placement, quality: .best
        )
        height = placement.stored.height
        stride = (placement.stored.width * 3 + 63) / 64 * 64
        // The writer reads in whole registers.
        guard let memory = av_mallocz(stride * Self.rowCount + 64) else { throw .outOfMemory(doing: "decoding") }
        bytes = memory.assumingMemoryBound(to: UInt8.self)
        writer.begin(into: pixels)
    }

    deinit { av_free(bytes) }

    /// What a band and the writer behind it allocate, in bytes.
    static func byteCount(placement: FramePlacement) -> Int {
        placement.stored.width * 3 * rowCount
            + PictureWriter.byteCount(placement: placement, hasAlpha: false, quality: .best)
    }

    /// Fills the frame.
    ///
    /// - Parameter next: writes at most so many rows to where it is told and answers how many; 0 when no more come. What
    ///   is missing at the end becomes black.
    /// - Returns: how many rows came.
    func run(
        _ next: (UnsafeMutablePointer<UInt8>, Int) throws(DecodeFailure) -> Int
    ) throws(DecodeFailure) -> Int {
        var row = 0
        while row < height {
            let count = try next(bytes, min(Self.rowCount, height - row))
            if count <= 0 { break }
            try feed(from: row, count: count)
            row += count
        }
        let received = row
        if row < height { bytes.update(repeating: 0, count: stride * Self.rowCount) }
        while row < height {
            let count = min(Self.rowCount, height - row)
            try feed(from: row, count: count)
            row += count
        }
        writer.finish()
        return received
    }

    private func feed(from row: Int, count: Int) throws(DecodeFailure) {
        try writer.feed(PixelPlanes(packed: bytes, stride: stride), rows: row..<row + count)
    }
}
