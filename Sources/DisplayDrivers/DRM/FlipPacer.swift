import LinuxSystem

/// When to commit, and what a finished flip means: the display's sense of time, as a pure value.
///
/// Where the hardware counts vertical blanks, each flip comes at one, and a commit in the middle of the refresh before is
/// early enough. Where it does not (virtio-gpu finishes flips at once), commits are a refresh interval apart by timer.
struct FlipPacer: Sendable, Equatable {
    let interval: Duration
    private(set) var source = Presentation.Source.verticalBlank
    private(set) var last: MonotonicInstant?
    private(set) var sequence: UInt64 = 0
    /// `last` is what the hardware said, and no moment of ours.
    private var lastIsTold = false

    init(interval: Duration) { self.interval = interval }

    /// When to commit so that the first refresh at or after `notBefore` takes it.
    func commitTime(now: MonotonicInstant, notBefore: MonotonicInstant) -> MonotonicInstant {
        guard let last else { return max(now, notBefore) }
        let step = interval.wholeNanoseconds
        if source == .timer { return max(now, notBefore, last.advanced(by: interval)) }
        let distance = last.duration(to: notBefore).wholeNanoseconds
        guard distance > step else { return now }
        let target = last.nanoseconds + (distance + step - 1) / step * step
        return max(now, MonotonicInstant(nanoseconds: target - step / 2))
    }

    /// Takes in that a flip is done.
    ///
    /// - Parameters:
    ///   - committed: when it was asked for.
    ///   - time: what the event says; nil where it says nothing to be believed.
    /// - Returns: when it counts as done. Later than now where the hardware did not wait for a vertical blank.
    mutating func finished(committed: MonotonicInstant, time: MonotonicInstant?, now: MonotonicInstant) -> Presentation
    {
        var moment = max(min(time ?? now, now), committed)
        if let last {
            let passed = last.duration(to: moment).wholeNanoseconds
            let step = interval.wholeNanoseconds
            if passed < step * 3 / 4, time != nil, lastIsTold {
                // No vertical blank is that soon after the one before.
                source = .timer
            }
            if source == .timer { moment = max(moment, last.advanced(by: interval)) }
            let refreshes = max(1, (last.duration(to: moment).wholeNanoseconds + step / 2) / step)
            sequence += UInt64(refreshes)
        }
        last = moment
        lastIsTold = time != nil
        return Presentation(time: moment, sequence: sequence, interval: interval, source: source)
    }

    /// A refresh that only the timer saw: the screen sleeps.
    mutating func pretended(at now: MonotonicInstant, notBefore: MonotonicInstant) -> Presentation {
        let moment = max(now, notBefore, last.map { $0.advanced(by: interval) } ?? now)
        sequence += last == nil ? 0 : 1
        last = moment
        lastIsTold = false
        return Presentation(time: moment, sequence: sequence, interval: interval, source: .timer)
    }
}

/// What to do about a flip that does not come: wait, set the mode anew, give up. After it the chain decides.
struct FlipEscalation: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case flip
        case modeSet
        case giveUp
    }

    private(set) var step = Step.flip

    /// How long this step may take.
    func deadline(interval: Duration) -> Duration {
        switch step {
        case .flip: max(.milliseconds(400), interval * 4)
        case .modeSet, .giveUp: .milliseconds(1_000)
        }
    }

    mutating func timedOut() { step = step == .flip ? .modeSet : .giveUp }
    mutating func finished() { step = .flip }
}
