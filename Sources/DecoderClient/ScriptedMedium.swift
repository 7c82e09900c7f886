public import DecoderProtocol
public import Frames
import LinuxSystem

/// A medium that `ScriptedDecoder` plays: what it is, what its frames look like, and what goes wrong.
public struct ScriptedMedium: Sendable {
    /// Paints one frame. Gets its number within the medium (from 0), how it lies in memory, and the buffer from its
    /// start on.
    public typealias Painter =
        @Sendable (_ frame: Int, _ layout: FrameLayout, _ bytes: UnsafeMutableRawBufferPointer) -> Void

    /// When something goes wrong.
    public enum Moment: Sendable, Equatable {
        case open
        /// Instead of the frame of this number, counted from the session's start across iterations.
        case frame(Int)
        /// Instead of the frame of this number within the medium, wherever the session began.
        case spot(Int)
        case thumbnail
        case check
    }

    public var description: MediumDescription
    /// Frames of one iteration; 1 for a photo.
    public var frameCount: Int
    /// Time from one frame to the next; ignored for a photo.
    public var frameDuration: Duration
    /// Time that its first frame takes, in each iteration anew, from the moment that the last frame before it was taken.
    public var restartTime: Duration = .zero
    /// Size of a video's planes of YUV, where their pixels are not square; nil: as it is shown.
    public var stored: PixelSize?
    public var paint: Painter
    public var faults: [(moment: Moment, error: DecoderError)]
    /// What `thumbnail(size:)` returns.
    public var thumbnail: [UInt8]
    /// What `check` returns; nil: all frames, at ten times their rate.
    public var report: CheckReport?

    public init(
        description: MediumDescription, frameCount: Int, frameDuration: Duration,
        paint: @escaping Painter = ScriptedMedium.paintNumber,
        faults: [(moment: Moment, error: DecoderError)] = [], thumbnail: [UInt8] = [0xFF, 0xD8, 0xFF, 0xD9],
        report: CheckReport? = nil
    ) {
        self.description = description
        self.frameCount = frameCount
        self.frameDuration = frameDuration
        self.paint = paint
        self.faults = faults
        self.thumbnail = thumbnail
        self.report = report
    }

    /// A photo.
    public static func photo(
        width: Int = 640, height: Int = 480, paint: @escaping Painter = ScriptedMedium.paintNumber
    ) -> ScriptedMedium {
        ScriptedMedium(
            description: MediumDescription(
                kind: .image, format: "jpeg", width: width, height: height, rotation: 0, durationNanoseconds: nil,
                frameRate: nil, seekable: false,
                streams: [StreamDescription(kind: .video, codec: "mjpeg", language: "")]),
            frameCount: 1, frameDuration: .zero, paint: paint)
    }

    /// A video or an animation with frames at a steady rate.
    public static func moving(
        _ kind: MediumKind = .video, width: Int = 640, height: Int = 360, frames: Int, framesPerSecond: Double = 25,
        paint: @escaping Painter = ScriptedMedium.paintNumber
    ) -> ScriptedMedium {
        let step = Duration.nanoseconds(Int64(1_000_000_000 / framesPerSecond))
        return ScriptedMedium(
            description: MediumDescription(
                kind: kind, format: kind == .video ? "mov,mp4" : "gif", width: width, height: height, rotation: 0,
                durationNanoseconds: (step * frames).wholeNanoseconds, frameRate: framesPerSecond,
                seekable: kind == .video,
                streams: [StreamDescription(kind: .video, codec: kind == .video ? "h264" : "gif", language: "")]),
            frameCount: frames, frameDuration: step, paint: paint)
    }

    /// The same medium with something going wrong.
    public func failing(_ moment: Moment, _ error: DecoderError) -> ScriptedMedium {
        var medium = self
        medium.faults.append((moment, error))
        return medium
    }

    /// Every pixel is the number of the frame (its low bits, in a format of 16), so that a test can tell frames apart.
    public static let paintNumber: Painter = { frame, layout, bytes in
        let rows = UnsafeMutableRawBufferPointer(rebasing: bytes[layout.offset..<layout.byteCount])
        switch layout.format.bytesPerPixel {
        case 4: rows.bindMemory(to: UInt32.self).update(repeating: UInt32(truncatingIfNeeded: frame))
        case 2: rows.bindMemory(to: UInt16.self).update(repeating: UInt16(truncatingIfNeeded: frame))
        default: rows.bindMemory(to: UInt8.self).update(repeating: UInt8(truncatingIfNeeded: frame))
        }
    }

    func error(at moment: Moment) -> DecoderError? { faults.first { $0.moment == moment }?.error }
}
