import CFFmpeg
import DecoderProtocol
import Frames

/// libswscale: pixels of any format to another size and format, in bands from the top.
final class Scaler {
    /// Where scaled rows go: the first row of each plane, and the bytes to the next, negative to write upwards.
    struct Target {
        var planes: [(first: UnsafeMutableRawPointer, stride: Int)]

        init(first: UnsafeMutableRawPointer, stride: Int) { planes = [(first, stride)] }

        init(planes: [(first: UnsafeMutableRawPointer, stride: Int)]) { self.planes = planes }
    }

    /// What comes out.
    enum Output: Equatable {
        case xrgb
        /// Planes of green, blue and red, 12 bits in 16.
        case deepPlanes
        case yuv420(ColourCoding)
        case nv12(ColourCoding)

        fileprivate var format: AVPixelFormat {
            switch self {
            case .xrgb: AV_PIX_FMT_BGR0
            case .deepPlanes: AV_PIX_FMT_GBRP12LE
            case .yuv420: AV_PIX_FMT_YUV420P
            case .nv12: AV_PIX_FMT_NV12
            }
        }

        /// Full range and any matrix for RGB.
        fileprivate var coding: ColourCoding {
            switch self {
            case .xrgb, .deepPlanes: ColourCoding(matrix: .bt601, isFullRange: true)
            case .yuv420(let coding), .nv12(let coding): coding
            }
        }
    }

    private let source: SourcePixels
    private let context: OpaquePointer
    private let palette: Bool
    /// Where pictures become XRGB in a second step.
    private let enlarged: EnlargedRows?

    /// - Parameter stride: bytes from one row of XRGB to the next, where it is put.
    init(
        source: SourcePixels, target: PixelSize, stride: Int, output: Output, quality: PictureWriter.Quality
    ) throws(DecodeFailure) {
        self.source = source
        palette = source.paletteFollows
        guard sws_isSupportedInput(source.format) != 0 else {
            let name = av_get_pix_fmt_name(source.format).map { String(cString: $0) } ?? "unknown"
            throw DecodeFailure(
                code: .unsupported, reason: "Pixels of the format \(name) cannot be converted.",
                suggestion: "Save it in a more common format.")
        }
        let enlarged =
            quality == .fast && EnlargedRows.isNeeded(source, target, stride: stride, output)
            ? try EnlargedRows(source: source, target: target) : nil
        self.enlarged = enlarged
        guard
            let context = sws_getContext(
                CInt(source.size.width), CInt(source.size.height), source.format, CInt(target.width),
                CInt(target.height), enlarged == nil ? output.format : AV_PIX_FMT_YUV420P,
                Self.flags(source, target, quality), nil, nil, nil)
        else { throw .outOfMemory(doing: "scaling") }
        self.context = context
        // Brightness, contrast and saturation in 16.16 stay as they are.
        sws_setColorspaceDetails(
            context, source.coefficients, source.fullRange ? 1 : 0,
            enlarged == nil ? SourcePixels.coefficients(of: output.coding.matrix) : source.coefficients,
            (enlarged == nil ? output.coding.isFullRange : source.fullRange) ? 1 : 0, 0, 1 << 16, 1 << 16)
    }

    deinit { sws_freeContext(context) }

    /// Scales rows `row..<row + count` of the source; bands follow each other without a gap. Nothing is kept between
    /// pictures: libswscale begins anew at row 0.
    ///
    /// - Returns: how many rows came of it; they lie where they belong in the whole picture at `target`.
    func scale(_ planes: PixelPlanes, row: Int, count: Int, into target: Target) throws(DecodeFailure) -> Int {
        guard let enlarged else { return try step(planes, row: row, count: count, into: target) }
        if row == 0 { enlarged.begin() }
        var done = 0
        var result = 0
        while done < count {
            let rows = min(enlarged.sourceRows, count - done)
            let part = planes.moved(x: 0, y: done, of: source)
            let made = try step(part, row: row + done, count: rows, into: enlarged.target)
            result += try enlarged.take(made, into: target)
            done += rows
        }
        return result
    }

    private func step(_ planes: PixelPlanes, row: Int, count: Int, into target: Target) throws(DecodeFailure) -> Int {
        var result: CInt = 0
        withUnsafePointer(to: planes.pointers) { pointers in
            withUnsafePointer(to: planes.strides) { strides in
                pointers.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 4) { sourcePointers in
                    strides.withMemoryRebound(to: CInt.self, capacity: 4) { sourceStrides in
                        var targets = [UnsafeMutablePointer<UInt8>?](repeating: nil, count: 4)
                        var targetStrides = [CInt](repeating: 0, count: 4)
                        for (index, plane) in target.planes.prefix(4).enumerated() {
                            targets[index] = plane.first.assumingMemoryBound(to: UInt8.self)
                            targetStrides[index] = CInt(plane.stride)
                        }
                        result = sws_scale(
                            context, sourcePointers, sourceStrides, CInt(row), CInt(count), targets, targetStrides)
                    }
                }
            }
        }
        try Self.check(result)
        return Int(result)
    }

    /// About so many rows of a picture that is made `height` high of `sourceHeight` rows.
    ///
    /// - Returns: how many source rows that takes, whole groups of chroma rows; and how many rows may come of them at once.
    static func band(of rows: Int, height: Int, sourceHeight: Int) -> (sourceRows: Int, most: Int) {
        let scale = Double(height) / Double(max(1, sourceHeight))
        let wanted = Int(min(1_048_576, Double(rows) / scale))
        let sourceRows = max(16, wanted / 16 * 16)
        // libswscale holds rows back until the ones below that its filter needs have come, and gives them with those: two
        // for luma, twice as many for chroma, and not more than that many of its own where it makes the picture smaller.
        return (sourceRows, Int((Double(sourceRows + 16) * scale).rounded(.up)) + 16)
    }

    /// Throws what libswscale answers instead of a number of rows.
    static func check(_ result: CInt) throws(DecodeFailure) {
        if result == vitrine_averror(ENOMEM) { throw .outOfMemory(doing: "scaling") }
        if result < 0 {
            throw DecodeFailure(
                code: .broken, reason: "The picture could not be converted (\(AVError.text(result))).",
                suggestion: "Save it again with another program.")
        }
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
