import DecoderClient
import DecoderProtocol
import Frames
import LinuxSystem
import Synchronization

// What comes from the cache: all of a medium, or its head.
extension CachingSession {
    func fromMemory() async -> DecodedFrame? {
        if let (frame, inner) = fromWhole() {
            await inner?.close()
            return frame
        }
        return cache.extent(of: key) == .head ? await fromHead() : nil
    }

    /// The next frame, and the decoder that is not needed any more.
    private func fromWhole() -> (DecodedFrame, (any DecoderSession)?)? {
        let isPhoto = description.kind == .image
        let (number, position) = state.withLock { ($0.reel.number, $0.reel.position) }
        guard let next = cache.replay(key, number: number, after: position), isPhoto || next.length != nil else {
            return nil
        }
        if next.number == 0 { cache.used(key) }
        return state.withLock { state in
            state.reel.go(to: next.number)
            let frame = replay(next.picture, &state)
            state.isOver = isPhoto
            if let length = next.length, next.isLast { state.reel.turn(at: state.reel.base + length) }
            state.pending = nil
            defer { state.inner = nil }
            return (frame, state.inner)
        }
    }

    /// At the end of an iteration, the head bridges the time that the decoder takes to begin again.
    private func fromHead() async -> DecodedFrame? {
        let measured = cache.facts(of: key)?.length
        let expected = measured ?? description.durationNanoseconds.map { .nanoseconds($0) }
        if measured == nil, let expected, await mayGoOn(beyond: expected) { return nil }
        let number = state.withLock { state -> Int? in
            guard state.inner != nil, let number = state.reel.number else { return nil }
            if state.isBridging { return number }
            guard let expected, isNear(expected, state) else { return nil }
            // There is room for all of it now: that is collected from the decoder, this once without a bridge.
            if let bytes = state.iterationBytes ?? cache.facts(of: key)?.byteCount, cache.wouldBegin(key, bytes: bytes)
            {
                return nil
            }
            endIteration(at: state.reel.base + state.reel.position, isGuessed: true, &state)
            state.isBridging = true
            return 0
        }
        guard let number else { return nil }
        guard let picture = cache.picture(key, number: number) else {
            state.withLock { $0.isBridging = false }
            return nil
        }
        if number == 0 { cache.used(key) }
        let frame = state.withLock { replay(picture, &$0) }
        await workAhead()
        return frame
    }

    /// An iteration from the decoder has come to this place.
    private func isNear(_ end: Duration, _ state: State) -> Bool {
        guard let number = state.reel.number, number > 0, state.pending == nil else { return false }
        return state.reel.position >= end - state.frameDuration / 2
    }

    /// Whether the decoder has more, or may have, where only the file says that this is the end. One that was in time
    /// and has nothing ready has begun again.
    private func mayGoOn(beyond end: Duration) async -> Bool {
        let asked = state.withLock { state -> (any DecoderSession)? in
            state.isBridging || state.isLonger || !isNear(end, state) ? nil : state.inner
        }
        guard let inner = asked else { return state.withLock { $0.isLonger } }
        // A failure shows when the next frame is asked for.
        let ready = try? await inner.readyFrame()
        return state.withLock { state in
            if let ready {
                state.pending = ready
                state.isLonger = state.reel.isCurrent(iteration: ready.iteration)
                return true
            }
            return state.wait.longest > state.frameDuration
        }
    }

    /// What the decoder has ready of the head is given back to it at once, so that it comes to what follows.
    private func workAhead() async {
        guard let end = cache.end(of: key) else { return }
        while let inner = state.withLock({ $0.pending == nil ? $0.inner : nil }) {
            // A failure shows when the head is over.
            guard let frame = try? await inner.readyFrame() else { return }
            state.withLock { state in
                confirmLength(frame, &state)
                let isShown = state.reel.isOver(
                    time: frame.presentationTime, duration: frame.duration, iteration: frame.iteration, before: end)
                if !isShown { state.pending = frame }
            }
        }
    }

    private func replay(_ picture: FrameCache.Picture, _ state: inout State) -> DecodedFrame {
        let isFirst = state.reel.number == 0
        state.iterationBytes = nil
        let (time, iteration) = state.reel.replay(time: picture.time, duration: picture.duration)
        return DecodedFrame(
            frame: picture.frame, presentationTime: time, duration: picture.duration, iteration: iteration,
            discontinuity: picture.discontinuity && !isFirst, cacheable: true,
            shown: description.shownSize(picture.frame.layout.format))
    }
}
