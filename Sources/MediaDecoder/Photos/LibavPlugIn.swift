import CFFmpeg
import CHeif

/// libavcodec as libheif's decoder of HEVC and AV1, before libheif's own.
///
/// For 24 million pixels of HEVC in one piece libde265 takes 160 MB: it keeps a second picture for its filters, and libheif
/// a copy. libavcodec filters in place, and its picture is given back plane by plane as it is copied.
enum LibavPlugIn {
    /// Registers both, once for the process. Their priority is above the usual 100, so that libheif asks them first.
    static let isRegistered: Bool = {
        let hevc = register("libavcodec HEVC") { plugIn in
            plugIn.does_support_format = { format in
                format == heif_compression_HEVC ? priority(AV_CODEC_ID_HEVC) : 0
            }
            plugIn.new_decoder = { newDecoder(AV_CODEC_ID_HEVC, into: $0) }
        }
        let av1 = register("libavcodec AV1") { plugIn in
            plugIn.does_support_format = { format in
                format == heif_compression_AV1 ? priority(AV_CODEC_ID_AV1) : 0
            }
            plugIn.new_decoder = { newDecoder(AV_CODEC_ID_AV1, into: $0) }
        }
        return hevc && av1
    }()

    private static func register(
        _ name: StaticString, _ describe: (inout heif_decoder_plugin) -> Void
    ) -> Bool {
        var plugIn = heif_decoder_plugin()
        plugIn.plugin_api_version = 3
        plugIn.get_plugin_name = { words("libavcodec") }
        plugIn.init_plugin = {}
        plugIn.deinit_plugin = {}
        plugIn.free_decoder = { decoder in
            if let decoder { Unmanaged<CodedPicture>.fromOpaque(decoder).release() }
        }
        plugIn.push_data = { decoder, data, count in
            guard let decoder, let data else { return failure("no data") }
            let picture = Unmanaged<CodedPicture>.fromOpaque(decoder).takeUnretainedValue()
            return picture.append(data, count: count) ? success : failure("its coded picture makes no sense")
        }
        plugIn.decode_image = { decoder, image in
            guard let decoder, let image else { return failure("no data") }
            let picture = Unmanaged<CodedPicture>.fromOpaque(decoder).takeUnretainedValue()
            guard let frame = picture.decode() else { return failure("its coded picture is damaged") }
            var taken: UnsafeMutablePointer<AVFrame>? = frame
            defer { av_frame_free(&taken) }
            guard let copy = heifImage(takingPlanesOf: frame) else {
                return failure("its pixels are of an unusual format")
            }
            image.pointee = copy
            return success
        }
        plugIn.set_strict_decoding = { _, _ in }
        plugIn.id_name = words(name)
        describe(&plugIn)
        // libheif keeps the address for good.
        let kept = UnsafeMutablePointer<heif_decoder_plugin>.allocate(capacity: 1)
        kept.initialize(to: plugIn)
        return heif_register_decoder_plugin(kept).code == heif_error_Ok
    }

    private static func priority(_ codec: AVCodecID) -> CInt { avcodec_find_decoder(codec) == nil ? 0 : 200 }

    private static func newDecoder(
        _ codec: AVCodecID, into decoder: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> heif_error {
        guard let decoder, let picture = CodedPicture(codec) else { return failure("not enough memory") }
        decoder.pointee = Unmanaged.passRetained(picture).toOpaque()
        return success
    }

    private static var success: heif_error {
        heif_error(code: heif_error_Ok, subcode: heif_suberror_Unspecified, message: words("Success"))
    }

    private static func failure(_ reason: StaticString) -> heif_error {
        heif_error(
            code: heif_error_Decoder_plugin_error, subcode: heif_suberror_Unspecified, message: words(reason))
    }

    /// Literals live as long as the process, and end in a zero byte.
    private static func words(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// libheif's picture with a frame's pixels. Each plane is freed as soon as it is copied.
    private static func heifImage(takingPlanesOf frame: UnsafeMutablePointer<AVFrame>) -> OpaquePointer? {
        let format = AVPixelFormat(rawValue: frame.pointee.format)
        guard let description = av_pix_fmt_desc_get(format),
            let layout = PlaneLayout(format: format, description: description.pointee)
        else { return nil }
        var image: OpaquePointer?
        let width = frame.pointee.width
        let height = frame.pointee.height
        guard heif_image_create(width, height, layout.space, layout.chroma, &image).code == heif_error_Ok, let image
        else { return nil }
        for (index, channel) in layout.channels.enumerated() {
            let shift = index == 0 ? (x: CInt(0), y: CInt(0)) : layout.shift
            let columns = -(-width >> shift.x)
            let rows = -(-height >> shift.y)
            var stride: CInt = 0
            guard heif_image_add_plane(image, channel, columns, rows, CInt(layout.depth)).code == heif_error_Ok,
                let target = heif_image_get_plane(image, channel, &stride),
                let (source, sourceStride) = plane(frame, index)
            else {
                heif_image_release(image)
                return nil
            }
            av_image_copy_plane(
                target, stride, source, sourceStride, columns * (layout.depth > 8 ? 2 : 1), rows)
            release(frame, index, of: layout.channels.count)
        }
        setColour(image, frame.pointee)
        return image
    }

    private static func plane(
        _ frame: UnsafeMutablePointer<AVFrame>, _ index: Int
    ) -> (UnsafePointer<UInt8>, CInt)? {
        let data = frame.pointee.data
        let strides = frame.pointee.linesize
        let (pointer, stride) =
            switch index {
            case 0: (data.0, strides.0)
            case 1: (data.1, strides.1)
            default: (data.2, strides.2)
            }
        return pointer.map { (UnsafePointer($0), stride) }
    }

    private static func release(_ frame: UnsafeMutablePointer<AVFrame>, _ index: Int, of count: Int) {
        // Only when each plane has a buffer of its own.
        guard count == 1 || (frame.pointee.buf.1 != nil && frame.pointee.buf.2 != nil) else { return }
        switch index {
        case 0: av_buffer_unref(&frame.pointee.buf.0)
        case 1: av_buffer_unref(&frame.pointee.buf.1)
        default: av_buffer_unref(&frame.pointee.buf.2)
        }
    }

    /// What the coded picture says of its colours counts where the file says nothing.
    private static func setColour(_ image: OpaquePointer, _ frame: AVFrame) {
        guard let profile = heif_nclx_color_profile_alloc() else { return }
        defer { heif_nclx_color_profile_free(profile) }
        profile.pointee.full_range_flag = frame.color_range == AVCOL_RANGE_JPEG ? 1 : 0
        // Values that libheif does not know stay at its defaults.
        _ = heif_nclx_color_profile_set_color_primaries(profile, UInt16(frame.color_primaries.rawValue))
        _ = heif_nclx_color_profile_set_transfer_characteristics(profile, UInt16(frame.color_trc.rawValue))
        _ = heif_nclx_color_profile_set_matrix_coefficients(profile, UInt16(frame.colorspace.rawValue))
        _ = heif_image_set_nclx_color_profile(image, profile)
    }
}

/// How a pixel format's planes are called by libheif.
private struct PlaneLayout {
    var space: heif_colorspace
    var chroma: heif_chroma
    var channels: [heif_channel]
    var shift: (x: CInt, y: CInt)
    var depth: Int

    /// nil for red, green and blue, which libheif's own decoders are for.
    init?(format: AVPixelFormat, description: AVPixFmtDescriptor) {
        let flags = description.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_HWACCEL)
        depth = Int(description.comp.0.depth)
        guard flags == 0, (8...12).contains(depth) else { return nil }
        shift = (CInt(description.log2_chroma_w), CInt(description.log2_chroma_h))
        space = heif_colorspace_YCbCr
        channels = [heif_channel_Y, heif_channel_Cb, heif_channel_Cr]
        switch (description.nb_components, shift.x, shift.y) {
        case (1, _, _):
            space = heif_colorspace_monochrome
            chroma = heif_chroma_monochrome
            channels = [heif_channel_Y]
        case (3, 1, 1): chroma = heif_chroma_420
        case (3, 1, 0): chroma = heif_chroma_422
        case (3, 0, 0): chroma = heif_chroma_444
        default: return nil
        }
    }
}
