import DecoderProtocol
import Frames
import StillEncoding

/// A small JPEG that stands for a medium.
///
/// The reader must have been opened for it: with the thumbnail's size as the screen's, and `contain`.
enum Thumbnails {
    /// A moving medium is looked at from here on: what comes before is often black, or a title.
    static let start: Int64 = 1_000_000_000
    /// How many frames are looked at for one that is not black.
    static let mostFrames = 75
    /// Mean luma from 0 to 255 up to which a frame counts as black; the black of limited-range video is 16.
    static let blackness = 16

    /// - Parameters:
    ///   - reader: at its beginning.
    ///   - capacity: bytes that the JPEG may have.
    /// - Returns: the file. Of a medium that is black all along, its first frame.
    static func jpeg(of reader: any MediumReader, capacity: Int) throws(DecodeFailure) -> [UInt8] {
        let layout = reader.layout
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.byteCount, alignment: 64)
        defer { pixels.deallocate() }
        pixels.initializeMemory(as: UInt8.self, repeating: 0)
        try choose(reader, into: pixels)
        return try encode(UnsafeRawBufferPointer(pixels), layout: layout, capacity: capacity)
    }

    /// Leaves the frame that shows most in `pixels`.
    private static func choose(
        _ reader: any MediumReader, into pixels: UnsafeMutableRawBufferPointer
    ) throws(DecodeFailure) {
        if reader.description.kind == .image {
            guard try reader.nextFrame(into: pixels, late: 0) != nil else { throw nothing }
            return
        }
        for late in [start, 0] {
            var left = mostFrames
            while left > 0, try reader.nextFrame(into: pixels, late: late) != nil {
                if !isBlack(UnsafeRawBufferPointer(pixels), layout: reader.layout) { return }
                left -= 1
            }
            // Too short, or black from there on: from the beginning.
            try reader.rewind()
        }
        guard try reader.nextFrame(into: pixels, late: 0) != nil else { throw nothing }
    }

    /// Looks at every fourth pixel of every fourth row.
    static func isBlack(_ pixels: UnsafeRawBufferPointer, layout: FrameLayout) -> Bool {
        guard layout.format == .xrgb8888 || layout.format == .argb8888 else { return false }
        var sum = 0
        var count = 0
        for y in stride(from: 0, to: layout.size.height, by: 4) {
            let row = layout.offset + y * layout.stride
            for x in stride(from: 0, to: layout.size.width, by: 4) {
                let pixel = row + x * 4
                // BT.601 in 256ths.
                sum += (Int(pixels[pixel]) * 29 + Int(pixels[pixel + 1]) * 150 + Int(pixels[pixel + 2]) * 77) >> 8
                count += 1
            }
        }
        return sum <= count * blackness
    }

    private static func encode(
        _ pixels: UnsafeRawBufferPointer, layout: FrameLayout, capacity: Int
    ) throws(DecodeFailure) -> [UInt8] {
        let picture = UnsafeRawBufferPointer(rebasing: pixels[layout.offset...])
        for quality in [82, 60, 35] {
            do throws(StillEncodingError) {
                let bytes = try StillEncoding.jpeg(picture, layout: layout, quality: quality)
                if bytes.count <= capacity { return bytes }
            } catch {
                throw DecodeFailure(
                    code: .misuse, reason: "The thumbnail could not be written: \(error).",
                    suggestion: "Try again when there is more memory.")
            }
        }
        throw DecodeFailure(
            code: .misuse, reason: "The thumbnail does not fit into \(capacity) bytes.",
            suggestion: "Ask for a smaller one, or lend a larger buffer.")
    }

    private static var nothing: DecodeFailure {
        DecodeFailure(
            code: .broken, reason: "The file holds no picture that can be decoded.",
            suggestion: "Copy it from its source again, or save it anew with another program.")
    }
}
