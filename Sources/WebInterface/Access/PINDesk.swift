/// The desk where a PIN is traded for a session: which PIN is on the screen, until when, and who has to wait. A pure
/// value; time is what has passed since any fixed moment.
struct PINDesk: Sendable, Equatable {
    /// Wrong tries that a PIN survives, less one.
    static let triesForEachPIN = 5
    /// How long a PIN stays that was asked for.
    static let shownOnDemand: Duration = .seconds(300)
    static let firstDelay: Duration = .seconds(10)
    static let longestDelay: Duration = .seconds(900)

    enum Answer: Sendable, Equatable {
        case right
        case wrong(triesLeft: Int)
        /// Nothing is looked at for so long.
        case wait(Duration)
        /// No PIN is on the screen.
        case closed
    }

    /// The PIN that the screen shows.
    private(set) var pin: String?
    /// When it goes from the screen; nil: it stays until used.
    private(set) var shownUntil: Duration?
    private var wrongTries = 0
    /// PINs burnt in a row, which is what the delay grows with.
    private var burnt = 0
    private var closedUntil: Duration?

    /// Shows a PIN until it is used (nobody has claimed the appliance yet), or for a while.
    mutating func show(_ pin: String, now: Duration, staying: Bool) {
        self.pin = pin
        shownUntil = staying ? nil : now + Self.shownOnDemand
        wrongTries = 0
    }

    /// Takes a PIN off the screen whose time is over. Whether there was one.
    mutating func expire(now: Duration) -> Bool {
        guard let shownUntil, now >= shownUntil else { return false }
        pin = nil
        self.shownUntil = nil
        return true
    }

    /// Seconds that a claimant has to wait, zero if none.
    func delay(now: Duration) -> Duration { closedUntil.map { max(.zero, $0 - now) } ?? .zero }

    /// Looks at a PIN that somebody entered. After the last wrong try, `replacement` is the PIN from then on.
    mutating func enter(_ entered: String, now: Duration, replacement: @autoclosure () -> String) -> Answer {
        _ = expire(now: now)
        guard let pin else { return .closed }
        let delay = delay(now: now)
        if delay > .zero { return .wait(delay) }
        if Self.isEqual(entered, pin) {
            self = PINDesk()
            return .right
        }
        wrongTries += 1
        guard wrongTries >= Self.triesForEachPIN else { return .wrong(triesLeft: Self.triesForEachPIN - wrongTries) }
        self.pin = replacement()
        wrongTries = 0
        burnt += 1
        let growing = Self.firstDelay * (1 << min(burnt - 1, 10))
        let next = min(growing, Self.longestDelay)
        closedUntil = now + next
        return .wait(next)
    }

    /// Takes the same time wherever the texts differ, so that the time tells nothing.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var difference = UInt8(left.count == right.count ? 0 : 1)
        for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : 0) }
        return difference == 0
    }

    /// Six digits from the system's random source.
    static func randomPIN() -> String {
        let digits = String(Int.random(in: 0..<1_000_000))
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}
