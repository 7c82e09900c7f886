import CFFmpeg
import DecoderProtocol

extension DecodeFailure {
    /// An allocation failed: of the library's, or by the process's own limit.
    static func outOfMemory(doing what: String) -> DecodeFailure {
        DecodeFailure(
            code: .tooLarge, reason: "There was not enough memory for \(what).",
            suggestion: "Make it smaller, for example no larger than the screen.")
    }

    /// An estimate exceeds the limit.
    static func tooLarge(_ what: String, needs bytes: Int, limit: Int) -> DecodeFailure {
        DecodeFailure(
            code: .tooLarge,
            reason:
                "\(what) needs about \(megabytes(bytes)) MB of memory to decode; the limit is \(megabytes(limit)) MB.",
            suggestion: "Make it smaller, for example no larger than the screen.")
    }

    /// Whole megabytes (10⁶ bytes), rounded up.
    static func megabytes(_ bytes: Int) -> Int { bytes / 1_000_000 + (bytes % 1_000_000 == 0 ? 0 : 1) }
}

/// Error numbers of libav*.
enum AVError {
    static let again = vitrine_averror(EAGAIN)
    static let endOfFile = vitrine_averror_eof()
    static let noMemory = vitrine_averror(ENOMEM)
    static let inputOutput = vitrine_averror(EIO)
    static let invalidData = vitrine_averror_invalid_data()
    static let decoderNotFound = vitrine_averror_decoder_not_found()

    /// libav's words for an error.
    static func text(_ code: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        av_strerror(code, &buffer, buffer.count)
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
