import CFFmpeg
import CHeif
import DecoderProtocol
import Frames

/// A decoded picture, or a tile of one, in libheif's memory.
final class HEIFPicture {
    /// How the pixels are asked for.
    enum Kind: Equatable {
        /// Planes, as HEVC and AV1 have them: half the memory of RGB, and more with 4:2:0. Eight bits or more.
        case planes(heif_chroma)
        /// Four bytes a pixel: for what has alpha, and for what is coded as RGB.
        case rgba
    }

    private let image: OpaquePointer

    init(
        _ file: HEIFFile, kind: Kind, tile: (column: UInt32, row: UInt32)? = nil
    ) throws(DecodeFailure) {
        guard let options = heif_decoding_options_alloc() else { throw .outOfMemory(doing: "decoding") }
        defer { heif_decoding_options_free(options) }
        let space: heif_colorspace
        let chroma: heif_chroma
        switch kind {
        case .planes(let wanted):
            space = heif_colorspace_YCbCr
            chroma = wanted
        case .rgba:
            space = heif_colorspace_RGB
            chroma = heif_chroma_interleaved_RGBA
            options.pointee.convert_hdr_to_8bit = 1
        }
        var image: OpaquePointer?
        let error =
            if let tile {
                vitrine_heif_decode_tile(file.handle, &image, space, chroma, options, tile.column, tile.row)
            } else {
                heif_decode_image(file.handle, &image, space, chroma, options)
            }
        guard error.code == heif_error_Ok, let image else { throw file.failure(error) }
        self.image = image
    }

    deinit { heif_image_release(image) }

    var size: PixelSize {
        PixelSize(width: Int(heif_image_get_primary_width(image)), height: Int(heif_image_get_primary_height(image)))
    }

    /// What the scaler has to know of it; nil for what it cannot read.
    func source(isPremultiplied: Bool) -> SourcePixels? {
        if heif_image_has_channel(image, heif_channel_interleaved) != 0 {
            // Premultiplied is the same as laid on black.
            return SourcePixels(format: isPremultiplied ? AV_PIX_FMT_RGB0 : AV_PIX_FMT_RGBA, size: size)
        }
        let depth = Int(heif_image_get_bits_per_pixel_range(image, heif_channel_Y))
        guard heif_image_has_channel(image, heif_channel_Cb) != 0, heif_image_has_channel(image, heif_channel_Cr) != 0,
            let format = Self.format(chroma: heif_image_get_chroma_format(image), depth: depth)
        else { return nil }
        let colour = self.colour
        return SourcePixels(format: format, size: size, matrix: colour.matrix, range: colour.range)
    }

    var planes: PixelPlanes {
        if heif_image_has_channel(image, heif_channel_interleaved) != 0 {
            let (pointer, stride) = plane(heif_channel_interleaved)
            return PixelPlanes((pointer, nil, nil, nil), strides: (stride, 0, 0, 0))
        }
        let (y, yStride) = plane(heif_channel_Y)
        let (cb, cbStride) = plane(heif_channel_Cb)
        let (cr, crStride) = plane(heif_channel_Cr)
        return PixelPlanes((y, cb, cr, nil), strides: (yStride, cbStride, crStride, 0))
    }

    private func plane(_ channel: heif_channel) -> (UnsafePointer<UInt8>?, CInt) {
        var stride: CInt = 0
        let pointer = heif_image_get_plane_readonly(image, channel, &stride)
        return (pointer, stride)
    }

    /// Without a word in the file: BT.601 in full range (ISO/IEC 23000-22, 7.3.6.4). An ICC profile is ignored.
    private var colour: (matrix: AVColorSpace, range: AVColorRange) {
        var profile: UnsafeMutablePointer<heif_color_profile_nclx>?
        guard heif_image_get_nclx_color_profile(image, &profile).code == heif_error_Ok, let profile else {
            return (AVCOL_SPC_SMPTE170M, AVCOL_RANGE_JPEG)
        }
        defer { heif_nclx_color_profile_free(profile) }
        // Both enumerations are those of ISO/IEC 23091-2.
        let matrix =
            switch profile.pointee.matrix_coefficients {
            case heif_matrix_coefficients_unspecified, heif_matrix_coefficients_RGB_GBR: AVCOL_SPC_SMPTE170M
            case let other: AVColorSpace(rawValue: AVColorSpace.RawValue(other.rawValue))
            }
        return (matrix, profile.pointee.full_range_flag != 0 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG)
    }

    private static func format(chroma: heif_chroma, depth: Int) -> AVPixelFormat? {
        switch (chroma, depth) {
        case (heif_chroma_420, 8): AV_PIX_FMT_YUV420P
        case (heif_chroma_420, 10): AV_PIX_FMT_YUV420P10LE
        case (heif_chroma_420, 12): AV_PIX_FMT_YUV420P12LE
        case (heif_chroma_422, 8): AV_PIX_FMT_YUV422P
        case (heif_chroma_422, 10): AV_PIX_FMT_YUV422P10LE
        case (heif_chroma_422, 12): AV_PIX_FMT_YUV422P12LE
        case (heif_chroma_444, 8): AV_PIX_FMT_YUV444P
        case (heif_chroma_444, 10): AV_PIX_FMT_YUV444P10LE
        case (heif_chroma_444, 12): AV_PIX_FMT_YUV444P12LE
        default: nil
        }
    }
}
