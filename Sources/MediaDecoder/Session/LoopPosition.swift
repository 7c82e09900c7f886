import DecoderProtocol
import Frames

/// Where a medium that begins again and again stands: times that go on growing, and a count.
struct LoopPosition {
    private let repeats: Bool
    /// Sum of the lengths of the iterations that are over, in nanoseconds.
    private(set) var offset: Int64 = 0
    private(set) var iteration = 0
    private var begunAnew: Bool
    /// The first iteration may hold no more than the medium's last frame.
    private let startedWithin: Bool

    /// - Parameter begunAnew: the first frame is not the medium's first.
    init(repeats: Bool, begunAnew: Bool) {
        self.repeats = repeats
        self.begunAnew = begunAnew
        startedWithin = begunAnew
    }

    /// What to say of a frame that was read.
    mutating func report(_ read: ReadFrame, buffer: UInt32, layout: FrameLayout) -> FrameReport {
        defer { begunAnew = false }
        return FrameReport(
            buffer: buffer, layout: layout, presentationTime: offset &+ read.presentationTime, duration: read.duration,
            iteration: iteration, discontinuity: begunAnew, cacheable: true)
    }

    /// The medium is at its end. False: it ends here; a medium of one frame stands still and needs no repeating, and one of
    /// none would repeat for ever without showing anything.
    ///
    /// - Parameter read: what was decoded of it, frames that were skipped as late among it.
    mutating func beginAgain(after read: (frames: Int, end: Int64)) -> Bool {
        guard repeats, read.frames > (startedWithin && iteration == 0 ? 0 : 1), read.end > 0 else { return false }
        // Absurd times end here: times of a frame are at most as much again, which a message can still hold.
        offset = min(offset &+ read.end, 1 << 59)
        iteration += 1
        return true
    }
}
