import CFFmpeg
import DecoderProtocol
import LinuxSystem

/// A file that libavformat takes apart, and its video stream.
final class LibavInput {
    private(set) var context: UnsafeMutablePointer<AVFormatContext>
    let stream: UnsafeMutablePointer<AVStream>
    private let file: FileInput

    /// - Parameters:
    ///   - maximumPixels: larger pictures are not even looked into.
    ///   - again: the file was opened before and its streams are known, so that a header suffices.
    init(_ descriptor: Descriptor, maximumPixels: Int, again: Bool = false) throws(DecodeFailure) {
        let file = try FileInput(descriptor)
        self.file = file
        guard let allocated = avformat_alloc_context() else { throw .outOfMemory(doing: "reading") }
        allocated.pointee.pb = file.context
        allocated.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
        // Packets that are looked at before playing; they stay in memory until then.
        allocated.pointee.probesize = 2_000_000
        allocated.pointee.max_analyze_duration = 3_000_000
        // A file may name others. None is opened, whatever the sandbox would say.
        allocated.pointee.io_open = { _, _, _, _, _ in vitrine_averror(EPERM) }

        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "format_whitelist", KnownFormats.demultiplexers.joined(separator: ","), 0)
        av_dict_set(&options, "codec_whitelist", KnownFormats.decoders.joined(separator: ","), 0)
        av_dict_set(&options, "protocol_whitelist", "none", 0)

        var opened: UnsafeMutablePointer<AVFormatContext>? = allocated
        // Frees the context when it fails.
        let code = avformat_open_input(&opened, nil, nil, &options)
        guard code == 0, let context = opened else { throw try Self.failure(code, file, descriptor) }
        do throws(DecodeFailure) {
            stream = try Self.prepare(context, maximumPixels: maximumPixels, again: again, file, descriptor)
            self.context = context
        } catch {
            avformat_close_input(&opened)
            throw error
        }
    }

    deinit {
        var closing: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&closing)
    }

    /// libavformat's name: `mov,mp4,m4a,3gp,3g2,mj2`, …
    var formatName: String {
        context.pointee.iformat?.pointee.name.map { String(cString: $0) } ?? ""
    }

    /// The next packet of the video stream; false at the end.
    func read(_ packet: UnsafeMutablePointer<AVPacket>) throws(DecodeFailure) -> Bool {
        while true {
            let code = av_read_frame(context, packet)
            if code >= 0 {
                if packet.pointee.stream_index == stream.pointee.index { return true }
                av_packet_unref(packet)
                continue
            }
            if code == AVError.noMemory { throw .outOfMemory(doing: "reading") }
            if let failure = file.failure { throw .unreadable(errno: failure) }
            // Whatever else it is, the file yields nothing more: it ends here.
            return false
        }
    }

    /// Goes to the last key frame at or before a time in the stream's time base. False where that cannot be done.
    func seek(to timestamp: Int64) -> Bool {
        avformat_seek_file(context, stream.pointee.index, .min, timestamp, timestamp, 0) >= 0
    }

    /// The time of the last key frame at or before a time, if the file has an index of them.
    func keyFrame(before timestamp: Int64) -> Int64? {
        let index = av_index_search_timestamp(stream, timestamp, AVSEEK_FLAG_BACKWARD)
        guard index >= 0 else { return nil }
        return avformat_index_get_entry(stream, index)?.pointee.timestamp
    }

    /// When it was taken, as far as the container tells: Apple's own tag, which survives cutting and sending, then the usual
    /// one, then a date that a person or a program has noted.
    var taken: Int64? {
        for key in ["com.apple.quicktime.creationdate", "creation_time", "date"] {
            guard let value = av_dict_get(context.pointee.metadata, key, nil, 0)?.pointee.value,
                let seconds = CaptureTime.parse(String(cString: value))
            else { continue }
            // A clock that was never set says 1904, or 1970.
            if seconds > 86_400 { return seconds }
        }
        return nil
    }

    /// All streams, for the description.
    var streams: [StreamDescription] {
        (0..<Int(context.pointee.nb_streams)).compactMap { index in
            guard let stream = context.pointee.streams[index], let parameters = stream.pointee.codecpar else {
                return nil
            }
            let language = av_dict_get(stream.pointee.metadata, "language", nil, 0)?.pointee.value
            return StreamDescription(
                kind: Self.kind(parameters.pointee.codec_type),
                codec: String(cString: avcodec_get_name(parameters.pointee.codec_id)),
                language: language.map { String(cString: $0) } ?? "")
        }
    }

    private static func kind(_ type: AVMediaType) -> StreamDescription.Kind {
        switch type {
        case AVMEDIA_TYPE_VIDEO: .video
        case AVMEDIA_TYPE_AUDIO: .audio
        case AVMEDIA_TYPE_SUBTITLE: .subtitle
        default: .other
        }
    }

    private static func prepare(
        _ context: UnsafeMutablePointer<AVFormatContext>, maximumPixels: Int, again: Bool, _ file: FileInput,
        _ descriptor: Descriptor
    ) throws(DecodeFailure) -> UnsafeMutablePointer<AVStream> {
        if !again || context.pointee.ctx_flags & AVFMTCTX_NOHEADER != 0 {
            let code = findStreams(context, maximumPixels: maximumPixels)
            if code < 0 { throw try failure(code, file, descriptor) }
        }
        let index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        guard index >= 0, let stream = context.pointee.streams[Int(index)],
            stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
        else {
            throw DecodeFailure(
                code: .notMedia, reason: "The file holds no pictures, only sound or other data.",
                suggestion: "Choose a photo, an animation or a video.")
        }
        for other in 0..<Int(context.pointee.nb_streams) where other != Int(index) {
            context.pointee.streams[other]?.pointee.discard = AVDISCARD_ALL
        }
        return stream
    }

    /// Reads on until the streams are known. libavcodec decodes for that, so it is told how large a picture may be.
    private static func findStreams(
        _ context: UnsafeMutablePointer<AVFormatContext>, maximumPixels: Int
    ) -> CInt {
        var options = [OpaquePointer?](repeating: nil, count: Int(context.pointee.nb_streams))
        for index in options.indices {
            av_dict_set_int(&options[index], "max_pixels", Int64(maximumPixels), 0)
            av_dict_set_int(&options[index], "threads", 1, 0)
        }
        let code =
            options.isEmpty ? avformat_find_stream_info(context, nil) : avformat_find_stream_info(context, &options)
        for index in options.indices { av_dict_free(&options[index]) }
        return code
    }

    private static func failure(
        _ code: CInt, _ file: FileInput, _ descriptor: Descriptor
    ) throws(DecodeFailure) -> DecodeFailure {
        if code == AVError.noMemory { return .outOfMemory(doing: "reading") }
        if let failure = file.failure { return .unreadable(errno: failure) }
        let start = try PhotoFile(descriptor: descriptor).bytes(at: 0, count: 16)
        if start.isEmpty {
            return DecodeFailure(
                code: .broken, reason: "The file is empty.", suggestion: "Copy it from its source again.")
        }
        if KnownFormats.looksKnown(start) {
            return DecodeFailure(
                code: .broken, reason: "The file is damaged or cut off (\(AVError.text(code))).",
                suggestion: "Copy it from its source again, or save it anew with another program.")
        }
        return DecodeFailure(
            code: .notMedia, reason: "This is no photo, animation or video of a format known here.",
            suggestion: "Use JPEG, PNG, WebP, HEIC, AVIF, GIF, or video as MP4, MOV, MKV or WebM.")
    }
}
