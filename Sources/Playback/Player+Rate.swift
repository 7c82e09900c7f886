import DecoderClient
import DecoderProtocol
import DisplayDrivers
import LinuxSystem
import Logging
import MediaIndex

// What comes onto the glass is counted, and where that is too much, every second frame is left out.
extension Player {
    /// Whether this frame is left out, so that each that is shown stays for exactly twice its time.
    func leavesOut(_ frame: DecodedFrame, isFirst: Bool) -> Bool {
        guard rate.cause != nil, !isFirst, !frame.discontinuity, let last = progress?.lastTime,
            let length = frame.duration ?? progress?.timeline?.lengthOfLast, length > .zero
        else { return false }
        // Slides and slow animations cost little, and each of their pictures has something to say.
        guard length <= RatePolicy.longestToLeaveOut else { return false }
        // A decoder that has left out the one between sends the right one.
        guard frame.presentationTime - last < (progress?.lastLength ?? length) * 1.5 else { return false }
        frameCounts.halved += 1
        progress?.timeline?.prolongLast(until: frame.presentationTime + length)
        return true
    }

    /// Says to the decoder that the frame after this one need not be converted or sent. One that is ahead has done so.
    func spareNext(after frame: DecodedFrame, _ session: any DecoderSession) async {
        guard rate.cause != nil, let length = frame.duration, length <= RatePolicy.longestToLeaveOut, let progress
        else { return }
        let next = frame.presentationTime + length * 2
        // The first frame of an iteration tells when the one before is over.
        if let duration = progress.duration, next > progress.iterationStart + duration { return }
        await session.late(before: next.wholeNanoseconds)
    }

    /// A turn of what moves begins.
    ///
    /// - Parameter lasts: how long it does; nil: not known.
    func beginCounting(
        _ item: ProgrammeItem, _ session: any DecoderSession, lasts: Duration?, on screen: DisplayCapabilities
    ) {
        let frame = session.description.frameRate.flatMap {
            $0 > 0 ? Duration.nanoseconds(Int64(1_000_000_000 / $0)) : nil
        }
        rate.begin(item.id, lasts: lasts, frame: frame, refresh: screen.refreshInterval, at: clock.now)
    }

    /// A frame came onto the glass.
    ///
    /// - Parameter due: when it should have; nil: it was the first, and nothing was before it whose end is known.
    func count(_ frame: DecodedFrame, shown: MonotonicInstant, due: MonotonicInstant?, interval: Duration) {
        let now = clock.now
        var lost = 0
        if let last = progress?.lastTime, let lastLength = progress?.lastLength, let length = frame.duration,
            !frame.discontinuity
        {
            let missing = FrameCounts.missing(
                between: last + lastLength, and: frame.presentationTime, each: length)
            lost = max(0, missing - (rate.cause == nil ? 0 : 1))
        }
        let isLate = due.map { FrameCounts.isLate(max(shown, now), due: $0, interval: interval) } ?? false
        frameCounts.lost += lost
        if isLate { frameCounts.late += 1 } else { frameCounts.onTime += 1 }
        progress?.lastTime = frame.presentationTime
        progress?.lastLength = frame.duration
        // What a transition costs is no measure of the medium.
        guard fade == nil else { return }
        let cause = rate.cause
        let isTooLate = due.map { FrameCounts.isLate(shown, due: $0, interval: interval * 3) } ?? false
        rate.shown(lost: lost + (isTooLate ? 1 : 0), at: now)
        noteRate(cause)
    }

    func noteRate(_ before: RatePolicy.Cause?) {
        guard rate.cause != before else { return }
        switch rate.cause {
        case nil: logger.notice("all frames are shown again")
        case .heat: logger.notice("every second frame is left out: the board is too hot")
        case .load: logger.notice("every second frame is left out: there is no time for all of them")
        case .display: logger.debug("every second frame is left out: the screen has too few refreshes")
        }
        announce()
    }

    /// The first picture of a turn came onto the glass.
    func countChange(_ start: TurnStart, shown: MonotonicInstant) {
        guard start.isScheduled else { return }
        let isLate = FrameCounts.isLate(max(shown, clock.now), due: start.due, interval: start.interval)
        if isLate { frameCounts.changesLate += 1 } else { frameCounts.changesOnTime += 1 }
    }
}
