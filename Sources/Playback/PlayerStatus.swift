public import MediaIndex

/// What the player does, for people and programs.
public struct PlayerStatus: Sendable, Equatable {
    public enum State: String, Sendable {
        case playing
        case paused
        /// Nothing of the user's is shown.
        case idle
    }

    /// The medium that is on the screen.
    public struct Current: Sendable, Equatable {
        public var id: MediumID
        public var name: String
        public var kind: MediumKind
        /// In the medium, or since the photo came.
        public var position: Duration
        /// Of the medium, or how long the photo stays; nil: not known.
        public var duration: Duration?

        public init(id: MediumID, name: String, kind: MediumKind, position: Duration, duration: Duration?) {
            self.id = id
            self.name = name
            self.kind = kind
            self.position = position
            self.duration = duration
        }
    }

    public var state: State
    /// The rule of the programme that decided: `pick`, `all`, `welcome`, or `fault` while a notice is shown.
    public var rule: String
    public var current: Current?
    /// The fault that is on the screen.
    public var fault: FaultNotice?
    /// What is on the screen moves, and has come there.
    public var isMoving: Bool
    /// Why every second frame of it is left out; nil: all are shown.
    public var halved: RatePolicy.Cause?

    public init(
        state: State, rule: String, current: Current?, fault: FaultNotice?, isMoving: Bool = false,
        halved: RatePolicy.Cause? = nil
    ) {
        self.state = state
        self.rule = rule
        self.current = current
        self.fault = fault
        self.isMoving = isMoving
        self.halved = halved
    }
}
