import DecoderProtocol
import Frames

/// What a PNG's chunks say before any pixel is decoded (PNG, third edition, 5.3 and 11).
struct PNGChunks: Equatable {
    var size: PixelSize
    var bitDepth: Int
    var isInterlaced: Bool
    /// More than one frame, so that this is an animation.
    var isAnimated: Bool
    /// The contents of eXIf, if there is one.
    var exif: [UInt8]?

    /// Walks from chunk to chunk without reading the picture.
    ///
    /// - Parameter read: at most so many bytes at that offset; fewer where the file ends.
    init(read: (Int, Int) throws(DecodeFailure) -> [UInt8]) throws(DecodeFailure) {
        // The signature, and the first chunk, which has to be IHDR: length, name, 13 bytes, checksum.
        let header = try read(0, 33)
        guard header.count == 33, header[12..<16].elementsEqual("IHDR".utf8) else {
            throw .brokenPhoto("PNG", detail: "it has no header")
        }
        // The highest bit is never set.
        size = PixelSize(width: Self.number(header[16..<20]), height: Self.number(header[20..<24]))
        bitDepth = Int(header[24])
        isInterlaced = header[28] != 0
        isAnimated = false
        exif = nil

        var offset = 33
        // A walk over the whole of a picture of 250 million pixels in chunks of 8 KB takes fewer.
        for _ in 0..<200_000 {
            let start = try read(offset, 8)
            guard start.count == 8 else { return }
            let length = Self.number(start[0..<4])
            guard length < 1 << 31 else { return }
            switch String(decoding: start[4..<8], as: UTF8.self) {
            case "acTL":
                // Counts only before the picture; the number of frames comes first.
                let count = try read(offset + 8, 4)
                isAnimated = count.count == 4 && Self.number(count[...]) > 1
            case "eXIf":
                // The directories are near the start.
                exif = try read(offset + 8, min(length, 64 * 1024))
                return
            case "IEND":
                return
            default:
                break
            }
            offset += length + 12
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}
