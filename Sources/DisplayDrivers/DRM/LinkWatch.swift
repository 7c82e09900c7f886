import LinuxSystem

/// Whether a screen is still plugged, from what its connector says: a link that bounces is not taken for an unplugged one.
struct LinkWatch: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        case none
        /// Look again at this moment, whether or not anybody says something.
        case lookAgain(MonotonicInstant)
        /// It was away for a moment: the screen may have lost the mode.
        case setMode
        case lost
    }

    private let settling: Duration
    private var away: MonotonicInstant?

    init(settling: Duration) { self.settling = settling }

    mutating func saw(connected: Bool, at now: MonotonicInstant) -> Action {
        guard !connected else {
            defer { away = nil }
            return away == nil ? .none : .setMode
        }
        let since = away ?? now
        away = since
        let believed = since.advanced(by: settling)
        return now >= believed ? .lost : .lookAgain(believed)
    }
}
