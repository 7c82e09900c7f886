import DecoderProtocol
import Frames

/// One photo in a file: what its header says, and how its pixels come.
protocol StillPhoto {
    /// Short name of the file's format, and of what decodes it where that differs.
    var format: String { get }
    var codec: String { get }
    /// Size as stored, before turning.
    var size: PixelSize { get }
    var orientation: Orientation { get }
    /// When it was taken, as `CaptureTime` has it.
    var taken: Int64? { get }

    /// Decodes into a frame, every row of it. The library's memory is given back before this returns.
    func paint(placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure)
}

/// A photo as a medium of one frame. Between two frames it keeps no more than the header.
final class StillReader: MediumReader {
    let description: MediumDescription
    private let photo: any StillPhoto
    private let placement: FramePlacement
    private var isShown = false

    init(_ photo: any StillPhoto, request: OpenRequest) {
        self.photo = photo
        placement = FramePlacement(photo, request: request)
        description = MediumDescription(
            kind: .image, format: photo.format, width: placement.shown.width, height: placement.shown.height,
            rotation: photo.orientation.rotation, durationNanoseconds: nil, frameRate: nil, seekable: true,
            streams: [StreamDescription(kind: .video, codec: photo.codec, language: "")], takenAt: photo.taken)
    }

    var layout: FrameLayout { placement.layout }

    func nextFrame(
        into pixels: UnsafeMutableRawBufferPointer, late: Int64
    ) throws(DecodeFailure) -> ReadFrame? {
        if isShown { return nil }
        try photo.paint(placement: placement, into: pixels)
        isShown = true
        return ReadFrame(presentationTime: 0, duration: 0)
    }

    var read: (frames: Int, end: Int64) { (isShown ? 1 : 0, 0) }

    func rewind() { isShown = false }
}

extension FramePlacement {
    init(_ photo: any StillPhoto, request: OpenRequest) {
        self.init(stored: photo.size, orientation: photo.orientation, screen: request.screen, fit: request.fit)
    }

    /// The same frame out of a smaller copy of the stored picture.
    func reduced(to size: PixelSize) -> FramePlacement {
        func reduce(_ start: Int, _ length: Int, from whole: Int, to part: Int) -> (Int, Int) {
            let low = min(part - 1, (start * part + whole / 2) / whole)
            let high = min(part, ((start + length) * part + whole / 2) / whole)
            return (low, max(1, high - low))
        }
        var result = self
        let (x, width) = reduce(crop.x, crop.width, from: stored.width, to: size.width)
        let (y, height) = reduce(crop.y, crop.height, from: stored.height, to: size.height)
        result.stored = size
        result.crop = PixelRectangle(x: x, y: y, width: width, height: height)
        return result
    }
}
