import CWebP
import DecoderProtocol
import Frames

/// A WebP file in memory, where libwebp wants it, and what its header says.
struct WebPFile {
    /// Larger files are no photos.
    static let mostBytes = 64_000_000

    let bytes: [UInt8]
    let size: PixelSize
    let hasAlpha: Bool
    let isAnimated: Bool
    /// Lossless pictures exist as a whole inside the library, whatever size is asked for.
    let isLossless: Bool
    let orientation: Orientation
    let taken: Int64?

    init(_ file: PhotoFile, request: OpenRequest) throws(DecodeFailure) {
        let count = try file.byteCount()
        guard count <= min(Self.mostBytes, request.memoryLimit) else {
            throw DecodeFailure(
                code: .tooLarge,
                reason:
                    "This WebP file is \(DecodeFailure.megabytes(count)) MB large, and is read into memory; the limit is "
                    + "\(min(Self.mostBytes, request.memoryLimit) / 1_000_000) MB.",
                suggestion: "Make the picture smaller, or save it as JPEG, and upload it again.")
        }
        let bytes = try file.bytes(at: 0, count: count)
        var features = WebPBitstreamFeatures()
        let status = WebPGetFeatures(bytes, bytes.count, &features)
        guard status == VP8_STATUS_OK else { throw Self.failure(status) }
        self.bytes = bytes
        size = PixelSize(width: Int(features.width), height: Int(features.height))
        hasAlpha = features.has_alpha != 0
        isAnimated = features.has_animation != 0
        // 1 is lossy, 2 lossless, 0 mixed or not known.
        isLossless = features.format != 1
        let exif = Self.exif(bytes)
        orientation = exif.flatMap(ExifOrientation.find) ?? .upright
        taken = exif.flatMap(CaptureTime.find)
    }

    static func failure(_ status: VP8StatusCode) -> DecodeFailure {
        switch status {
        case VP8_STATUS_OUT_OF_MEMORY: .outOfMemory(doing: "decoding")
        case VP8_STATUS_SUSPENDED, VP8_STATUS_NOT_ENOUGH_DATA:
            .brokenPhoto("WebP", detail: "it ends before the first row")
        case VP8_STATUS_UNSUPPORTED_FEATURE: .brokenPhoto("WebP", detail: "it uses an unknown feature")
        default: .brokenPhoto("WebP", detail: "its data makes no sense")
        }
    }

    /// The EXIF block, also of a file that is cut off behind it.
    private static func exif(_ bytes: [UInt8]) -> [UInt8]? {
        bytes.withUnsafeBufferPointer { buffer in
            var data = WebPData(bytes: buffer.baseAddress, size: buffer.count)
            var state = WEBP_DEMUX_PARSING_HEADER
            guard let demuxer = WebPDemuxPartial(&data, &state) else { return nil }
            defer { WebPDemuxDelete(demuxer) }
            var chunk = WebPChunkIterator()
            guard WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk) != 0 else { return nil }
            defer { WebPDemuxReleaseChunkIterator(&chunk) }
            return Array(UnsafeBufferPointer(start: chunk.chunk.bytes, count: min(chunk.chunk.size, 64 * 1024)))
        }
    }
}
