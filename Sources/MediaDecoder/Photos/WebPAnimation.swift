import CFFmpeg
import CWebP
import DecoderProtocol
import Frames

/// An animated WebP, by libwebpdemux: libavcodec skips the animation. Frames are composed on the canvas by the library,
/// over black where they are transparent.
final class WebPAnimation: MediumReader {
    let description: MediumDescription
    private let placement: FramePlacement
    private let writer: PictureWriter
    private let stride: Int
    // The library reads from the file's bytes as long as the decoder lives: `bytes` never moves.
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let decoder: OpaquePointer
    /// Of each frame, in nanoseconds.
    private let durations: [Int64]
    private var next = 0
    private var position: Int64 = 0
    /// Damage ended it.
    private var isCut = false

    init(_ webp: WebPFile, request: OpenRequest) throws(DecodeFailure) {
        try Self.cost(webp).admit(limit: request.memoryLimit)
        placement = FramePlacement(
            stored: webp.size, orientation: webp.orientation, screen: request.screen, fit: request.fit)
        writer = try PictureWriter(
            source: SourcePixels(format: AV_PIX_FMT_BGR0, size: webp.size), placement: placement, quality: .fast)
        stride = webp.size.width * 4

        bytes = .allocate(capacity: webp.bytes.count)
        _ = bytes.initialize(from: webp.bytes)
        guard let decoder = Self.open(bytes) else {
            bytes.deallocate()
            throw .brokenPhoto("WebP", detail: "its frames are damaged or cut off")
        }
        self.decoder = decoder
        durations = Self.durations(decoder)
        let isMoving = durations.count > 1
        let total = durations.reduce(0, +)
        let rates = MediumDescription.frameRates
        description = MediumDescription(
            kind: isMoving ? .animation : .image, format: "webp", width: placement.shown.width,
            height: placement.shown.height, rotation: webp.orientation.rotation,
            durationNanoseconds: isMoving ? total : nil,
            frameRate: isMoving ? min(Double(durations.count) * 1e9 / Double(total), rates.upperBound) : nil,
            seekable: true,
            streams: [StreamDescription(kind: .video, codec: "webp", language: "")], takenAt: webp.taken)
    }

    deinit {
        WebPAnimDecoderDelete(decoder)
        bytes.deallocate()
    }

    var layout: FrameLayout { placement.layout }
    var read: (frames: Int, end: Int64) { (next, position) }

    func nextFrame(
        into pixels: UnsafeMutableRawBufferPointer, late: Int64
    ) throws(DecodeFailure) -> ReadFrame? {
        while next < durations.count, !isCut {
            var canvas: UnsafeMutablePointer<UInt8>?
            var timestamp: CInt = 0
            guard WebPAnimDecoderGetNext(decoder, &canvas, &timestamp) != 0, let canvas else {
                if next == 0 { throw .brokenPhoto("WebP", detail: "its first frame cannot be decoded") }
                // Damage further on ends it there: what came before is worth playing.
                isCut = true
                return nil
            }
            let duration = durations[next]
            let frame = ReadFrame(presentationTime: position, duration: durations.count > 1 ? duration : 0)
            next += 1
            position += duration
            // Every frame has to be composed, because the next ones build on it, but need not be converted.
            if durations.count > 1, position <= late { continue }
            try writer.write(PixelPlanes(packed: canvas, stride: stride), into: pixels)
            return frame
        }
        return nil
    }

    func rewind() {
        WebPAnimDecoderReset(decoder)
        next = 0
        position = 0
        isCut = false
    }

    private static func open(_ bytes: UnsafeMutableBufferPointer<UInt8>) -> OpaquePointer? {
        var options = WebPAnimDecoderOptions()
        guard WebPAnimDecoderOptionsInit(&options) != 0 else { return nil }
        // Premultiplied is the same as laid on black.
        options.color_mode = MODE_bgrA
        options.use_threads = 0
        var data = WebPData(bytes: UnsafePointer(bytes.baseAddress), size: bytes.count)
        return WebPAnimDecoderNew(&data, &options)
    }

    private static func durations(_ decoder: OpaquePointer) -> [Int64] {
        var durations: [Int64] = []
        var frame = WebPIterator()
        guard WebPDemuxGetFrame(WebPAnimDecoderGetDemuxer(decoder), 1, &frame) != 0 else { return [] }
        repeat {
            // As browsers do: what is too short to be meant lasts a tenth of a second.
            durations.append(
                frame.duration <= 10 ? 100_000_000 : min(Int64(frame.duration) * 1_000_000, ReadFrame.longestStay))
        } while WebPDemuxNextFrame(&frame) != 0
        WebPDemuxReleaseIterator(&frame)
        return durations
    }

    private static func cost(_ webp: WebPFile) -> PhotoCost {
        // Two canvases, the inside of a lossless frame, and the file twice while it is opened.
        PhotoCost(
            size: webp.size, bytes: webp.size.pixelCount * 12 + webp.bytes.count * 2, what: "animated WebP",
            suggestion: "Make the animation smaller, or save it as a video, and upload it again.")
    }
}
