import CFFmpeg
import DecoderProtocol
import Frames

/// Lays pixels with alpha on black, a band of rows at a time: colour × alpha. The result is `bgr0`.
final class AlphaFlattener {
    /// Small enough for a cache, and a multiple of every chroma subsampling.
    static let bandRows = 16

    private let converter: Converter?
    private let source: SourcePixels
    private let width: Int
    private let stride: Int
    private let band: UnsafeMutablePointer<UInt8>

    init(source: SourcePixels, crop: PixelRectangle) throws(DecodeFailure) {
        self.source = source
        width = crop.width
        stride = (crop.width * 4 + 63) / 64 * 64
        // 64 bytes beyond the end: libswscale reads rows in whole registers.
        guard let memory = av_malloc(stride * Self.bandRows + 64) else { throw .outOfMemory(doing: "scaling") }
        band = memory.assumingMemoryBound(to: UInt8.self)
        do throws(DecodeFailure) {
            converter =
                source.format == AV_PIX_FMT_BGRA
                ? nil : try Converter(source: source, width: crop.width, rows: Self.bandRows)
        } catch {
            av_free(memory)
            throw error
        }
    }

    deinit { av_free(band) }

    /// Calls `body` with bands of opaque rows: the planes, the first row's number and how many.
    func flatten(
        _ planes: PixelPlanes, rows: Int, _ body: (PixelPlanes, Int, Int) throws(DecodeFailure) -> Void
    ) throws(DecodeFailure) {
        var row = 0
        while row < rows {
            let count = min(Self.bandRows, rows - row)
            let part = planes.moved(x: 0, y: row, of: source)
            if let converter {
                try converter.convert(part, rows: count, into: band, stride: stride)
            } else if let first = part.pointers.0 {
                for line in 0..<count {
                    (band + line * stride).update(from: first + line * Int(part.strides.0), count: width * 4)
                }
            }
            for line in 0..<count { Self.flatten(band + line * stride, count: width) }
            try body(PixelPlanes(packed: band, stride: stride), row, count)
            row += count
        }
    }

    /// Multiplies `count` pixels, four bytes each with alpha last, by their alpha, in place; the alpha becomes opaque.
    static func flatten(_ pixels: UnsafeMutablePointer<UInt8>, count: Int) {
        pixels.withMemoryRebound(to: UInt32.self, capacity: count) { words in
            for index in 0..<count {
                let word = words[index]
                let alpha = word >> 24
                if alpha == 255 { continue }
                // x × a / 255, rounded, for two channels at once: (t + (t >> 8)) >> 8 with t = x × a + 128.
                let even = (word & 0x00FF_00FF) &* alpha &+ 0x0080_0080
                let odd = ((word >> 8) & 0xFF) &* alpha &+ 0x80
                let first = ((even &+ ((even >> 8) & 0x00FF_00FF)) >> 8) & 0x00FF_00FF
                let second = (odd &+ (odd >> 8)) & 0xFF00
                words[index] = 0xFF00_0000 | first | second
            }
        }
    }

    /// Any format with alpha to bgra at the same size, band by band.
    private final class Converter {
        private let context: OpaquePointer
        private let source: SourcePixels
        private let width: Int
        /// The last band may be shorter; libswscale is told a height once.
        private var last: (rows: Int, context: OpaquePointer)?

        init(source: SourcePixels, width: Int, rows: Int) throws(DecodeFailure) {
            self.source = source
            self.width = width
            context = try Self.makeContext(source, width: width, rows: rows)
        }

        deinit {
            sws_freeContext(context)
            if let last { sws_freeContext(last.context) }
        }

        func convert(
            _ planes: PixelPlanes, rows: Int, into band: UnsafeMutablePointer<UInt8>, stride: Int
        ) throws(DecodeFailure) {
            var context = self.context
            if rows != AlphaFlattener.bandRows {
                if last?.rows != rows {
                    if let last { sws_freeContext(last.context) }
                    last = nil
                    last = (rows, try Self.makeContext(source, width: width, rows: rows))
                }
                if let last { context = last.context }
            }
            let pointers = [planes.pointers.0, planes.pointers.1, planes.pointers.2, planes.pointers.3]
            let strides = [planes.strides.0, planes.strides.1, planes.strides.2, planes.strides.3]
            let targets: [UnsafeMutablePointer<UInt8>?] = [band, nil, nil, nil]
            sws_scale(context, pointers, strides, 0, CInt(rows), targets, [CInt(stride), 0, 0, 0])
        }

        private static func makeContext(
            _ source: SourcePixels, width: Int, rows: Int
        ) throws(DecodeFailure) -> OpaquePointer {
            guard
                let context = sws_getContext(
                    CInt(width), CInt(rows), source.format, CInt(width), CInt(rows), AV_PIX_FMT_BGRA, SWS_POINT, nil,
                    nil, nil)
            else { throw .outOfMemory(doing: "converting") }
            sws_setColorspaceDetails(
                context, source.coefficients, source.fullRange ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0,
                1 << 16, 1 << 16)
            return context
        }
    }
}
