public import LinuxSystem
public import MediaIndex

/// What is on the screen, and why. A value: what people ask for, what happens and the time go in; the decision comes out.
///
/// Highest first: the test picture for its time; a notice of a fault for its time; what a person just asked for, until its
/// end; all media in order; the welcome screen.
public struct Programme: Sendable {
    /// Why something is shown. Raw values are those of the status.
    public enum Rule: String, Sendable {
        case pick
        case all
        case welcome
    }

    /// One showing of one medium. The number tells a second showing of the same medium from the first.
    public struct Turn: Sendable, Hashable {
        public var id: MediumID
        public var number: Int
        public var rule: Rule

        public init(id: MediumID, number: Int, rule: Rule) {
            self.id = id
            self.number = number
            self.rule = rule
        }
    }

    public enum Decision: Sendable, Equatable {
        case show(Turn)
        case fault(FaultNotice)
        case welcome
        /// The test picture. The number tells one showing from the next.
        case test(number: Int, moves: Bool)
    }

    /// How long a notice of a fault stays when there is something else to show.
    public static let noticeTime: Duration = .seconds(10)
    /// When a medium that failed is tried again.
    public static let retryTime: Duration = .seconds(300)

    private struct Fault: Sendable {
        var retryAt: MonotonicInstant
        var notice: FaultNotice
    }

    /// In the order in which they play in this round.
    public private(set) var items: [ProgrammeItem] = []
    /// The same, oldest first.
    private var arrivals: [ProgrammeItem] = []
    /// Set before there are items, or through `arrange(by:at:)`.
    var arrangement = PlayArrangement(order: .arrival, seed: 0)
    /// How many times all were played; only a shuffle counts.
    private var round = 0
    /// Whether the fault of a medium takes the screen for a while when there is something else to show.
    var showsNotices = true
    public private(set) var isPaused = false
    private var turn: Turn?
    private var lastTurnNumber = 0
    /// Where the current one is, or was before it was deleted: the index that comes next then. A pick out of a shuffle
    /// leaves it where the round was.
    private var cursor = 0
    private var faults: [MediumID: Fault] = [:]
    private var notice: (notice: FaultNotice, until: MonotonicInstant)?
    private var test: (number: Int, moves: Bool, until: MonotonicInstant)?
    private var lastTestNumber = 0

    public init() {}

    // MARK: Decisions

    /// What is on the screen at this time.
    public mutating func decide(at now: MonotonicInstant) -> Decision {
        if let test {
            if now < test.until { return .test(number: test.number, moves: test.moves) }
            self.test = nil
        }
        if let notice {
            if now < notice.until, showsNotices || notice.notice.medium == nil { return .fault(notice.notice) }
            self.notice = nil
        }
        if let turn, canPlay(turn.id, at: now) { return .show(turn) }
        if let next = next(from: cursor, at: now) { return .show(begin(next)) }
        turn = nil
        // Nothing works: the fault that is retried first stays on the screen.
        if let first = faults.values.min(by: { $0.retryAt < $1.retryAt }) { return .fault(first.notice) }
        return .welcome
    }

    /// When time alone may change the decision.
    public func nextChange(after now: MonotonicInstant) -> MonotonicInstant? {
        if let test, now < test.until { return test.until }
        if let notice, now < notice.until { return notice.until }
        if let turn, canPlay(turn.id, at: now) { return nil }
        return nextRetry(after: now)
    }

    /// When the next medium that is skipped now may be tried again.
    public func nextRetry(after now: MonotonicInstant) -> MonotonicInstant? {
        items.compactMap { retryTime(of: $0) }.filter { $0 > now }.min()
    }

    /// What would follow the current medium if it ended at this time.
    public func successor(at time: MonotonicInstant) -> MediumID? {
        next(from: followingIndex, at: time)?.id
    }

    public func item(_ id: MediumID) -> ProgrammeItem? { items.first { $0.id == id } }

    /// The rule and the medium that the last decision named.
    public var current: Turn? { turn }

    // MARK: What happens

    /// The current medium has been shown for its time.
    public mutating func finished(_ turn: Turn, at now: MonotonicInstant) {
        guard turn == self.turn else { return }
        faults[turn.id] = nil
        advance(at: now)
    }

    /// A medium cannot be shown: it is skipped, and tried again later.
    ///
    /// - Parameter retryAt: when; nil: after `retryTime`.
    public mutating func failed(
        _ id: MediumID, _ notice: FaultNotice, retryAt: MonotonicInstant? = nil, at now: MonotonicInstant
    ) {
        faults[id] = Fault(retryAt: retryAt ?? now.advanced(by: Self.retryTime), notice: notice)
        self.notice = (notice, now.advanced(by: Self.noticeTime))
        if turn?.id == id { advance(at: now) }
    }

    /// Nothing can be shown until this time, through no medium's fault.
    public mutating func obstructed(_ notice: FaultNotice, until: MonotonicInstant) {
        self.notice = (notice, until)
    }

    /// The media there are now, in playing order.
    ///
    /// - Parameter new: oldest first.
    public mutating func replaceItems(_ new: [ProgrammeItem], at now: MonotonicInstant) {
        let previous = items
        arrivals = new
        let new = arrangement.arranged(new, round: round)
        items = new
        let known = Set(new.map(\.id))
        faults = faults.filter { known.contains($0.key) }
        if let notice, let id = notice.notice.medium, !known.contains(id) { self.notice = nil }
        guard let turn else {
            cursor = min(cursor, new.count)
            return
        }
        // The current one was deleted: the first of those after it that is still there follows.
        let old = leavesRound(turn) ? cursor : previous.firstIndex { $0.id == turn.id } ?? 0
        let place = previous[min(old, previous.count)...].first { known.contains($0.id) }
        cursor = place.flatMap { place in new.firstIndex { $0.id == place.id } } ?? new.count
        if !known.contains(turn.id) { self.turn = nil }
    }

    /// Goes on in another order.
    mutating func arrange(by arrangement: PlayArrangement, at now: MonotonicInstant) {
        guard arrangement != self.arrangement else { return }
        self.arrangement = arrangement
        round = 0
        replaceItems(arrivals, at: now)
    }

    // MARK: What people ask for

    /// The test picture, in place of everything until this time.
    public mutating func test(until: MonotonicInstant, moves: Bool) {
        lastTestNumber += 1
        test = (lastTestNumber, moves, until)
    }

    public mutating func pause() { isPaused = true }
    public mutating func resume() { isPaused = false }

    public mutating func next(at now: MonotonicInstant) {
        notice = nil
        test = nil
        advance(at: now)
    }

    public mutating func previous(at now: MonotonicInstant) {
        notice = nil
        // What a pick has interrupted comes back.
        let start = turn.map { leavesRound($0) ? cursor + 1 : index(of: $0.id) ?? cursor } ?? cursor
        if let item = items[..<min(start, items.count)].last(where: { canPlay($0, at: now) }) {
            _ = begin(Next(id: item.id, round: round))
        } else if let item = arranged(round: round - 1).last(where: { canPlay($0, at: now) }) {
            _ = begin(Next(id: item.id, round: round - 1))
        }
    }

    /// Shows a medium now, also one that failed before.
    ///
    /// - Returns: whether there is such a medium.
    public mutating func show(_ id: MediumID) -> Bool {
        guard let index = index(of: id) else { return false }
        notice = nil
        faults[id] = nil
        items[index].retryAt = nil
        if let arrival = arrivals.firstIndex(where: { $0.id == id }) { arrivals[arrival].retryAt = nil }
        if arrangement.order != .shuffle { cursor = index }
        _ = begin(id, rule: .pick)
        return true
    }

    // MARK: -

    /// What comes next, and in which round.
    private struct Next {
        var id: MediumID
        var round: Int
    }

    private var followingIndex: Int {
        guard let turn else { return cursor }
        if leavesRound(turn) { return cursor + 1 }
        return index(of: turn.id).map { $0 + 1 } ?? cursor
    }

    /// A pick out of a shuffle is a showing beyond those of the round.
    private func leavesRound(_ turn: Turn) -> Bool { turn.rule == .pick && arrangement.order == .shuffle }

    private func arranged(round: Int) -> [ProgrammeItem] {
        arrangement.order == .shuffle ? arrangement.arranged(arrivals, round: round) : items
    }

    private mutating func advance(at now: MonotonicInstant) {
        let following = followingIndex
        if let next = next(from: following, at: now) {
            _ = begin(next)
        } else {
            cursor = following
            turn = nil
        }
    }

    private mutating func begin(_ next: Next) -> Turn {
        if next.round != round {
            items = arranged(round: next.round)
            round = next.round
        }
        cursor = index(of: next.id) ?? 0
        return begin(next.id, rule: .all)
    }

    private mutating func begin(_ id: MediumID, rule: Rule) -> Turn {
        lastTurnNumber += 1
        let turn = Turn(id: id, number: lastTurnNumber, rule: rule)
        self.turn = turn
        return turn
    }

    /// The first that can be played, from here to the end, or else of the round that follows.
    private func next(from start: Int, at now: MonotonicInstant) -> Next? {
        if let item = items[min(start, items.count)...].first(where: { canPlay($0, at: now) }) {
            return Next(id: item.id, round: round)
        }
        let again = arranged(round: round + 1).first { canPlay($0, at: now) }
        return again.map { Next(id: $0.id, round: round + 1) }
    }

    private func index(of id: MediumID) -> Int? { items.firstIndex { $0.id == id } }

    private func canPlay(_ id: MediumID, at now: MonotonicInstant) -> Bool {
        item(id).map { canPlay($0, at: now) } ?? false
    }

    private func canPlay(_ item: ProgrammeItem, at now: MonotonicInstant) -> Bool {
        retryTime(of: item).map { $0 <= now } ?? true
    }

    private func retryTime(of item: ProgrammeItem) -> MonotonicInstant? {
        [item.retryAt, faults[item.id]?.retryAt].compactMap { $0 }.max()
    }
}
