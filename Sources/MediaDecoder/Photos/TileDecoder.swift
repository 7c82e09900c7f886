import CFFmpeg
import DecoderProtocol
import Frames

/// libavcodec on the coded pictures of a HEIF file, one after the other.
final class TileDecoder {
    private var context: UnsafeMutablePointer<AVCodecContext>?

    static func canDecode(_ coding: HEIFTiling.Coding) -> Bool { codec(coding) != nil }

    private static func codec(_ coding: HEIFTiling.Coding) -> UnsafePointer<AVCodec>? {
        avcodec_find_decoder(coding == .hevc ? AV_CODEC_ID_HEVC : AV_CODEC_ID_AV1)
    }

    init(_ tiling: HEIFTiling, threads: Int) throws(DecodeFailure) {
        guard let codec = Self.codec(tiling.coding), let context = avcodec_alloc_context3(codec) else {
            throw .outOfMemory(doing: "decoding")
        }
        self.context = context
        // Rows of blocks in parallel share one picture; whole pictures in parallel would each take their own.
        context.pointee.thread_type = FF_THREAD_SLICE
        context.pointee.thread_count = tiling.coding == .hevc ? CInt(max(1, threads)) : 1
        context.pointee.max_pixels = Int64(PhotoCost.mostPixels)
        if !tiling.configuration.isEmpty {
            let count = tiling.configuration.count
            // libavcodec frees it, and reads beyond its end.
            guard let memory = av_mallocz(count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else {
                throw .outOfMemory(doing: "decoding")
            }
            memory.copyMemory(from: tiling.configuration, byteCount: count)
            context.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
            context.pointee.extradata_size = CInt(count)
        }
        let result = avcodec_open2(context, codec, nil)
        if result < 0 { throw Self.failure(result) }
    }

    deinit { avcodec_free_context(&context) }

    func decode(_ coded: CodedTile) throws(DecodeFailure) -> DecodedTile {
        guard let context, let frame = av_frame_alloc() else { throw .outOfMemory(doing: "decoding") }
        let tile = DecodedTile(frame)
        avcodec_flush_buffers(context)
        var result = avcodec_send_packet(context, coded.packet)
        // What else it holds back comes at the end.
        if result >= 0 { result = avcodec_send_packet(context, nil) }
        if result >= 0 { result = avcodec_receive_frame(context, frame) }
        if result < 0 { throw Self.failure(result) }
        return tile
    }

    private static func failure(_ code: CInt) -> DecodeFailure {
        code == AVError.noMemory
            ? .outOfMemory(doing: "decoding") : .brokenPhoto("HEIF", detail: AVError.text(code))
    }
}

/// The bytes of a coded tile.
final class CodedTile {
    fileprivate var packet: UnsafeMutablePointer<AVPacket>?
    /// To be filled.
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) throws(DecodeFailure) {
        var packet = av_packet_alloc()
        guard let allocated = packet, av_new_packet(allocated, CInt(byteCount)) == 0 else {
            av_packet_free(&packet)
            throw .outOfMemory(doing: "decoding")
        }
        self.packet = allocated
        bytes = UnsafeMutableRawBufferPointer(start: allocated.pointee.data, count: byteCount)
    }

    deinit { av_packet_free(&packet) }
}

/// A decoded tile, in libavcodec's memory.
final class DecodedTile {
    private var frame: UnsafeMutablePointer<AVFrame>?

    fileprivate init(_ frame: UnsafeMutablePointer<AVFrame>) { self.frame = frame }

    deinit { av_frame_free(&frame) }

    var format: AVPixelFormat { AVPixelFormat(rawValue: frame?.pointee.format ?? -1) }

    var size: PixelSize {
        PixelSize(width: Int(frame?.pointee.width ?? 0), height: Int(frame?.pointee.height ?? 0))
    }

    /// What the scaler has to know. What the file says of colour goes before what the coded picture says; both use the
    /// numbers of ISO/IEC 23091-2. Without a word it is BT.601.
    func source(_ colour: HEIFTiling.Colour?) -> SourcePixels {
        let said = colour.map { AVColorSpace(rawValue: AVColorSpace.RawValue($0.matrix)) } ?? frame?.pointee.colorspace
        let matrix =
            switch said {
            case nil, AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_RESERVED, AVCOL_SPC_RGB: AVCOL_SPC_SMPTE170M
            case let known?: known
            }
        let range =
            colour.map { $0.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG }
            ?? frame?.pointee.color_range ?? AVCOL_RANGE_UNSPECIFIED
        return SourcePixels(format: format, size: size, matrix: matrix, range: range, light: light(colour))
    }

    private func light(_ colour: HEIFTiling.Colour?) -> SourceLight {
        guard let colour else { return frame.map { SourceLight($0) } ?? .standard }
        return SourceLight(
            transfer: AVColorTransferCharacteristic(rawValue: AVColorTransferCharacteristic.RawValue(colour.transfer)),
            primaries: AVColorPrimaries(rawValue: AVColorPrimaries.RawValue(colour.primaries)))
    }

    var planes: PixelPlanes {
        guard let data = frame?.pointee.data, let strides = frame?.pointee.linesize else {
            return PixelPlanes((nil, nil, nil, nil), strides: (0, 0, 0, 0))
        }
        return PixelPlanes(
            (UnsafePointer(data.0), data.1.map { UnsafePointer($0) }, data.2.map { UnsafePointer($0) }, nil),
            strides: (strides.0, strides.1, strides.2, 0))
    }
}

/// A row of tiles side by side.
final class TileBand {
    private let source: SourcePixels
    private let tile: PixelSize
    private var pointers: [UnsafeMutablePointer<UInt8>?] = [nil, nil, nil, nil]
    private var strides: [CInt] = [0, 0, 0, 0]

    init(source: SourcePixels, tile: PixelSize, columns: Int) throws(DecodeFailure) {
        self.source = source
        self.tile = tile
        let result = av_image_alloc(
            &pointers, &strides, CInt(columns * tile.width), CInt(tile.height), source.format, 64)
        if result < 0 { throw .outOfMemory(doing: "decoding") }
    }

    // All planes are one allocation.
    deinit { av_free(pointers[0]) }

    var planes: PixelPlanes {
        PixelPlanes(
            (
                UnsafePointer(pointers[0]), UnsafePointer(pointers[1]), UnsafePointer(pointers[2]),
                UnsafePointer(pointers[3])
            ), strides: (strides[0], strides[1], strides[2], strides[3]))
    }

    /// Copies a tile to its place. False when it is none of these.
    func place(_ decoded: DecodedTile, column: Int) -> Bool {
        guard
            decoded.format == source.format || SourcePixels(format: decoded.format, size: tile).format == source.format,
            decoded.size.width >= tile.width, decoded.size.height >= tile.height
        else { return false }
        let from = decoded.planes
        let rows = [
            (from.pointers.0, from.strides.0), (from.pointers.1, from.strides.1), (from.pointers.2, from.strides.2),
        ]
        for (plane, (pointer, stride)) in rows.enumerated() {
            guard let pointer, let target = pointers[plane] else { continue }
            let width = source.byteOffset(x: tile.width, plane: plane)
            av_image_copy_plane(
                target + column * width, strides[plane], pointer, stride, CInt(width),
                CInt(source.planeRows(tile.height, plane: plane)))
        }
        return true
    }
}
