import CHeif
import DecoderProtocol
import LinuxSystem

/// Photos, and animated WebP: what libav does not do, or not within the memory of a small board.
enum PhotoReaders {
    /// Makes libheif load its plug-ins: it opens files for that, which the sandbox forbids later.
    static func prepare() { _ = heif_init(nil) }

    /// Opens a photo by its first bytes, whatever its name says.
    ///
    /// - Returns: nil for what libav reads: BMP, TIFF, GIF, animated PNG, sequences, video, and what is no medium.
    static func open(
        file descriptor: Descriptor, request: OpenRequest
    ) throws(DecodeFailure) -> (any MediumReader)? {
        let file = PhotoFile(descriptor: descriptor)
        let start = try file.bytes(at: 0, count: PhotoFormat.byteCount)
        switch PhotoFormat(start) {
        case .jpeg:
            return StillReader(try JPEGPhoto(file, request: request), request: request)
        case .png:
            let chunks = try PNGChunks { (offset, count) throws(DecodeFailure) in
                try file.bytes(at: offset, count: count)
            }
            if chunks.isAnimated { return nil }
            return StillReader(try PNGPhoto(file, chunks: chunks, request: request), request: request)
        case .webp:
            let webp = try WebPFile(file, request: request)
            if webp.isAnimated { return try WebPAnimation(webp, request: request) }
            return StillReader(try WebPPhoto(webp, file: file, request: request), request: request)
        case .heif:
            let format = start[8...].starts(with: "avif".utf8) ? "avif" : "heic"
            if let photo = try HEIFPhoto(file, format: format, request: request) {
                return StillReader(photo, request: request)
            }
            return StillReader(try HEIFLibraryPhoto(file, format: format, request: request), request: request)
        case nil:
            return nil
        }
    }
}
