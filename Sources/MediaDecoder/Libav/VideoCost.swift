import CFFmpeg
import DecoderProtocol
import Frames

/// What decoding a stream will cost in memory, before a decoder is opened.
///
/// It is the likely cost, not the highest that the standard permits: behind it stands the process's own limit, and an
/// allocation that fails there ends the session, not the process.
struct VideoCost {
    /// Beyond this no board shows anything, and products of sides stay far from overflow.
    static let largestSide = 32_768
    /// Packets under way, tables, what libavformat keeps.
    private static let fixed = 8_000_000
    /// Tables that a codec keeps for each thread, in 512ths of a picture's bytes.
    private static let tablesPerPicture = 128

    let size: PixelSize
    /// Bytes of one decoded picture.
    let picture: Int
    /// Pictures that are kept for reference or until their turn.
    let kept: Int
    /// Pictures more for each further thread that works on one of its own.
    private let perThread: Int
    /// Pictures more as soon as several are worked on.
    private let withThreads: Int

    /// - Parameters:
    ///   - level: H.264's, in tenths; bounds its references (H.264, table A-1).
    ///   - delay: pictures that are decoded ahead of their turn, where the file says so.
    init(codec: AVCodecID, format: AVPixelFormat, size: PixelSize, level: Int, delay: Int) {
        self.size = size
        let known = format == AV_PIX_FMT_NONE ? AV_PIX_FMT_YUV420P : format
        // Codecs work in blocks of 64 pixels and keep a border. A header may claim any side up to 2^32.
        func padded(_ side: Int) -> Int { (min(max(0, side), 1 << 20) + 127) / 64 * 64 }
        let padded = PixelSize(width: padded(size.width), height: padded(size.height))
        let bytes = av_image_get_buffer_size(known, CInt(padded.width), CInt(padded.height), 1)
        picture = bytes > 0 ? Int(bytes) : padded.pixelCount * 4
        // As measured, where a standard permits much more than encoders use.
        switch codec {
        case AV_CODEC_ID_H264:
            kept = min(Self.h264References(level: level, size: size), max(4, delay + 3)) + 1
            (perThread, withThreads) = (1, 1)
        case AV_CODEC_ID_HEVC:
            kept = max(6, delay + 4)
            (perThread, withThreads) = (1, 1)
        // dav1d decodes two pictures at a time, each with what belongs to it.
        case AV_CODEC_ID_AV1: (kept, perThread, withThreads) = (9, 0, 8)
        case AV_CODEC_ID_VP9: (kept, perThread, withThreads) = (4, 1, 0)
        case AV_CODEC_ID_BMP, AV_CODEC_ID_TIFF: (kept, perThread, withThreads) = (1, 0, 0)
        case AV_CODEC_ID_GIF, AV_CODEC_ID_APNG: (kept, perThread, withThreads) = (3, 0, 0)
        default: (kept, perThread, withThreads) = (4, 1, 0)
        }
    }

    /// Bytes with these threads.
    func byteCount(_ threading: ThreadingChoice) -> Int {
        let further = max(0, threading.count - 1)
        var pictures = kept + 1
        var tables = 1
        switch threading.kind {
        case .frames where further > 0:
            pictures += further * perThread + withThreads
            tables += further * min(1, perThread)
        case .own(several: true) where further > 0: pictures += withThreads
        case .single, .slices, .frames, .own: break
        }
        return Self.fixed + picture * pictures + picture * Self.tablesPerPicture / 512 * tables
    }

    /// Throws when there is no room for one thread.
    ///
    /// - Parameter beside: bytes that are needed besides decoding, for scaling and turning.
    func admit(limit: Int, beside: Int) throws(DecodeFailure) {
        guard size.width <= Self.largestSide, size.height <= Self.largestSide else {
            throw DecodeFailure(
                code: .tooLarge,
                reason: "A picture of \(size.width)×\(size.height) pixels is too large; the limit is "
                    + "\(Self.largestSide) on a side.",
                suggestion: "Make it smaller, for example no larger than the screen.")
        }
        let needed = byteCount(.single) + beside
        if needed > limit {
            throw .tooLarge("A picture of \(size.width)×\(size.height) pixels", needs: needed, limit: limit)
        }
    }

    /// The largest picture that could be decoded within a limit at all: one copy at 1.5 bytes for a pixel.
    static func maximumPixels(limit: Int) -> Int { max(1 << 16, limit * 2 / 3) }

    /// Frames that fit into the decoded picture buffer of a level, in macroblocks.
    private static func h264References(level: Int, size: PixelSize) -> Int {
        let capacity =
            switch level {
            case ...0: 184_320
            case ...11: 900
            case ...20: 2_376
            case ...21: 4_752
            case ...30: 8_100
            case ...31: 18_000
            case ...32: 20_480
            case ...41: 32_768
            case ...42: 34_816
            case ...50: 110_400
            default: 184_320
            }
        let macroblocks = max(1, (size.width + 15) / 16 * ((size.height + 15) / 16))
        return max(1, min(16, capacity / macroblocks))
    }
}
