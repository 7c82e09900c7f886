public import GPIO
public import LinuxSystem

/// One line and what its presses mean: debounced, short or held, repeated. A value: edges, the level and the time go
/// in, what is to be done comes out.
///
/// With one action that needs no hold, a press acts as soon as it has settled. With more than one, the longest hold
/// acts when its time has come, and the others when the button is let go of.
public struct ButtonLine: Sendable {
    public enum Output: Sendable, Equatable {
        case act(ButtonAction)
        /// A long hold is under way, and will act when it goes on for so long.
        case holding(ButtonAction, rest: Duration)
        /// That hold was given up.
        case gaveUp
        /// The line does not come to rest: nothing is attached to it, or badly. Its edges do nothing.
        case flickers
        /// It came to rest.
        case rests
    }

    /// A press must hold for so long, after the chip's own debouncing.
    static let settling: Duration = .milliseconds(25)
    /// What the chip, or the kernel in its place, takes for one edge: contacts bounce for a few milliseconds.
    static let chipDebounce: Duration = .milliseconds(5)
    /// A finger makes at most this many edges in `calm`; more of them are no finger's.
    static let mostEdges = 6
    /// How long a line that flickers must rest before it is believed again. So must one that was just taken.
    static let calm: Duration = .milliseconds(300)
    /// After this long a flicker is worth a word.
    static let patience: Duration = .seconds(5)
    static let repeatAfter: Duration = .milliseconds(500)
    static let repeatEvery: Duration = .milliseconds(150)
    /// A button that is jammed does not repeat for ever.
    static let mostRepeats = 40
    /// Holds of at least this length are announced, after the time below.
    static let longHold: Duration = .seconds(2)
    static let announceAfter: Duration = .seconds(1)

    private enum State: Equatable {
        /// Not believed until it rests.
        case restless(since: MonotonicInstant, isReported: Bool)
        case idle
        case pressed(since: MonotonicInstant, isAnnounced: Bool)
        case repeating(next: MonotonicInstant, left: Int)
        /// Active, and nothing more comes of it until it is let go of: it has acted, or was active when it was
        /// looked at first.
        case spent
    }

    /// By hold, shortest first; at least one.
    private let steps: [ButtonBinding]
    private var state: State
    private var isActive: Bool
    /// Moments of the last edges, no older than `calm`.
    private var edges: [MonotonicInstant] = []
    private var lastEdge: MonotonicInstant

    /// - Parameters:
    ///   - bindings: all of one line.
    ///   - isActive: its level now.
    public init(_ bindings: [ButtonBinding], isActive: Bool, at now: MonotonicInstant) {
        steps = bindings.sorted { $0.hold < $1.hold }
        self.isActive = isActive
        lastEdge = now
        state = .restless(since: now, isReported: false)
    }

    /// Whether a press is under way that time alone will make something of.
    public var countsOnActive: Bool {
        switch state {
        case .pressed, .repeating: true
        case .restless, .idle, .spent: false
        }
    }

    /// When time alone has something done.
    public var deadline: MonotonicInstant? {
        switch state {
        case .restless(let since, let isReported):
            let rest = lastEdge.advanced(by: Self.calm)
            return isReported ? rest : min(rest, since.advanced(by: Self.patience))
        case .pressed(let since, let isAnnounced):
            let act = since.advanced(by: Self.needed(longest))
            return isAnnounced || longest.hold < Self.longHold ? act : since.advanced(by: Self.announceAfter)
        case .repeating(let next, _): return next
        case .idle, .spent: return nil
        }
    }

    /// The line changed.
    public mutating func edge(_ edge: GPIOEdge) -> [Output] {
        // What was due before it comes before it, however late we hear of both.
        var outputs = elapse(to: edge.moment)
        isActive = edge.isActive
        lastEdge = max(lastEdge, edge.moment)
        edges = edges.filter { $0.duration(to: edge.moment) < Self.calm } + [edge.moment]
        if edges.count > Self.mostEdges {
            if case .restless = state { return outputs }
            outputs += giveUp()
            state = .restless(since: edge.moment, isReported: false)
            return outputs
        }
        switch state {
        case .restless: break
        case .idle: if edge.isActive { state = .pressed(since: edge.moment, isAnnounced: false) }
        case .pressed(let since, _):
            guard !edge.isActive else { break }
            outputs += giveUp()
            let held = since.duration(to: edge.moment)
            if let step = steps.last(where: { Self.needed($0) <= held }) { outputs.append(.act(step.action)) }
            state = .idle
        case .repeating, .spent: if !edge.isActive { state = .idle }
        }
        return outputs
    }

    /// Time passed.
    public mutating func elapse(to now: MonotonicInstant) -> [Output] {
        var outputs: [Output] = []
        while let deadline, deadline <= now { outputs += pass(deadline) }
        return outputs
    }

    private var longest: ButtonBinding { steps[steps.count - 1] }

    private static func needed(_ step: ButtonBinding) -> Duration { max(step.hold, settling) }

    private mutating func giveUp() -> [Output] {
        if case .pressed(_, isAnnounced: true) = state { return [.gaveUp] }
        return []
    }

    private mutating func pass(_ moment: MonotonicInstant) -> [Output] {
        switch state {
        case .restless(let since, let isReported):
            if moment >= lastEdge.advanced(by: Self.calm) {
                edges = []
                state = isActive ? .spent : .idle
                return isReported ? [.rests] : []
            }
            state = .restless(since: since, isReported: true)
            return [.flickers]
        case .pressed(let since, let isAnnounced):
            let act = since.advanced(by: Self.needed(longest))
            guard moment >= act else {
                state = .pressed(since: since, isAnnounced: true)
                return isAnnounced ? [] : [.holding(longest.action, rest: moment.duration(to: act))]
            }
            let repeats = steps.count == 1 && longest.action.repeats
            state =
                repeats
                ? .repeating(next: moment.advanced(by: Self.repeatAfter), left: Self.mostRepeats) : .spent
            return [.act(longest.action)]
        case .repeating(_, let left):
            state = left > 1 ? .repeating(next: moment.advanced(by: Self.repeatEvery), left: left - 1) : .spent
            return [.act(longest.action)]
        case .idle, .spent: return []
        }
    }
}
