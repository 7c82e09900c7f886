import CFFmpeg
import DecoderProtocol

/// Packets in, pictures out: libavcodec for one stream.
final class LibavDecoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var isDraining = false
    /// Packets that did not decode.
    private(set) var damaged = 0

    init(_ input: LibavInput, threads: Int, maximumPixels: Int) throws(DecodeFailure) {
        guard let codec = try Self.codec(input) else { throw Self.unsupported(input) }
        guard let context = avcodec_alloc_context3(codec) else { throw .outOfMemory(doing: "decoding") }
        var failing: UnsafeMutablePointer<AVCodecContext>? = context
        guard let frame = av_frame_alloc(), let packet = av_packet_alloc(),
            avcodec_parameters_to_context(context, input.stream.pointee.codecpar) >= 0
        else {
            avcodec_free_context(&failing)
            throw .outOfMemory(doing: "decoding")
        }
        context.pointee.pkt_timebase = input.stream.pointee.time_base
        context.pointee.thread_count = CInt(max(1, threads))
        context.pointee.thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE
        context.pointee.max_pixels = Int64(maximumPixels)
        let code = avcodec_open2(context, codec, nil)
        guard code == 0 else {
            avcodec_free_context(&failing)
            throw code == AVError.noMemory ? .outOfMemory(doing: "decoding") : Self.broken(code)
        }
        self.context = context
        self.frame = frame
        self.packet = packet
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        avcodec_free_context(&context)
        av_frame_free(&frame)
        av_packet_free(&packet)
    }

    /// How the decoder saves work while it is late.
    func apply(_ saving: LatePolicy.Saving) {
        context.pointee.skip_frame = saving == .nothing ? AVDISCARD_DEFAULT : AVDISCARD_NONREF
        context.pointee.skip_loop_filter = saving == .loopFilter ? AVDISCARD_ALL : AVDISCARD_DEFAULT
    }

    /// The next picture, valid until the next call; nil at the end of the stream.
    func next(from input: LibavInput) throws(DecodeFailure) -> UnsafeMutablePointer<AVFrame>? {
        while true {
            let code = avcodec_receive_frame(context, frame)
            switch code {
            case 0: return frame
            case AVError.endOfFile: return nil
            case AVError.again: try feed(from: input)
            case AVError.noMemory: throw .outOfMemory(doing: "decoding")
            default: damaged += 1
            }
        }
    }

    /// Forgets what is under way, after a jump.
    func flush() {
        avcodec_flush_buffers(context)
        isDraining = false
    }

    private func feed(from input: LibavInput) throws(DecodeFailure) {
        if !isDraining { isDraining = try !input.read(packet) }
        // No packet asks for the pictures that are still under way.
        let code = avcodec_send_packet(context, isDraining ? nil : packet)
        av_packet_unref(packet)
        if code == AVError.noMemory { throw .outOfMemory(doing: "decoding") }
        if code < 0 && code != AVError.endOfFile && code != AVError.again { damaged += 1 }
    }

    /// The decoder that libavcodec prefers, if it is one that is allowed.
    private static func codec(_ input: LibavInput) throws(DecodeFailure) -> UnsafePointer<AVCodec>? {
        guard let codec = avcodec_find_decoder(input.stream.pointee.codecpar.pointee.codec_id) else { return nil }
        return KnownFormats.decoders.contains(String(cString: codec.pointee.name)) ? codec : nil
    }

    static func isSupported(_ input: LibavInput) throws(DecodeFailure) {
        if try codec(input) == nil { throw unsupported(input) }
    }

    private static func unsupported(_ input: LibavInput) -> DecodeFailure {
        let name = String(cString: avcodec_get_name(input.stream.pointee.codecpar.pointee.codec_id))
        return DecodeFailure(
            code: .unsupported, reason: "Video of the kind \(name) cannot be decoded here.",
            suggestion: "Convert it, for example to H.264 in MP4.")
    }

    static func broken(_ code: CInt) -> DecodeFailure {
        DecodeFailure(
            code: .broken, reason: "The file is damaged: no picture of it can be decoded (\(AVError.text(code))).",
            suggestion: "Copy it from its source again, or save it anew with another program.")
    }
}
