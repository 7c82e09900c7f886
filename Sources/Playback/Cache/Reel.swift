import LinuxSystem

/// Where a medium stands that plays from its decoder, from memory, or from one after the other. A value: frames go in,
/// their places in the session come out.
///
/// The session's time goes on over all iterations. A decoder that was opened on the way counts from its own beginning.
struct Reel: Sendable {
    /// Of a decoder's frame.
    enum Verdict: Sendable, Equatable {
        case show(time: Duration, iteration: Int)
        /// It was shown already.
        case skip
        /// The first of the next iteration; `place` it again after `turn(at:)`.
        case nextIteration(at: Duration)
    }

    /// When this iteration began, in the session's time.
    private(set) var base: Duration = .zero
    private var previousBase: Duration = .zero
    private(set) var iteration = 0
    /// Of the next frame in this iteration; nil: it began in the middle.
    private(set) var number: Int?
    /// In the medium: how far it was shown.
    private(set) var position: Duration
    /// The medium's first frame is at this time.
    private var firstTime: Duration = .zero
    /// From the decoder's times and iterations to ours.
    private var shift: Duration = .zero
    private var iterationShift = 0
    /// What the decoder brings may have been shown from memory.
    private var isOverlapping = false

    init(start: Duration) {
        position = start
        number = start == .zero ? 0 : nil
    }

    /// The decoder's time of a time of ours.
    func decoderTime(_ time: Duration) -> Duration { time - shift }

    /// The decoder's first frame of the iteration that has begun from memory: how long the one before really was.
    func lengthBefore(time: Duration) -> Duration { time + shift - firstTime - previousBase }

    /// A decoder's frame is of the iteration that is shown.
    func isCurrent(iteration theirs: Int) -> Bool { theirs + iterationShift == iteration }

    /// A decoder's frame is the first of an iteration.
    func begins(iteration theirs: Int) -> Bool { theirs + iterationShift > iteration }

    /// A decoder's frame is over before this place in the iteration that is shown.
    func isOver(time: Duration, duration: Duration?, iteration theirs: Int, before end: Duration) -> Bool {
        let theirs = theirs + iterationShift
        guard theirs == iteration else { return theirs < iteration }
        let start = time + shift - base
        return duration.map { start + $0 <= end } ?? (start < end)
    }

    mutating func place(time: Duration, duration: Duration?, iteration theirs: Int) -> Verdict {
        if begins(iteration: theirs) { return .nextIteration(at: time + shift - firstTime) }
        guard theirs + iterationShift == iteration else { return .skip }
        if isOverlapping, isOver(time: time, duration: duration, iteration: theirs, before: position) { return .skip }
        isOverlapping = false
        let time = time + shift
        if number == 0 { firstTime = time - base }
        took(time: time - base, duration: duration)
        return .show(time: time, iteration: iteration)
    }

    /// A frame of this medium's time comes from memory.
    mutating func replay(time: Duration, duration: Duration?) -> (time: Duration, iteration: Int) {
        if number == 0 { firstTime = time }
        took(time: time, duration: duration)
        isOverlapping = true
        return (base + time, iteration)
    }

    /// From memory, it goes on with this frame.
    mutating func go(to number: Int) { self.number = number }

    /// The next iteration begins.
    mutating func turn(at moment: Duration) {
        previousBase = base
        base = moment
        iteration += 1
        number = 0
        position = .zero
    }

    /// A decoder was opened that begins where this is now.
    mutating func reopened() {
        shift = base
        iterationShift = iteration
        isOverlapping = true
    }

    private mutating func took(time: Duration, duration: Duration?) {
        number = number.map { $0 + 1 }
        position = max(position, time + (duration ?? .zero))
    }
}

/// How many frames of a medium's head are kept, so that it begins again while its decoder is still at it.
struct HeadLength: Sendable {
    /// A head is for restarts, and not for slow decoding.
    static let longest = 16

    private var wanted = 0

    /// - Parameters:
    ///   - wait: for the first frame.
    ///   - ahead: frames that were there meanwhile.
    ///   - frame: how long one stays.
    mutating func waited(_ wait: Duration, ahead: Int, frame: Duration) {
        guard frame > .zero, wait > frame * ahead else { return }
        let missing = (wait - frame * ahead).wholeNanoseconds
        let one = frame.wholeNanoseconds
        // One more, for it is not always as quick.
        wanted = min(Self.longest, max(wanted, Int((missing + one - 1) / one) + 1))
    }

    var frames: Int { wanted }
}
