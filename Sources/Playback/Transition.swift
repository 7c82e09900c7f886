public import LinuxSystem

/// How one medium gives way to the next: `playback.transition`.
public enum TransitionKind: String, Sendable, CaseIterable {
    /// From one refresh to the next.
    case cut
    /// The next medium comes through the one before.
    case crossfade
    /// The one before goes dark, then the next one comes out of the dark.
    case fadeBlack = "fade_black"
}

/// One medium giving way to the next. A value: the time goes in, how much of each is seen comes out.
///
/// It begins when the time of the medium before is over, at the very moment of a cut, and lies in the time of the next one:
/// how long each is on, and when, does not depend on it. Of the medium before, the last picture stands meanwhile. A photo's
/// time runs from the beginning; a video moves from its first visible picture on, so that none of its frames is lost in the
/// dark.
public struct Transition: Sendable, Equatable {
    /// What is seen at one moment, from 0 to 255 each; where both are, the incoming lies above.
    public struct Mix: Sendable, Equatable {
        public var outgoing: UInt8
        public var incoming: UInt8

        public init(outgoing: UInt8, incoming: UInt8) {
            self.outgoing = outgoing
            self.incoming = incoming
        }
    }

    public var kind: TransitionKind
    public var begin: MonotonicInstant
    /// Zero for a cut.
    public var length: Duration

    public init(_ kind: TransitionKind, begin: MonotonicInstant, length: Duration) {
        self.kind = kind
        self.begin = begin
        self.length = kind == .cut ? .zero : max(.zero, length)
    }

    /// - Parameters:
    ///   - wanted: `playback.transition_ms`.
    ///   - incoming: how long the next medium is on; nil: not known. It has half of that at least to itself.
    ///   - refreshInterval: of the display. What takes less than two of them is a cut.
    static func length(wanted: Duration, incoming: Duration?, refreshInterval: Duration) -> Duration {
        let length = incoming.map { min(wanted, $0 / 2) } ?? wanted
        return length < refreshInterval * 2 ? .zero : length
    }

    public var end: MonotonicInstant { begin.advanced(by: length) }

    public func isOver(at now: MonotonicInstant) -> Bool { now >= end }

    /// When the first picture of a medium that moves is due: not in the dark.
    public var firstMotion: MonotonicInstant { kind == .fadeBlack ? begin.advanced(by: length / 2) : begin }

    /// What is seen at a moment. Brightness follows 3x² − 2x³, so that nothing starts or stops with a jerk.
    public func mix(at now: MonotonicInstant) -> Mix {
        guard now < end else { return Mix(outgoing: 0, incoming: 255) }
        let share = max(0, begin.duration(to: now) / length)
        switch kind {
        case .cut: return Mix(outgoing: 0, incoming: 255)
        case .crossfade: return Mix(outgoing: 255, incoming: Self.smooth(share))
        case .fadeBlack:
            return share < 0.5
                ? Mix(outgoing: 255 - Self.smooth(2 * share), incoming: 0)
                : Mix(outgoing: 0, incoming: Self.smooth(2 * share - 1))
        }
    }

    private static func smooth(_ share: Double) -> UInt8 {
        let share = min(max(share, 0), 1)
        return UInt8((255 * share * share * (3 - 2 * share)).rounded())
    }
}
