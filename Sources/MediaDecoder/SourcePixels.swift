import CFFmpeg
import Frames

/// What decoded pixels are, as the scaler must know them.
struct SourcePixels: Equatable {
    /// The `yuvj…` formats are kept as their plain counterparts with `fullRange`.
    private(set) var format: AVPixelFormat
    var size: PixelSize
    private(set) var matrix: AVColorSpace
    private(set) var fullRange: Bool
    private(set) var light: SourceLight

    /// - Parameters:
    ///   - matrix: `AVCOL_SPC_UNSPECIFIED` is decided by size, as players and browsers do: BT.709 for high definition
    ///     (films of 1280×536 included), BT.601 otherwise; BT.2020 for high dynamic range.
    ///   - range: `AVCOL_RANGE_UNSPECIFIED` is limited for YUV, and full for everything else.
    init(
        format: AVPixelFormat, size: PixelSize, matrix: AVColorSpace = AVCOL_SPC_UNSPECIFIED,
        range: AVColorRange = AVCOL_RANGE_UNSPECIFIED, light: SourceLight = .standard
    ) {
        let plain = Self.withoutRange(format)
        self.format = plain
        self.size = size
        self.light = light
        let isYUV = Self.isYUV(plain)
        fullRange = range == AVCOL_RANGE_JPEG || plain != format || !isYUV
        if matrix != AVCOL_SPC_UNSPECIFIED && matrix != AVCOL_SPC_RESERVED && matrix != AVCOL_SPC_RGB {
            self.matrix = matrix
        } else if light.needsMapping {
            self.matrix = AVCOL_SPC_BT2020_NCL
        } else {
            self.matrix = size.width >= 1280 || size.height > 576 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M
        }
    }

    /// Brightness and colour apart, with colour at all.
    var isYUV: Bool { Self.isYUV(format) }

    private static func isYUV(_ format: AVPixelFormat) -> Bool {
        guard let description = av_pix_fmt_desc_get(format)?.pointee else { return false }
        let flags = UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)
        return description.flags & flags == 0 && description.nb_components >= 3
    }

    /// Alpha that has to be taken away before scaling, a palette's included.
    var hasAlpha: Bool {
        let flags = av_pix_fmt_desc_get(format)?.pointee.flags ?? 0
        return flags & UInt64(AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL) != 0
    }

    /// libswscale's numbers for the matrix.
    var coefficients: UnsafePointer<CInt> {
        switch matrix {
        case AVCOL_SPC_FCC: sws_getCoefficients(SWS_CS_FCC)
        case AVCOL_SPC_SMPTE240M: sws_getCoefficients(SWS_CS_SMPTE240M)
        default: Self.coefficients(of: known ?? .bt601)
        }
    }

    static func coefficients(of matrix: ColourCoding.Matrix) -> UnsafePointer<CInt> {
        switch matrix {
        case .bt601: sws_getCoefficients(SWS_CS_ITU601)
        case .bt709: sws_getCoefficients(SWS_CS_ITU709)
        case .bt2020: sws_getCoefficients(SWS_CS_BT2020)
        }
    }

    private var known: ColourCoding.Matrix? {
        switch matrix {
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: .bt601
        case AVCOL_SPC_BT709: .bt709
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: .bt2020
        default: nil
        }
    }

    /// How a display that takes YUV is to read it; nil where it cannot be shown right so.
    var coding: ColourCoding? {
        guard isYUV, !hasAlpha, !light.needsMapping, let known else { return nil }
        return ColourCoding(matrix: known, isFullRange: fullRange)
    }

    /// Rows and columns that share a chroma sample, as powers of two.
    var chromaShift: (x: Int, y: Int) {
        guard let description = av_pix_fmt_desc_get(format) else { return (0, 0) }
        return (Int(description.pointee.log2_chroma_w), Int(description.pointee.log2_chroma_h))
    }

    /// Bytes from the start of a plane's row to the pixel at `x`.
    func byteOffset(x: Int, plane: Int) -> Int {
        x == 0 ? 0 : Int(av_image_get_linesize(format, CInt(x), CInt(plane)))
    }

    /// Rows that a plane has for `rows` rows of the picture.
    func planeRows(_ rows: Int, plane: Int) -> Int {
        let shift = plane == 1 || plane == 2 ? chromaShift.y : 0
        return (rows + (1 << shift) - 1) >> shift
    }

    /// A palette is not pixels: its plane goes with every row.
    var paletteFollows: Bool {
        let flags = av_pix_fmt_desc_get(format)?.pointee.flags ?? 0
        return flags & UInt64(AV_PIX_FMT_FLAG_PAL) != 0
    }

    private static func withoutRange(_ format: AVPixelFormat) -> AVPixelFormat {
        switch format {
        case AV_PIX_FMT_YUVJ420P: AV_PIX_FMT_YUV420P
        case AV_PIX_FMT_YUVJ411P: AV_PIX_FMT_YUV411P
        case AV_PIX_FMT_YUVJ422P: AV_PIX_FMT_YUV422P
        case AV_PIX_FMT_YUVJ444P: AV_PIX_FMT_YUV444P
        case AV_PIX_FMT_YUVJ440P: AV_PIX_FMT_YUV440P
        default: format
        }
    }
}

/// The planes of a picture, or of some of its rows, in memory that somebody else keeps.
struct PixelPlanes {
    var pointers: (UnsafePointer<UInt8>?, UnsafePointer<UInt8>?, UnsafePointer<UInt8>?, UnsafePointer<UInt8>?)
    /// Bytes from one row to the next.
    var strides: (CInt, CInt, CInt, CInt)

    /// Packed pixels: one plane.
    init(packed pointer: UnsafePointer<UInt8>, stride: Int) {
        pointers = (pointer, nil, nil, nil)
        strides = (CInt(stride), 0, 0, 0)
    }

    init(
        _ pointers: (UnsafePointer<UInt8>?, UnsafePointer<UInt8>?, UnsafePointer<UInt8>?, UnsafePointer<UInt8>?),
        strides: (CInt, CInt, CInt, CInt)
    ) {
        self.pointers = pointers
        self.strides = strides
    }

    /// The same rows from column `x` and row `y` on.
    func moved(x: Int, y: Int, of source: SourcePixels) -> PixelPlanes {
        func move(_ pointer: UnsafePointer<UInt8>?, _ stride: CInt, _ plane: Int) -> UnsafePointer<UInt8>? {
            guard let pointer, !(plane == 1 && source.paletteFollows) else { return pointer }
            let shift = plane == 1 || plane == 2 ? source.chromaShift.y : 0
            return pointer + source.byteOffset(x: x, plane: plane) + (y >> shift) * Int(stride)
        }
        var result = self
        result.pointers = (
            move(pointers.0, strides.0, 0), move(pointers.1, strides.1, 1), move(pointers.2, strides.2, 2),
            move(pointers.3, strides.3, 3)
        )
        return result
    }
}
