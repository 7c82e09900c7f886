import CFFmpeg
import CWebP
import DecoderProtocol
import Frames

/// A still WebP. libwebp decodes it whole, as far as the file goes; a large one is shrunk while it is decoded.
struct WebPPhoto: StillPhoto {
    let format = "webp"
    let codec = "webp"
    let size: PixelSize
    let orientation: Orientation
    let taken: Int64?
    private let file: PhotoFile
    private let request: OpenRequest

    init(_ webp: WebPFile, file: PhotoFile, request: OpenRequest) throws(DecodeFailure) {
        self.file = file
        self.request = request
        size = webp.size
        orientation = webp.orientation
        taken = webp.taken
        try Self.cost(webp, picture: nil, placement: nil).admit(limit: request.memoryLimit)
        let placement = FramePlacement(self, request: request)
        try Self.cost(webp, picture: DecodedSize(webp, placement: placement), placement: placement)
            .admit(limit: request.memoryLimit)
    }

    func paint(placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
        // Read again: between two showings its bytes are not kept.
        let webp = try WebPFile(file, request: request)
        guard webp.size == size else { throw .brokenPhoto("WebP", detail: "its size changed while it was read") }
        let decoded = DecodedSize(webp, placement: placement)
        let picture = try WebPPicture(decoded)
        try picture.decode(webp)
        let writer = try PictureWriter(
            source: picture.source, placement: placement.reduced(to: decoded.size), quality: .best)
        try writer.write(picture.planes, into: pixels)
    }

    private static func cost(_ webp: WebPFile, picture: DecodedSize?, placement: FramePlacement?) -> PhotoCost {
        // Inside, a lossless picture takes four bytes a pixel, alpha one; rows of the lossy kind some hundred a column.
        let inside = webp.size.pixelCount * (webp.isLossless ? 4 : webp.hasAlpha ? 1 : 0) + webp.size.width * 128
        return PhotoCost(
            size: webp.size,
            bytes: webp.bytes.count + inside + (picture?.byteCount ?? 0)
                + (placement.map { PictureWriter.byteCount(placement: $0, hasAlpha: false, quality: .best) } ?? 0),
            what: webp.isLossless ? "lossless WebP" : "WebP",
            suggestion: "Make the picture smaller, or save it as JPEG, and upload it again.")
    }

    /// How large libwebp makes the picture: as it is, unless that takes more than needed.
    struct DecodedSize {
        /// 16 million pixels of 4:2:0, and six million of RGB.
        static let most = 24_000_000

        let size: PixelSize
        /// Planes of 4:2:0, as lossy files hold them; else premultiplied BGRA.
        let isYUV: Bool
        let isReduced: Bool

        init(_ webp: WebPFile, placement: FramePlacement) {
            isYUV = !webp.isLossless && !webp.hasAlpha
            let whole = Self.byteCount(webp.size, isYUV: isYUV)
            guard whole > Self.most else {
                size = webp.size
                isReduced = false
                return
            }
            // What the bound allows, but no less than what is shown; libwebp shrinks with a plain average, so that as much
            // as possible is left to the better filter that follows.
            let allowed = (Double(Self.most) / Double(whole)).squareRoot()
            let needed = max(
                Double(placement.scaled.width) / Double(placement.crop.width),
                Double(placement.scaled.height) / Double(placement.crop.height))
            let scale = min(1, max(allowed, needed))
            size = PixelSize(
                width: max(1, Int((Double(webp.size.width) * scale).rounded(.up))),
                height: max(1, Int((Double(webp.size.height) * scale).rounded(.up))))
            isReduced = size != webp.size
        }

        var byteCount: Int { Self.byteCount(size, isYUV: isYUV) }

        private static func byteCount(_ size: PixelSize, isYUV: Bool) -> Int {
            let half = PixelSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2)
            return isYUV ? size.pixelCount + 2 * half.pixelCount : size.pixelCount * 4
        }
    }
}

/// The memory that libwebp decodes into.
private final class WebPPicture {
    let source: SourcePixels
    private let decoded: WebPPhoto.DecodedSize
    private let bytes: UnsafeMutablePointer<UInt8>

    init(_ decoded: WebPPhoto.DecodedSize) throws(DecodeFailure) {
        self.decoded = decoded
        // VP8 is BT.601 in limited range (RFC 6386, 9.2).
        source =
            decoded.isYUV
            ? SourcePixels(
                format: AV_PIX_FMT_YUV420P, size: decoded.size, matrix: AVCOL_SPC_SMPTE170M, range: AVCOL_RANGE_MPEG)
            : SourcePixels(format: AV_PIX_FMT_BGR0, size: decoded.size)
        // The writer reads in whole registers.
        guard let memory = av_mallocz(decoded.byteCount + 64) else { throw .outOfMemory(doing: "decoding") }
        bytes = memory.assumingMemoryBound(to: UInt8.self)
        if decoded.isYUV {
            bytes.update(repeating: 16, count: decoded.size.pixelCount)
            (bytes + decoded.size.pixelCount).update(repeating: 128, count: 2 * half.pixelCount)
        }
    }

    deinit { av_free(bytes) }

    private var half: PixelSize {
        PixelSize(width: (decoded.size.width + 1) / 2, height: (decoded.size.height + 1) / 2)
    }

    var planes: PixelPlanes {
        let size = decoded.size
        let first = UnsafePointer(bytes)
        return decoded.isYUV
            ? PixelPlanes(
                (first, first + size.pixelCount, first + size.pixelCount + half.pixelCount, nil),
                strides: (CInt(size.width), CInt(half.width), CInt(half.width), 0))
            : PixelPlanes(packed: first, stride: size.width * 4)
    }

    /// Decodes as far as the data goes. What does not come stays black. Throws when not even one row came.
    func decode(_ webp: WebPFile) throws(DecodeFailure) {
        // At an address that stays: the decoder keeps pointers into it.
        let config = UnsafeMutablePointer<WebPDecoderConfig>.allocate(capacity: 1)
        defer { config.deallocate() }
        guard WebPInitDecoderConfig(config) != 0 else { throw WebPFile.failure(VP8_STATUS_INVALID_PARAM) }
        if decoded.isReduced {
            config.pointee.options.use_scaling = 1
            config.pointee.options.scaled_width = CInt(decoded.size.width)
            config.pointee.options.scaled_height = CInt(decoded.size.height)
        }
        describeOutput(&config.pointee.output)

        guard let decoder = WebPIDecode(nil, 0, config) else { throw .outOfMemory(doing: "decoding") }
        defer { WebPIDelete(decoder) }
        let status = webp.bytes.withUnsafeBufferPointer { WebPIUpdate(decoder, $0.baseAddress, $0.count) }
        if status == VP8_STATUS_OK { return }
        var rows: CInt = 0
        guard WebPIDecodedArea(decoder, nil, nil, nil, &rows) != nil, rows > 0 else {
            throw WebPFile.failure(status)
        }
    }

    private func describeOutput(_ output: inout WebPDecBuffer) {
        let size = decoded.size
        output.is_external_memory = 1
        output.width = CInt(size.width)
        output.height = CInt(size.height)
        guard decoded.isYUV else {
            // Premultiplied is the same as laid on black.
            output.colorspace = MODE_bgrA
            output.u.RGBA = WebPRGBABuffer(rgba: bytes, stride: CInt(size.width * 4), size: decoded.byteCount)
            return
        }
        output.colorspace = MODE_YUV
        output.u.YUVA = WebPYUVABuffer(
            y: bytes, u: bytes + size.pixelCount, v: bytes + size.pixelCount + half.pixelCount, a: nil,
            y_stride: CInt(size.width), u_stride: CInt(half.width), v_stride: CInt(half.width), a_stride: 0,
            y_size: size.pixelCount, u_size: half.pixelCount, v_size: half.pixelCount, a_size: 0)
    }
}
