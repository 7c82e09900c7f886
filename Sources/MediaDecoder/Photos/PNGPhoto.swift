import CFFmpeg
import CPNG
import DecoderProtocol
import Frames
import LinuxSystem

/// A still PNG, by libpng, row by row. An interlaced one comes in seven passes and is held whole.
struct PNGPhoto: StillPhoto {
    let format = "png"
    let codec = "png"
    let size: PixelSize
    let orientation: Orientation
    let taken: Int64?
    private let isInterlaced: Bool
    private let file: PhotoFile

    init(_ file: PhotoFile, chunks: PNGChunks, request: OpenRequest) throws(DecodeFailure) {
        self.file = file
        size = chunks.size
        isInterlaced = chunks.isInterlaced
        orientation = chunks.exif.flatMap(ExifOrientation.find) ?? .upright
        taken = chunks.exif.flatMap(CaptureTime.find)
        try Self.cost(chunks, placement: nil).admit(limit: request.memoryLimit)
        let placement = FramePlacement(self, request: request)
        try Self.cost(chunks, placement: placement).admit(limit: request.memoryLimit)
    }

    func paint(placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
        let session = try Session(file)
        guard session.size == size else { throw .brokenPhoto("PNG", detail: "its size changed while it was read") }
        if session.passes > 1 {
            try paintInterlaced(session, placement: placement, into: pixels)
        } else {
            let band = try RowBand(placement: placement, into: pixels)
            let rows = try band.run { (target, count) throws(DecodeFailure) in
                var read = 0
                while read < count, try session.readRow(into: target + read * band.stride) { read += 1 }
                return read
            }
            if rows == 0 { throw .brokenPhoto("PNG", detail: session.message) }
        }
    }

    private func paintInterlaced(
        _ session: Session, placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer
    ) throws(DecodeFailure) {
        let stride = size.width * 3
        // Black where nothing comes. 64 bytes more, since the writer reads in whole registers.
        guard let memory = av_mallocz(stride * size.height + 64) else { throw .outOfMemory(doing: "decoding") }
        defer { av_free(memory) }
        let picture = memory.assumingMemoryBound(to: UInt8.self)
        var rows = 0
        passes: for _ in 0..<session.passes {
            for row in 0..<size.height {
                guard try session.readRow(into: picture + row * stride) else { break passes }
                rows += 1
            }
        }
        if rows == 0 { throw .brokenPhoto("PNG", detail: session.message) }
        let writer = try PictureWriter(
            source: SourcePixels(format: AV_PIX_FMT_RGB24, size: size), placement: placement, quality: .best)
        try writer.write(PixelPlanes(packed: picture, stride: stride), into: pixels)
    }

    private static func cost(_ chunks: PNGChunks, placement: FramePlacement?) -> PhotoCost {
        let width = chunks.size.width
        // libpng keeps two rows at up to eight bytes a pixel, and the window of zlib.
        let rows = width * 8 * 3 + 256 * 1024
        let whole = chunks.isInterlaced ? width * chunks.size.height * 3 : 0
        return PhotoCost(
            size: chunks.size, bytes: rows + whole + (placement.map { RowBand.byteCount(placement: $0) } ?? 0),
            what: chunks.isInterlaced ? "interlaced PNG" : "PNG",
            suggestion: chunks.isInterlaced
                ? "Save it without interlacing, or make it smaller, and upload it again."
                : "Make the picture smaller and upload it again.")
    }

    /// One reading of the file, from its header on.
    private final class Session {
        let size: PixelSize
        let passes: Int
        private let reader: OpaquePointer

        init(_ file: PhotoFile) throws(DecodeFailure) {
            guard let reader = vitrine_png_open(file.descriptor.rawValue) else { throw .outOfMemory(doing: "decoding") }
            self.reader = reader
            var width: UInt32 = 0
            var height: UInt32 = 0
            var passes: CInt = 0
            let result = vitrine_png_start(reader, &width, &height, &passes)
            size = PixelSize(width: Int(width), height: Int(height))
            self.passes = Int(passes)
            if result != 0 { throw failure }
        }

        deinit { vitrine_png_close(reader) }

        var message: String { String(cString: vitrine_png_message(reader)) }

        /// False where nothing more can be had, because of damage or the file's end.
        func readRow(into row: UnsafeMutablePointer<UInt8>) throws(DecodeFailure) -> Bool {
            if vitrine_png_read_row(reader, row) == 0 { return true }
            if vitrine_png_read_error(reader) != 0 { throw failure }
            return false
        }

        private var failure: DecodeFailure {
            let code = vitrine_png_read_error(reader)
            return code == 0 ? .brokenPhoto("PNG", detail: message) : .unreadable(errno: code)
        }
    }
}
