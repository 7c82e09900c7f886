import DecoderProtocol
import Frames

/// One open medium, of whatever library. Used from one thread.
///
/// A reader scales, turns and converts while it writes, once, into the caller's buffer.
protocol MediumReader: AnyObject {
    var description: MediumDescription { get }

    /// Where frames go and how large they are: the same for all frames of a session.
    var layout: FrameLayout { get }

    /// Writes the next frame; nil at the end of the medium. Frames before `late` (nanoseconds) may be skipped.
    func nextFrame(
        into pixels: UnsafeMutableRawBufferPointer, late: Int64
    ) throws(DecodeFailure) -> ReadFrame?

    /// Goes back to the beginning. Throws when that is impossible.
    func rewind() throws(DecodeFailure)
}

/// When a frame is to be shown, counted from the beginning of the medium.
struct ReadFrame: Equatable {
    /// Nanoseconds.
    var presentationTime: Int64
    /// Nanoseconds; 0 when not known or for ever.
    var duration: Int64
}
