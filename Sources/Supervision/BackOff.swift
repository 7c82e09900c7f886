/// How long to wait before the next try: doubling from try to try, up to a bound.
public struct BackOff: Sendable, Equatable {
    public let first: Duration
    public let maximum: Duration
    private var following: Duration

    public init(first: Duration = .seconds(1), maximum: Duration = .seconds(60)) {
        precondition(first > .zero && maximum >= first)
        self.first = first
        self.maximum = maximum
        following = first
    }

    /// The wait after one more failure.
    public mutating func failed() -> Duration {
        defer { following = min(following * 2, maximum) }
        return following
    }

    /// The next failure is the first again.
    public mutating func succeeded() { following = first }
}
