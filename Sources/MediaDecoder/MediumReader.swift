import DecoderProtocol
import Frames

/// One open medium, of whatever library. Used from one thread.
///
/// A reader scales, turns and converts while it writes, once, into the caller's buffer.
protocol MediumReader: AnyObject {
    var description: MediumDescription { get }

    /// Where frames go and how large they are: the same for all frames of a session, but for the colour coding of planes,
    /// which is that of the frame that was read last.
    var layout: FrameLayout { get }

    /// Writes the next frame; nil at the end of the medium. Frames before `late` (nanoseconds) may be skipped.
    func nextFrame(
        into pixels: UnsafeMutableRawBufferPointer, late: Int64
    ) throws(DecodeFailure) -> ReadFrame?

    /// What was decoded since the beginning or the last `rewind()`, shown or skipped as late: how many frames, and when the
    /// last of them is over, in nanoseconds.
    var read: (frames: Int, end: Int64) { get }

    /// Goes back to the beginning. Throws when that is impossible.
    func rewind() throws(DecodeFailure)
}

/// When a frame is to be shown, counted from the beginning of the medium.
struct ReadFrame: Equatable {
    /// Nanoseconds.
    var presentationTime: Int64
    /// Nanoseconds; 0 when not known or for ever.
    var duration: Int64

    /// The longest that a frame is believed to stay: a little more than a GIF can say (655.35 s).
    static let longestStay: Int64 = 660_000_000_000

    /// When it is over.
    var end: Int64 { presentationTime &+ min(duration, Self.longestStay) }
}
