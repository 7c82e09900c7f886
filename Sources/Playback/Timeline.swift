public import LinuxSystem

/// When each frame of a session is due on the glass.
///
/// Presentation times of the session are mapped to the clock from one anchor, and never added up, so nothing drifts.
/// The display takes a scene with the first refresh at or after a moment; half a refresh is taken off, so that a frame goes
/// to the nearest one and a rate that divides the display's never wavers for a nanosecond.
public struct Timeline: Sendable {
    /// What to do with a frame.
    public enum Verdict: Sendable, Equatable {
        case show(notBefore: MonotonicInstant)
        /// Its time is over. Frames before this position will be, too; tell the decoder.
        case drop(lateBefore: Duration)
    }

    /// When nothing was shown for this long, a late frame is shown all the same: a slow board shows a slow video.
    public static let longestFreeze: Duration = .milliseconds(250)
    /// Who is this late does not catch up any more: the timeline starts again from there.
    public static let hopeless: Duration = .seconds(1)

    private struct Anchor {
        var position: Duration
        var instant: MonotonicInstant
    }

    private let refreshInterval: Duration
    private var anchor: Anchor?
    /// When the first frame is wanted.
    private let start: MonotonicInstant
    private var isSettled = false
    private var pausedAt: MonotonicInstant?
    private var lastDue: MonotonicInstant?
    private var lastDuration: Duration = .zero
    private var lastShown: MonotonicInstant?

    /// - Parameters:
    ///   - start: when the first frame is due.
    ///   - refreshInterval: of the display.
    public init(start: MonotonicInstant, refreshInterval: Duration) {
        self.start = start
        self.refreshInterval = refreshInterval
    }

    public var isPaused: Bool { pausedAt != nil }

    /// Decides on the next frame. Call it in the order of the frames.
    ///
    /// - Parameters:
    ///   - position: presentation time of the frame in the session.
    ///   - duration: how long it stays, when that is known.
    ///   - discontinuity: the first after a jump; it is due when the frame before it is over.
    public mutating func place(
        position: Duration, duration: Duration?, discontinuity: Bool, now: MonotonicInstant
    ) -> Verdict {
        if anchor == nil {
            anchor = Anchor(position: position, instant: start)
        } else if discontinuity, let lastDue {
            anchor = Anchor(position: position, instant: max(lastDue.advanced(by: lastDuration), now))
        }
        guard let due = due(at: position) else { return .show(notBefore: now) }
        if let lastDue, lastDue < due, duration == nil { lastDuration = lastDue.duration(to: due) }
        if let duration { lastDuration = duration }
        let patience = max(lastDuration, refreshInterval)
        let lateness = due.duration(to: now)
        if lateness > patience, isSettled {
            if lateness > Self.hopeless {
                anchor = Anchor(position: position, instant: now)
                return show(due: now, at: now)
            }
            if let lastShown, lastShown.duration(to: now) <= Self.longestFreeze {
                lastDue = due
                return .drop(lateBefore: position + lateness)
            }
        }
        return show(due: due, at: now)
    }

    /// Says when the frame that was placed last came onto the glass. The first of a session sets the beat: what follows is
    /// counted from the refresh that took it.
    public mutating func shown(at instant: MonotonicInstant) {
        lastShown = instant
        guard !isSettled else { return }
        isSettled = true
        if anchor != nil { anchor?.instant = instant }
        lastDue = instant
    }

    /// When the frame that was placed last is over, by its duration.
    public var endOfLast: MonotonicInstant? { lastDue?.advanced(by: lastDuration) }

    /// The frame that was placed last stays until this position: the one after it is left out.
    public mutating func prolongLast(until position: Duration) {
        guard let lastDue, let due = due(at: position), lastDue < due else { return }
        lastDuration = lastDue.duration(to: due)
    }

    /// How long the frame stays that was placed last.
    public var lengthOfLast: Duration { lastDuration }

    /// When a position is due; nil before the first frame.
    public func due(at position: Duration) -> MonotonicInstant? {
        anchor.map { $0.instant.advanced(by: position - $0.position) }
    }

    /// The position in the session that is due now; it stands still during a pause.
    public func position(at now: MonotonicInstant) -> Duration? {
        anchor.map { $0.position + $0.instant.duration(to: pausedAt ?? now) }
    }

    /// Time stands still from now on.
    public mutating func pause(at now: MonotonicInstant) {
        if pausedAt == nil { pausedAt = now }
    }

    /// Time goes on; everything is due later by the length of the pause.
    public mutating func resume(at now: MonotonicInstant) {
        guard let pausedAt else { return }
        self.pausedAt = nil
        let pause = pausedAt.duration(to: now)
        if let anchor { self.anchor = Anchor(position: anchor.position, instant: anchor.instant.advanced(by: pause)) }
        lastDue = lastDue?.advanced(by: pause)
        lastShown = lastShown?.advanced(by: pause)
    }

    private mutating func show(due: MonotonicInstant, at now: MonotonicInstant) -> Verdict {
        lastDue = due
        return .show(notBefore: due.advanced(by: .zero - refreshInterval / 2))
    }
}
