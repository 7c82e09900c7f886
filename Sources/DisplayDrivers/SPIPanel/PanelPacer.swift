import LinuxSystem

/// When to begin a transfer, and when a picture counts as shown: the display's sense of time, as a pure value.
///
/// A transfer never begins before the scene's time, and pictures are complete an interval apart, so that what can be sent in
/// an interval is sent at once when the one before is there.
struct PanelPacer: Sendable, Equatable {
    let interval: Duration
    private var last: MonotonicInstant?
    private var sequence: UInt64 = 0

    init(interval: Duration) { self.interval = interval }

    /// - Parameter transfer: how long it will take, as far as known.
    func start(now: MonotonicInstant, notBefore: MonotonicInstant, transfer: Duration) -> MonotonicInstant {
        let soonest = max(now, notBefore)
        guard let last else { return soonest }
        return max(soonest, last.advanced(by: interval - min(max(transfer, .zero), interval)))
    }

    /// The transfer is done.
    ///
    /// - Returns: `time` lies ahead by as much as it was quicker than expected. Nobody waits for that: the next transfer
    ///   begins that much later.
    mutating func finished(at now: MonotonicInstant, source: Presentation.Source) -> Presentation {
        let time = max(now, last.map { $0.advanced(by: interval) } ?? now)
        if let last {
            // Numbers count intervals, so that a pause shows in them.
            let step = max(1, interval.wholeNanoseconds)
            sequence += UInt64(max(1, last.duration(to: time).wholeNanoseconds / step))
        }
        last = time
        return Presentation(time: time, sequence: sequence, interval: interval, source: source)
    }
}
