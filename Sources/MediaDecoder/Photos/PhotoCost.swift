import DecoderProtocol
import Frames

/// What decoding a photo takes, known from its header before anything is decoded.
struct PhotoCost: Equatable {
    /// No photo is larger, whatever it would take: beyond, decoding alone takes minutes on a small board.
    static let mostPixels = 250_000_000

    /// Stored size.
    var size: PixelSize
    /// Bytes beyond the lent buffer.
    var bytes: Int
    /// Goes into "Showing this … of 12000 × 9000 pixels": `progressive JPEG`.
    var what: String
    /// What would make it cheaper.
    var suggestion: String

    /// Throws `tooLarge`, with both numbers, when this is more than allowed.
    func admit(limit: Int) throws(DecodeFailure) {
        guard size.width > 0, size.height > 0 else {
            throw .brokenPhoto(what, detail: "it says that it is \(size.width) × \(size.height) pixels large")
        }
        // Multiplied without overflow: each side fits 32 bits.
        if size.pixelCount > Self.mostPixels {
            throw DecodeFailure(
                code: .tooLarge,
                reason: "This \(what) says that it has \(size.width) × \(size.height) pixels, "
                    + "\(DecodeFailure.megabytes(size.pixelCount)) million; the limit is \(Self.mostPixels / 1_000_000) million.",
                suggestion: "Make the picture smaller and upload it again.")
        }
        if bytes > limit {
            throw DecodeFailure(
                code: .tooLarge,
                reason: "Showing this \(what) of \(size.width) × \(size.height) pixels takes "
                    + "\(DecodeFailure.megabytes(bytes)) MB of memory; the limit is \(limit / 1_000_000) MB.",
                suggestion: suggestion)
        }
    }
}
