import DecoderClient
import DecoderProtocol
import DisplayDrivers
import LinuxSystem
import MediaIndex

// How a medium that moves is left on time.
extension Player {
    /// How a turn goes on.
    enum Next: Sendable {
        case frame(DecodedFrame)
        /// Its last picture is over at this moment; whether that is its end is sure, or only what the file says.
        case turnIsOver(MonotonicInstant, isSure: Bool)
        case sessionIsOver
    }

    /// The next frame. At the end of a turn that another medium follows, that is not waited for any longer than the
    /// last picture stays: a decoder may take its time to begin again, and only then tells that the medium is over. As
    /// long as only the file says that this is the end, a frame that comes in time shows that it is not.
    func next(
        of session: any DecoderSession, _ item: ProgrammeItem, turnStart: Duration
    ) async throws(DecoderError) -> Next {
        guard endOfTurn(item, turnStart: turnStart) != nil else {
            return try await session.nextFrame().map { .frame($0) } ?? .sessionIsOver
        }
        let asked = clock.now
        let first = await withTaskGroup(of: Result<Next, DecoderError>.self) { group in
            group.addTask {
                do throws(DecoderError) {
                    return .success(try await session.nextFrame().map { .frame($0) } ?? .sessionIsOver)
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { await self.waitForEnd(item, turnStart: turnStart, asked: asked) }
            defer { group.cancelAll() }
            return await group.next()
        }
        guard let first else { throw .cancelled }
        return try first.get()
    }

    /// Waits until the last picture is nearly over; with a pause, or when nothing follows any more, for longer.
    private func waitForEnd(
        _ item: ProgrammeItem, turnStart: Duration, asked: MonotonicInstant
    ) async -> Result<Next, DecoderError> {
        while !Task.isCancelled {
            let seen = wakeup.generation
            var leave: MonotonicInstant?
            if !programme.isPaused, let end = endOfTurn(item, turnStart: turnStart), let progress {
                let (length, frame) = (progress.length, progress.timeline?.lengthOfLast ?? .zero)
                let moment = length.leave(
                    end: end, frame: frame, refresh: screen?.refreshInterval ?? .zero, asked: asked)
                // Of a decoder that was in time it is known that it has begun again.
                if clock.now >= moment {
                    return .success(.turnIsOver(end, isSure: length.isSure || length.wait.longest <= frame))
                }
                leave = moment
            }
            await wakeup.wait(after: seen, until: leave, clock: clock)
        }
        return .failure(.cancelled)
    }

    /// When the picture on the glass is over, if it is the last one by what is known of the medium, and another medium
    /// follows.
    private func endOfTurn(_ item: ProgrammeItem, turnStart: Duration) -> MonotonicInstant? {
        guard let progress, let duration = progress.duration, let end = progress.timeline?.endOfLast,
            let expected = progress.timeline?.due(at: progress.iterationStart + duration),
            isComplete(item, shown: progress.iterationStart + duration - turnStart),
            let follower = programme.successor(at: max(clock.now, end)), follower != item.id,
            let last = progress.timeline?.lengthOfLast,
            abs(end.duration(to: expected).wholeNanoseconds) <= last.wholeNanoseconds / 2 * (rate.cause == nil ? 1 : 3)
        else { return nil }
        return rate.cause == nil ? end : expected
    }
}
