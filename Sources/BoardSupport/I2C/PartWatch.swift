import Supervision

/// Looks after one part that may never be there, go and come back: how long to wait until the next look, and what is worth a
/// line in the log. A value; whoever looks asks it.
struct PartWatch: Sendable {
    /// What a look, or an attempt to use the part, brought.
    enum Outcome: Equatable {
        case absent
        /// It, or its bus, does not work, and why.
        case failed(String)
        /// It does what it should, and what it is.
        case working(String)
    }

    /// Worth a line, each once.
    enum Note: Equatable {
        case found(String)
        case lost(String)
        case back(String)
        /// Something else than an absent part is wrong, and nothing was found so far.
        case trouble(String)
        case troubleEnded
    }

    private enum State: Equatable {
        case never
        case trouble
        case working
        case lost
    }

    private var state = State.never
    private var backOff = BackOff(first: .seconds(1), maximum: .seconds(60))

    /// What to say about an outcome.
    mutating func note(_ outcome: Outcome) -> Note? {
        switch (state, outcome) {
        case (.never, .absent), (.trouble, .failed), (.lost, .absent), (.lost, .failed): return nil
        case (.working, .working):
            backOff.succeeded()
            return nil
        case (.never, .failed(let reason)):
            state = .trouble
            return .trouble(reason)
        case (.trouble, .absent):
            state = .never
            return .troubleEnded
        case (.never, .working(let title)), (.trouble, .working(let title)):
            state = .working
            return .found(title)
        case (.working, .absent):
            state = .lost
            return .lost("nothing answers any more")
        case (.working, .failed(let reason)):
            state = .lost
            return .lost(reason)
        case (.lost, .working(let title)):
            state = .working
            return .back(title)
        }
    }

    /// How long until the next look, when the part is not working. It begins anew only once the part worked twice in a row:
    /// one that fails right after it was set up is not tried every second.
    mutating func wait() -> Duration { backOff.failed() }
}
