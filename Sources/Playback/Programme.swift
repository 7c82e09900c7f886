public import LinuxSystem
public import MediaIndex

/// What is on the screen, and why. A value: what people ask for, what happens and the time go in; the decision comes out.
///
/// Highest first: the test picture for its time; a notice of a fault for its time; what a person just asked for, until its end; all media in order; the
/// welcome screen.
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

    public private(set) var items: [ProgrammeItem] = []
    public private(set) var isPaused = false
    private var turn: Turn?
    private var lastTurnNumber = 0
    /// Where the current one is, or was before it was deleted: the index that comes next then.
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
            if now < notice.until { return .fault(notice.notice) }
            self.notice = nil
        }
        if let turn, canPlay(turn.id, at: now) { return .show(turn) }
        if let index = nextIndex(from: cursor, at: now) {
            return .show(begin(index, rule: .all))
        }
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
        nextIndex(from: followingIndex, at: time).map { items[$0].id }
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
    public mutating func replaceItems(_ new: [ProgrammeItem], at now: MonotonicInstant) {
        let previous = items
        items = new
        let known = Set(new.map(\.id))
        faults = faults.filter { known.contains($0.key) }
        if let notice, let id = notice.notice.medium, !known.contains(id) { self.notice = nil }
        guard let turn else {
            cursor = min(cursor, new.count)
            return
        }
        if let index = new.firstIndex(where: { $0.id == turn.id }) {
            cursor = index
        } else {
            // The current one was deleted: the first of those after it that is still there follows.
            let old = previous.firstIndex { $0.id == turn.id } ?? 0
            let follower = previous[old...].first { known.contains($0.id) }
            cursor = follower.flatMap { follower in new.firstIndex { $0.id == follower.id } } ?? 0
            self.turn = nil
        }
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
        let start = turn == nil ? cursor : (turn.flatMap { index(of: $0.id) } ?? cursor)
        for step in 1...max(1, items.count) {
            guard !items.isEmpty else { return }
            let index = ((start - step) % items.count + items.count) % items.count
            if canPlay(items[index].id, at: now) {
                _ = begin(index, rule: .all)
                return
            }
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
        _ = begin(index, rule: .pick)
        return true
    }

    // MARK: -

    private var followingIndex: Int {
        if let turn, let index = index(of: turn.id) { return index + 1 }
        return cursor
    }

    private mutating func advance(at now: MonotonicInstant) {
        let following = followingIndex
        if let index = nextIndex(from: following, at: now) {
            _ = begin(index, rule: .all)
        } else {
            cursor = following
            turn = nil
        }
    }

    private mutating func begin(_ index: Int, rule: Rule) -> Turn {
        lastTurnNumber += 1
        let turn = Turn(id: items[index].id, number: lastTurnNumber, rule: rule)
        self.turn = turn
        cursor = index
        return turn
    }

    /// The first that can be played, from here on and around.
    private func nextIndex(from start: Int, at now: MonotonicInstant) -> Int? {
        for step in 0..<items.count {
            let index = (start + step) % items.count
            if canPlay(items[index].id, at: now) { return index }
        }
        return nil
    }

    private func index(of id: MediumID) -> Int? { items.firstIndex { $0.id == id } }

    private func canPlay(_ id: MediumID, at now: MonotonicInstant) -> Bool {
        guard let item = item(id) else { return false }
        guard let retryAt = retryTime(of: item) else { return true }
        return retryAt <= now
    }

    private func retryTime(of item: ProgrammeItem) -> MonotonicInstant? {
        [item.retryAt, faults[item.id]?.retryAt].compactMap { $0 }.max()
    }
}
