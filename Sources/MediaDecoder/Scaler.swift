import CFFmpeg
import DecoderProtocol
import Frames

/// libswscale: pixels of any format to xrgb8888, or to three planes of 12 bits, of another size, in bands from the top.
final class Scaler {
    /// Where scaled rows go.
    struct Target {
        var first: UnsafeMutableRawPointer
        /// Negative to write upwards.
        var stride: Int
        /// Bytes from the green row to the blue, and to the red, where they come apart.
        var planes: Int?
    }

    private let context: OpaquePointer
    private let palette: Bool

    init(source: SourcePixels, target: PixelSize, quality: PictureWriter.Quality) throws(DecodeFailure) {
        let format = source.light.needsMapping ? AV_PIX_FMT_GBRP12LE : AV_PIX_FMT_BGR0
        palette = source.paletteFollows
        guard sws_isSupportedInput(source.format) != 0 else {
            let name = av_get_pix_fmt_name(source.format).map { String(cString: $0) } ?? "unknown"
            throw DecodeFailure(
                code: .unsupported, reason: "Pixels of the format \(name) cannot be converted.",
                suggestion: "Save it in a more common format.")
        }
        guard
            let context = sws_getContext(
                CInt(source.size.width), CInt(source.size.height), source.format, CInt(target.width),
                CInt(target.height), format, Self.flags(source, target, quality), nil, nil, nil)
        else { throw .outOfMemory(doing: "scaling") }
        self.context = context
        // Full range on the way out: that is what RGB is. Brightness, contrast and saturation in 16.16 stay as they are.
        sws_setColorspaceDetails(
            context, source.coefficients, source.fullRange ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16,
            1 << 16)
    }

    deinit { sws_freeContext(context) }

    /// Scales rows `row..<row + count` of the source; bands follow each other without a gap. Nothing is kept between
    /// pictures: libswscale begins anew at row 0.
    ///
    /// - Returns: how many rows came of it; they lie where they belong in the whole picture at `target`.
    func scale(_ planes: PixelPlanes, row: Int, count: Int, into target: Target) throws(DecodeFailure) -> Int {
        var result: CInt = 0
        withUnsafePointer(to: planes.pointers) { pointers in
            withUnsafePointer(to: planes.strides) { strides in
                pointers.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 4) { sourcePointers in
                    strides.withMemoryRebound(to: CInt.self, capacity: 4) { sourceStrides in
                        let first = target.first.assumingMemoryBound(to: UInt8.self)
                        let further = target.planes.map { [first + $0, first + 2 * $0] } ?? [nil, nil]
                        let targets: [UnsafeMutablePointer<UInt8>?] = [first] + further + [nil]
                        let stride = CInt(target.stride)
                        let next = target.planes == nil ? 0 : stride
                        result = sws_scale(
                            context, sourcePointers, sourceStrides, CInt(row), CInt(count), targets,
                            [stride, next, next, 0])
                    }
                }
            }
        }
        if result == vitrine_averror(ENOMEM) { throw .outOfMemory(doing: "scaling") }
        if result < 0 {
            throw DecodeFailure(
                code: .broken, reason: "The picture could not be converted (\(AVError.text(result))).",
                suggestion: "Save it again with another program.")
        }
        return Int(result)
    }

    private static func flags(_ pixels: SourcePixels, _ target: PixelSize, _ quality: PictureWriter.Quality) -> CInt {
        // Of RGB, two pixels make one of colour; in an odd row the last would be made with what lies behind the row.
        let whole = !pixels.isYUV && pixels.size.width % 2 == 1 ? SWS_FULL_CHR_H_INP : 0
        return filter(pixels, target, quality) | whole
    }

    /// libswscale's filters hold 256 taps; beyond, it would cascade, which takes no bands. An average over the area needs
    /// fewer taps than interpolation, and picking one pixel needs none.
    private static func filter(_ pixels: SourcePixels, _ target: PixelSize, _ quality: PictureWriter.Quality) -> CInt {
        let source = pixels.size
        let ratio = max(source.width / max(1, target.width), source.height / max(1, target.height))
        if ratio > 200 { return SWS_POINT }
        if ratio > 30 { return SWS_AREA }
        switch quality {
        case .fast: return target.width > source.width && pixels.isYUV ? SWS_BICUBIC : SWS_BILINEAR
        case .best: return SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP
        }
    }
}
