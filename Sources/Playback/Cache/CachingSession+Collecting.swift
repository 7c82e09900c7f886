import DecoderClient
import DecoderProtocol
import Frames
import LinuxSystem
import Synchronization

// What is put into the cache, and what is learned of the medium on the way.
extension CachingSession {
    /// The first frame of an iteration, or a photo.
    func beginCollecting(_ frame: DecodedFrame, bytes: Int, _ state: inout State) {
        cache.used(key)
        state.iterationBytes = 0
        state.headGoal = nil
        state.wantsReadable = false
        guard frame.cacheable, state.collection == nil else { return }
        if let late = state.lateUntil {
            guard state.reel.base >= late + Self.lateMargin else { return }
            state.lateUntil = nil
        }
        if description.kind == .image {
            state.collection = cache.begin(key, bytes: bytes, isMoving: false)
            return
        }
        let head = state.head.frames
        guard frame.frame.buffer.scanout == nil else {
            // Decoded before anybody knew: where there is room for it, the next iteration is collected.
            state.wantsReadable =
                cache.wouldBegin(key, bytes: expectedBytes(frame: bytes) ?? 0)
                || (head > 0 && cache.extent(of: key) == nil && cache.wouldBegin(key, bytes: head * bytes))
            return
        }
        state.collection = cache.begin(key, bytes: expectedBytes(frame: bytes), isMoving: true)
        if state.collection == nil, head > 0, cache.extent(of: key) == nil {
            state.collection = cache.begin(key, bytes: head * bytes, isMoving: true)
            state.headGoal = head
        }
    }

    /// Of all pictures; nil: not known.
    private func expectedBytes(frame: Int) -> Int? {
        if let known = cache.facts(of: key)?.byteCount { return known }
        guard let duration = description.durationNanoseconds, let rate = description.frameRate else { return nil }
        let frames = (Double(duration) * rate / 1_000_000_000).rounded(.up)
        return frames < 1e6 ? Int(frames) * frame : Int.max / 4
    }

    func endIteration(at moment: Duration, isGuessed: Bool = false, _ state: inout State) {
        state.isGuessed = isGuessed
        state.isLonger = false
        let wasSpared = state.lateUntil.map { state.reel.base < $0 + Self.lateMargin } ?? false
        if state.reel.number != nil, !wasSpared, var facts = cache.facts(of: key) {
            if !isGuessed { facts.length = moment - state.reel.base }
            facts.byteCount = state.iterationBytes ?? facts.byteCount
            cache.setFacts(facts, of: key)
        }
        if let collection = state.collection {
            state.collection = nil
            if state.headGoal != nil || !cache.complete(collection, as: .whole) { cache.abandon(collection) }
        }
        state.reel.turn(at: moment)
    }

    /// A length that was told wrong is right the next time.
    func confirmLength(_ frame: DecodedFrame, _ state: inout State) {
        guard state.isGuessed, state.reel.isCurrent(iteration: frame.iteration) else { return }
        state.isGuessed = false
        guard var facts = cache.facts(of: key) else { return }
        facts.length = state.reel.lengthBefore(time: frame.presentationTime)
        cache.setFacts(facts, of: key)
    }

    /// There was no room for more than this: what there must be next time.
    func tooLarge(_ bytes: Int) {
        guard var facts = cache.facts(of: key) else { return }
        facts.byteCount = max(facts.byteCount ?? 0, bytes + bytes / 2)
        cache.setFacts(facts, of: key)
    }

    func abandon() {
        let collection = state.withLock { state in
            defer { state.collection = nil }
            return state.collection
        }
        if let collection { cache.abandon(collection) }
    }
}
