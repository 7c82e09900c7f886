import DecoderClient
import DecoderProtocol
import Frames
import LinuxSystem
import Synchronization

/// A medium whose pictures come from the cache where they are there, and else from a decoder, and are collected then.
///
/// A loop that is whole in the cache needs no decoder: it is closed. When the cache has given the loop up, one is opened
/// where the picture is.
final class CachingSession: DecoderSession {
    /// Opens a decoder of this role at a place in the medium.
    typealias Opener =
        @Sendable (_ start: Duration, _ role: DecoderRole) async throws(DecoderError) -> any DecoderSession

    struct State {
        var reel: Reel
        var inner: (any DecoderSession)?
        var role: DecoderRole
        var isClosed = false
        /// A photo's only picture was handed out.
        var isOver = false
        var collection: FrameCache.Ledger.Collection?
        /// The collection is of so many pictures of the head; nil: of all.
        var headGoal: Int?
        var head = HeadLength()
        /// The decoder's own next frame has not come yet.
        var isFresh = true
        /// An iteration has begun with the head, from memory.
        var isBridging = false
        /// When the one before it was over was told by its length, which the decoder's first frame confirms.
        var isGuessed = false
        /// This iteration is longer than the file says.
        var isLonger = false
        /// How long the decoder has let wait, but for an iteration's first frame.
        var wait = RecentWait()
        /// What came from the decoder while the head was shown, and follows it.
        var pending: DecodedFrame?
        var frameDuration: Duration = .zero
        /// Bytes of this iteration's pictures so far; nil: some came from memory.
        var iterationBytes: Int? = 0
        /// Where frames may lie that are not kept.
        var lender: (any FrameLending)?
        /// The decoder was told of it.
        var isLending = false
        /// The next iteration is to be collected: its frames must be readable.
        var wantsReadable = false
        /// Before this time the decoder may leave out frames.
        var lateUntil: Duration?
    }

    /// After it was late, a decoder may leave out frames for some more.
    static let lateMargin: Duration = .milliseconds(500)

    let description: MediumDescription
    let key: FrameCache.Key
    let cache: FrameCache
    private let opener: Opener
    private let clock: any BoardClock
    let state: Mutex<State>

    /// - Parameters:
    ///   - inner: a decoder that was opened there; nil: all is in the cache.
    ///   - start: where in the medium it begins.
    init(
        _ key: FrameCache.Key, in cache: FrameCache, description: MediumDescription,
        inner: (any DecoderSession)?, start: Duration, role: DecoderRole, clock: any BoardClock,
        opener: @escaping Opener
    ) {
        self.key = key
        self.cache = cache
        self.description = description
        self.clock = clock
        self.opener = opener
        state = Mutex(State(reel: Reel(start: start), inner: inner, role: role))
        if let inner {
            let known = cache.facts(of: key)
            cache.setFacts(
                FrameCache.Facts(
                    description: inner.description, length: known?.length, byteCount: known?.byteCount), of: key)
        }
    }

    deinit {
        if let collection = state.withLock({ $0.collection }) { cache.abandon(collection) }
    }

    // MARK: DecoderSession

    func nextFrame() async throws(DecoderError) -> DecodedFrame? {
        while true {
            let (isClosed, isOver) = state.withLock { ($0.isClosed, $0.isOver) }
            if isClosed { throw .closed }
            if isOver { return nil }
            if let frame = await fromMemory() { return frame }
            guard let frame = try await fromDecoder() else {
                abandon()
                return nil
            }
            if let frame = await take(frame) { return frame }
        }
    }

    func readyFrame() async throws(DecoderError) -> DecodedFrame? { nil }

    func keep(_ frame: Frame) async { await inner?.keep(frame) }

    func late(before position: Int64) async {
        let told = state.withLock { state -> ((any DecoderSession), Duration)? in
            // What is collected is to be whole: late once, and never again.
            guard state.collection == nil, let inner = state.inner else { return nil }
            state.lateUntil = .nanoseconds(position)
            return (inner, state.reel.decoderTime(.nanoseconds(position)))
        }
        if let (inner, position) = told { await inner.late(before: position.wholeNanoseconds) }
    }

    func lend(from lender: (any FrameLending)?) async {
        state.withLock { $0.lender = lender }
        if lender == nil { await updateLending() }
    }

    /// What is collected is read from memory again and again; all else may go straight to the glass.
    private func updateLending() async {
        let told = state.withLock { state -> ((any DecoderSession), (any FrameLending)?)? in
            let lends = state.lender != nil && state.collection == nil && !state.wantsReadable
            guard lends != state.isLending, let inner = state.inner else { return nil }
            state.isLending = lends
            return (inner, lends ? state.lender : nil)
        }
        if let (inner, lender) = told { await inner.lend(from: lender) }
    }

    func promote() async {
        let inner = state.withLock { state in
            state.role = .current
            return state.inner
        }
        await inner?.promote()
    }

    func thumbnail(size: PixelSize) async throws(DecoderError) -> [UInt8] {
        try await openInner().thumbnail(size: size)
    }

    func check(
        seconds: Double, progress: @Sendable @escaping (Double) -> Void
    ) async throws(DecoderError) -> CheckReport {
        try await openInner().check(seconds: seconds, progress: progress)
    }

    func close() async {
        abandon()
        let inner = state.withLock { state in
            state.isClosed = true
            state.pending = nil
            defer { state.inner = nil }
            return state.inner
        }
        await inner?.close()
    }

    // MARK: From the decoder

    private var inner: (any DecoderSession)? { state.withLock { $0.inner } }

    private func fromDecoder() async throws(DecoderError) -> DecodedFrame? {
        let pending = state.withLock { state in
            state.isBridging = false
            defer { state.pending = nil }
            return state.pending
        }
        if let pending { return pending }
        let inner = try await openInner()
        let asked = clock.now
        guard let frame = try await inner.nextFrame() else { return nil }
        let wait = asked.duration(to: clock.now)
        state.withLock { state in
            state.frameDuration = frame.duration ?? state.frameDuration
            let begins = state.reel.begins(iteration: frame.iteration)
            if state.isFresh || begins {
                // While it begins again, one frame is on the screen and another is ready.
                state.head.waited(wait, ahead: state.isFresh ? 2 : 1, frame: state.frameDuration)
            } else {
                state.wait.add(wait)
            }
            state.isFresh = false
        }
        return frame
    }

    private func openInner() async throws(DecoderError) -> any DecoderSession {
        let (inner, start, role) = state.withLock { ($0.inner, $0.reel.position, $0.role) }
        if let inner { return inner }
        let opened = try await opener(start, role)
        let isClosed = state.withLock { state in
            guard !state.isClosed else { return true }
            state.inner = opened
            state.isLending = false
            state.isFresh = true
            state.reel.reopened()
            return false
        }
        guard !isClosed else {
            await opened.close()
            throw .closed
        }
        return opened
    }

    /// nil: it is not to be shown.
    private func take(_ frame: DecodedFrame) async -> DecodedFrame? {
        let bytes = frame.frame.buffer.memory.byteCount
        let placed = state.withLock { state -> (frame: DecodedFrame, time: Duration, inner: (any DecoderSession)?)? in
            confirmLength(frame, &state)
            var number = state.reel.number
            var verdict = state.reel.place(
                time: frame.presentationTime, duration: frame.duration, iteration: frame.iteration)
            if case .nextIteration(let moment) = verdict {
                endIteration(at: moment, &state)
                // It is whole now: this frame comes from memory, too.
                if state.collection == nil, cache.extent(of: key) == .whole { return nil }
                number = 0
                verdict = state.reel.place(
                    time: frame.presentationTime, duration: frame.duration, iteration: frame.iteration)
            }
            guard case .show(let time, let iteration) = verdict else { return nil }
            var placed = frame
            placed.presentationTime = time
            placed.iteration = iteration
            if number == 0 { beginCollecting(frame, bytes: bytes, &state) }
            state.iterationBytes = state.iterationBytes.map { $0 + bytes }
            return (placed, time - state.reel.base, state.inner)
        }
        guard let placed else { return nil }
        cache.missed()
        let shown = await collect(placed.frame, time: placed.time, placed.inner)
        await updateLending()
        return shown
    }

    private func collect(
        _ frame: DecodedFrame, time: Duration, _ inner: (any DecoderSession)?
    ) async -> DecodedFrame {
        guard let collection = state.withLock({ $0.collection }) else { return frame }
        guard frame.frame.buffer.scanout == nil else {
            // It was decoded before this iteration began to be collected: the next one is.
            state.withLock { state in
                state.collection = nil
                state.wantsReadable = true
            }
            cache.abandon(collection)
            return frame
        }
        let isPhoto = description.kind == .image
        await inner?.keep(frame.frame)
        let picture = cache.add(
            FrameCache.Picture(
                frame: frame.frame, time: time, duration: frame.duration, discontinuity: frame.discontinuity),
            to: collection)
        return state.withLock { state in
            guard state.collection == collection else { return frame }
            guard let picture else {
                state.collection = nil
                tooLarge(state.iterationBytes ?? 0)
                return frame
            }
            let goal = isPhoto ? 1 : state.headGoal
            if let goal, state.reel.number == goal {
                _ = cache.complete(collection, as: isPhoto ? .whole : .head)
                state.collection = nil
            }
            state.isOver = isPhoto
            var kept = frame
            kept.frame = picture.frame
            return kept
        }
    }
}
