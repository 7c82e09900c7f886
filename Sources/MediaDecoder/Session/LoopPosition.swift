import DecoderProtocol
import Frames

/// Where a medium that begins again and again stands: times that go on growing, and a count.
struct LoopPosition {
    private let repeats: Bool
    /// Sum of the lengths of the iterations that are over, in nanoseconds.
    private(set) var offset: Int64 = 0
    private(set) var iteration = 0
    private var frames = 0
    private var end: Int64 = 0
    private var begunAnew: Bool

    /// - Parameter begunAnew: the first frame is not the medium's first.
    init(repeats: Bool, begunAnew: Bool) {
        self.repeats = repeats
        self.begunAnew = begunAnew
    }

    /// What to say of a frame that was read.
    mutating func report(_ read: ReadFrame, buffer: UInt32, layout: FrameLayout) -> FrameReport {
        frames += 1
        end = read.presentationTime &+ read.duration
        defer { begunAnew = false }
        return FrameReport(
            buffer: buffer, layout: layout, presentationTime: offset &+ read.presentationTime, duration: read.duration,
            iteration: iteration, discontinuity: begunAnew, cacheable: true)
    }

    /// The medium is at its end. False: it ends here; a medium of one frame stands still and needs no repeating, and one of
    /// none would repeat for ever without showing anything.
    mutating func beginAgain() -> Bool {
        guard repeats, frames > 1, end > 0 else { return false }
        offset &+= end
        iteration += 1
        frames = 0
        end = 0
        return true
    }
}
