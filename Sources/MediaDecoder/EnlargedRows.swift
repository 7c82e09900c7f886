import CFFmpeg
import DecoderProtocol
import Frames

/// Rows of YUV 4:2:0 in their final size, a few at a time, on their way to XRGB.
///
/// libswscale scales planes with assembler, and converts planes that keep their size with assembler; what does both at once
/// has none on ARM, and for an odd width nowhere. In two steps, 426×240 to 639×360 takes a sixth of the instructions on
/// arm64, and less elsewhere, too. The rows stay in the processor's cache in between.
///
/// They are converted in whole vectors: for other widths ARM has no assembler, and what is written in C leaves an odd last
/// column out (libswscale's yuv2rgb.c goes by pairs). So a row of the target must have room for as much.
final class EnlargedRows {
    /// Rows that are asked for at a time.
    private static let rows = 64
    /// Pixels that the assembler converts at a time.
    private static let vector = 16

    private let size: PixelSize
    private let context: OpaquePointer
    private let strides: (luma: Int, chroma: Int)
    private let luma: UnsafeMutablePointer<UInt8>
    private let chroma: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)
    private let capacity: Int
    /// Which row of the picture lies first here, an even one; and how many rows of the picture have come in all.
    private var first = 0
    private var received = 0

    /// Source rows that may be scaled at a time: what they yield has room here.
    let sourceRows: Int

    /// Whether this way is taken: only to enlarge, since a picture made smaller has more colour than 4:2:0 would keep; and
    /// only to an even height, since for an odd one libswscale's second step is no quicker, and holds rows back.
    ///
    /// - Parameter stride: bytes from one row of the target to the next.
    static func isNeeded(
        _ source: SourcePixels, _ target: PixelSize, stride: Int, _ output: Scaler.Output
    ) -> Bool {
        source.format == AV_PIX_FMT_YUV420P && output == .xrgb && enlarges(source.size, to: target)
            && target.height % 2 == 0 && converted(target.width) * 4 <= stride
    }

    /// Whether it is made larger one way at least, and smaller none.
    static func enlarges(_ source: PixelSize, to target: PixelSize) -> Bool {
        target != source && target.width >= source.width && target.height >= source.height
    }

    /// What it allocates for pictures of `sourceHeight` rows, in bytes.
    static func byteCount(_ target: PixelSize, sourceHeight: Int) -> Int {
        let strides = strides(target)
        return (strides.luma + strides.chroma) * plan(target, sourceHeight: sourceHeight).capacity
    }

    private static func plan(_ target: PixelSize, sourceHeight: Int) -> (sourceRows: Int, capacity: Int) {
        let (sourceRows, most) = Scaler.band(of: rows, height: target.height, sourceHeight: sourceHeight)
        return (sourceRows, min(target.height, most) / 2 * 2 + 2)
    }

    /// Scaling writes whole vectors, too.
    private static func strides(_ target: PixelSize) -> (luma: Int, chroma: Int) {
        ((target.width + 127) / 64 * 64, ((target.width + 1) / 2 + 127) / 64 * 64)
    }

    private static func converted(_ width: Int) -> Int { (width + vector - 1) / vector * vector }

    init(source: SourcePixels, target: PixelSize) throws(DecodeFailure) {
        size = target
        (sourceRows, capacity) = Self.plan(target, sourceHeight: source.size.height)
        strides = Self.strides(target)
        let width = CInt(Self.converted(target.width))
        guard
            let context = sws_getContext(
                width, CInt(target.height), AV_PIX_FMT_YUV420P, width, CInt(target.height), AV_PIX_FMT_BGR0,
                SWS_BILINEAR, nil, nil, nil)
        else { throw .outOfMemory(doing: "scaling") }
        // What is right of the picture is converted, too, and should be the same each time.
        guard let memory = av_mallocz((strides.luma + strides.chroma) * capacity) else {
            sws_freeContext(context)
            throw .outOfMemory(doing: "scaling")
        }
        self.context = context
        luma = memory.assumingMemoryBound(to: UInt8.self)
        let half = strides.chroma * (capacity / 2)
        chroma = (luma + strides.luma * capacity, luma + strides.luma * capacity + half)
        sws_setColorspaceDetails(
            context, source.coefficients, source.fullRange ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16,
            1 << 16)
    }

    deinit {
        sws_freeContext(context)
        av_free(luma)
    }

    func begin() {
        first = 0
        received = 0
    }

    /// Where the scaler is to put its rows. It counts them from the top of the picture.
    var target: Scaler.Target {
        let half = first / 2
        return Scaler.Target(planes: [
            (UnsafeMutableRawPointer(luma) - first * strides.luma, strides.luma),
            (UnsafeMutableRawPointer(chroma.0) - half * strides.chroma, strides.chroma),
            (UnsafeMutableRawPointer(chroma.1) - half * strides.chroma, strides.chroma),
        ])
    }

    /// Converts what the scaler has put here, as far as it makes whole rows of colour.
    ///
    /// - Returns: how many rows.
    func take(_ count: Int, into target: Scaler.Target) throws(DecodeFailure) -> Int {
        received += count
        let waiting = received - first
        precondition(waiting <= capacity && received <= size.height, "the scaler gave more rows than it has")
        let ready = received == size.height ? waiting : waiting / 2 * 2
        guard ready > 0, let plane = target.planes.first else { return 0 }
        let sources: [UnsafePointer<UInt8>?] = [
            UnsafePointer(luma), UnsafePointer(chroma.0), UnsafePointer(chroma.1), nil,
        ]
        let sourceStrides = [CInt(strides.luma), CInt(strides.chroma), CInt(strides.chroma), 0]
        let targets = [plane.first.assumingMemoryBound(to: UInt8.self), nil, nil, nil]
        let made = sws_scale(
            context, sources, sourceStrides, CInt(first), CInt(ready), targets, [CInt(plane.stride), 0, 0, 0])
        try Scaler.check(made)
        if ready < waiting {
            luma.update(from: luma + ready * strides.luma, count: strides.luma)
            chroma.0.update(from: chroma.0 + ready / 2 * strides.chroma, count: strides.chroma)
            chroma.1.update(from: chroma.1 + ready / 2 * strides.chroma, count: strides.chroma)
        }
        first += ready
        return ready
    }
}
