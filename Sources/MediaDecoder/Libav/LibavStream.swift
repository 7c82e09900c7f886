import CFFmpeg
import DecoderProtocol
import Frames

/// What a video stream says of itself, in our units.
struct LibavStream {
    private let stream: UnsafeMutablePointer<AVStream>
    private let context: UnsafeMutablePointer<AVFormatContext>

    init(_ input: LibavInput) {
        stream = input.stream
        context = input.context
    }

    private var parameters: AVCodecParameters { stream.pointee.codecpar.pointee }
    private static let nanosecond = AVRational(num: 1, den: 1_000_000_000)
    private static let none = Int64.min  // AV_NOPTS_VALUE

    var size: PixelSize { PixelSize(width: Int(parameters.width), height: Int(parameters.height)) }

    /// Width of a pixel by its height; 1 when unknown.
    var pixelAspect: Double {
        let ratio = av_guess_sample_aspect_ratio(context, stream, nil)
        return ratio.num > 0 && ratio.den > 0 ? Double(ratio.num) / Double(ratio.den) : 1
    }

    var orientation: Orientation {
        guard let matrix = vitrine_display_matrix(stream) else { return .upright }
        return Orientation(displayMatrix: (matrix[0], matrix[1], matrix[3], matrix[4]))
    }

    var cost: VideoCost {
        VideoCost(
            codec: parameters.codec_id, format: AVPixelFormat(parameters.format), size: size,
            level: Int(parameters.level), delay: Int(parameters.video_delay))
    }

    /// As the container or the first packets say.
    var pixels: SourcePixels {
        SourcePixels(
            format: AVPixelFormat(parameters.format), size: size, matrix: parameters.color_space,
            range: parameters.color_range,
            light: SourceLight(transfer: parameters.color_trc, primaries: parameters.color_primaries))
    }

    /// Where a player may jump to. MPEG-TS and its like could be searched only by reading.
    var hasIndex: Bool {
        let flags = context.pointee.iformat.pointee.flags
        return flags & AVFMT_TS_DISCONT == 0 && avformat_index_get_entries_count(stream) > 0
    }

    var timesMayJump: Bool { context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 }

    /// One frame, as far as the container knows without reading on.
    var isSinglePicture: Bool { stream.pointee.nb_frames == 1 }

    var frameRate: Double? {
        for rate in [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate] where rate.num > 0 && rate.den > 0 {
            return min(Double(rate.num) / Double(rate.den), MediumDescription.frameRates.upperBound)
        }
        return nil
    }

    /// For frames that do not say: by the rate, else a tenth of a second.
    var usualDuration: Int64 {
        frameRate.map { Int64(1_000_000_000 / min(1000, max(0.001, $0))) } ?? 100_000_000
    }

    /// Nanoseconds, nil when unknown.
    var duration: Int64? {
        var result: Int64 = 0
        if stream.pointee.duration > 0 {
            result = nanoseconds(stream.pointee.duration)
        } else if context.pointee.duration > 0 {
            // In AV_TIME_BASE, microseconds.
            result = min(context.pointee.duration, 1 << 48) * 1000
        }
        return result > 0 ? result : nil
    }

    /// Nanoseconds of all packets that are left to read; nil when they do not say.
    func sumOfDurations(in input: LibavInput) throws(DecodeFailure) -> Int64? {
        guard let packet = av_packet_alloc() else { throw .outOfMemory(doing: "reading") }
        var toFree: UnsafeMutablePointer<AVPacket>? = packet
        defer { av_packet_free(&toFree) }
        var sum: Int64 = 0
        while try input.read(packet) {
            sum &+= max(0, packet.pointee.duration)
            av_packet_unref(packet)
        }
        let result = nanoseconds(sum)
        return result > 0 ? result : nil
    }

    var firstTimestamp: Int64 { stream.pointee.start_time == Self.none ? 0 : stream.pointee.start_time }

    /// When a frame is shown, from the beginning; nil when it does not say.
    func time(of frame: UnsafeMutablePointer<AVFrame>) -> Int64? {
        let timestamp = frame.pointee.best_effort_timestamp
        return timestamp == Self.none ? nil : nanoseconds(timestamp &- firstTimestamp)
    }

    /// A number in the stream's time base; kept within 30 years.
    func nanoseconds(_ ticks: Int64) -> Int64 {
        let bound: Int64 = 1 << 59
        return max(-bound, min(bound, av_rescale_q(ticks, stream.pointee.time_base, Self.nanosecond)))
    }

    /// The stream's timestamp of a moment in nanoseconds since the beginning.
    func timestamp(_ nanoseconds: Int64) -> Int64 {
        av_rescale_q(nanoseconds, Self.nanosecond, stream.pointee.time_base) &+ firstTimestamp
    }
}
