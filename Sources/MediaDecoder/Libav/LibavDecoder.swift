import CFFmpeg
import DecoderProtocol

/// Packets in, pictures out: libavcodec for one stream.
final class LibavDecoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    private let packet: UnsafeMutablePointer<AVPacket>
    /// The packet that was looked at before opening, and has not been decoded yet.
    private var holdsFirst = false
    /// The picture that was decoded before somebody asked for it.
    private var holdsPicture = false
    private var isDraining = false
    /// Packets that did not decode.
    private(set) var damaged = 0
    let threading: ThreadingChoice
    /// A part of the board decodes: it knows nothing of what could be left out, and cannot begin anew after a jump.
    let isHardware: Bool

    /// - Parameter choose: how many threads there are to be, by what the codec can share out and how many slices the picture
    ///   has that comes next.
    convenience init(
        _ input: LibavInput, maximumPixels: Int, choose: (ThreadingChoice.Abilities, Int) -> ThreadingChoice
    ) throws(DecodeFailure) {
        guard let codec = try Self.codec(input) else { throw Self.unsupported(input) }
        try self.init(codec, input, isHardware: false, maximumPixels: maximumPixels, choose: choose)
    }

    /// A decoder of the board, by libavcodec's name.
    convenience init(_ input: LibavInput, named name: String, maximumPixels: Int) throws(DecodeFailure) {
        guard let codec = avcodec_find_decoder_by_name(name) else { throw Self.unsupported(input) }
        try self.init(codec, input, isHardware: true, maximumPixels: maximumPixels) { (_, _) in .single }
    }

    private init(
        _ codec: UnsafePointer<AVCodec>, _ input: LibavInput, isHardware: Bool, maximumPixels: Int,
        choose: (ThreadingChoice.Abilities, Int) -> ThreadingChoice
    ) throws(DecodeFailure) {
        self.isHardware = isHardware
        guard let context = avcodec_alloc_context3(codec) else { throw .outOfMemory(doing: "decoding") }
        var failing: UnsafeMutablePointer<AVCodecContext>? = context
        var failingFrame = av_frame_alloc()
        var failingPacket = av_packet_alloc()
        func release() {
            avcodec_free_context(&failing)
            av_frame_free(&failingFrame)
            av_packet_free(&failingPacket)
        }
        guard let frame = failingFrame, let packet = failingPacket,
            avcodec_parameters_to_context(context, input.stream.pointee.codecpar) >= 0
        else {
            release()
            throw .outOfMemory(doing: "decoding")
        }
        do throws(DecodeFailure) {
            holdsFirst = try input.read(packet)
            isDraining = !holdsFirst
            threading = choose(ThreadingChoice.Abilities(codec), holdsFirst ? Self.slices(packet, context) : 1)
            context.pointee.pkt_timebase = input.stream.pointee.time_base
            threading.apply(to: context)
            context.pointee.max_pixels = Int64(maximumPixels)
            let code = avcodec_open2(context, codec, nil)
            if code != 0 { throw code == AVError.noMemory ? .outOfMemory(doing: "decoding") : Self.broken(code) }
        } catch {
            release()
            throw error
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
        if holdsPicture {
            holdsPicture = false
            return frame
        }
        var failures = 0
        while true {
            let code = avcodec_receive_frame(context, frame)
            switch code {
            case 0: return frame
            case AVError.endOfFile: return nil
            case AVError.again: try feed(from: input)
            case AVError.noMemory: throw .outOfMemory(doing: "decoding")
            default:
                damaged += 1
                failures += 1
                // Damage of a file is passed; a device that has failed would say so for ever.
                if isHardware, failures > 16 { throw Self.broken(code) }
            }
        }
    }

    /// Decodes the first picture, which is the next that is given. False: there is none.
    func prepare(from input: LibavInput) throws(DecodeFailure) -> Bool {
        holdsPicture = try next(from: input) != nil
        return holdsPicture
    }

    /// Forgets what is under way, after a jump.
    func flush() {
        holdsPicture = false
        if holdsFirst { av_packet_unref(packet) }
        holdsFirst = false
        avcodec_flush_buffers(context)
        isDraining = false
    }

    private static func slices(
        _ packet: UnsafePointer<AVPacket>, _ context: UnsafePointer<AVCodecContext>
    ) -> Int {
        let configuration = UnsafeRawBufferPointer(
            start: context.pointee.extradata, count: Int(context.pointee.extradata_size))
        return SliceCount.of(
            UnsafeRawBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)),
            codec: context.pointee.codec_id, framing: SliceCount.Framing(configuration: configuration))
    }

    private func feed(from input: LibavInput) throws(DecodeFailure) {
        if !isDraining && !holdsFirst { isDraining = try !input.read(packet) }
        holdsFirst = false
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
