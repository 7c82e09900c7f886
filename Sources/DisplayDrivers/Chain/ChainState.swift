import LinuxSystem

/// The decisions of the display chain: events and the time go in, what to do comes out.
///
/// The best driver that works is the active one. Those before it are looked at again with back-off; those after it are
/// left alone until it fails. An attempt number names each probe and each opened display, so that a late answer is
/// told from one that still counts.
struct ChainState: Sendable, Hashable {
    typealias Attempt = Int

    enum Event: Sendable, Equatable {
        case started
        case probed(driver: Int, Attempt, DisplayProbe)
        case opened(driver: Int, Attempt)
        case openFailed(driver: Int, Attempt, reason: String)
        /// The display of this attempt failed or went away.
        case ended(Attempt, reason: String)
        /// Time has passed; see `nextWake`.
        case woke
        /// Somebody thinks that a screen was plugged in: look at all that are better now.
        case lookAgain
    }

    enum Action: Sendable, Equatable {
        case probe(driver: Int, Attempt)
        case open(driver: Int, Attempt)
        /// From now on this display is the one to present to.
        case activate(driver: Int, Attempt)
        case close(Attempt)
    }

    private enum Standing: Hashable {
        case unknown
        case usable
        case unusable(String)
        case failed(String)
    }

    private enum Work: Hashable {
        case probing(Attempt, deadline: MonotonicInstant)
        case opening(Attempt, deadline: MonotonicInstant)
    }

    private struct Driver: Hashable {
        let name: String
        var standing = Standing.unknown
        var work: Work?
        var retryWait: Duration?
        var nextTry: MonotonicInstant?
        /// Something was plugged while it was asked or opened: its answer may be older than that.
        var hasNews = false
    }

    /// With nothing on the glass, how long a display that is being opened is waited for before the others are opened, too.
    private enum Patience: Hashable {
        case unused
        case until(MonotonicInstant)
        case exhausted
    }

    private struct Active: Hashable {
        var driver: Int
        var attempt: Attempt
        var since: MonotonicInstant
    }

    private let policy: ChainPolicy
    private var drivers: [Driver]
    private var active: Active?
    private var lastAttempt = 0
    private var settlingUntil: MonotonicInstant?
    private var patience = Patience.unused

    init(names: [String], policy: ChainPolicy = ChainPolicy()) {
        self.policy = policy
        self.drivers = names.map { Driver(name: $0) }
    }

    /// Whether the answer to this probe still counts.
    func isProbing(_ attempt: Attempt) -> Bool {
        drivers.contains { driver in
            if case .probing(attempt, _) = driver.work { true } else { false }
        }
    }

    /// Whether this attempt to open a display still counts.
    func isOpening(_ attempt: Attempt) -> Bool {
        drivers.contains { driver in
            if case .opening(attempt, _) = driver.work { true } else { false }
        }
    }

    var report: [ChainReport] {
        drivers.enumerated().map { index, driver in
            if active?.driver == index { return ChainReport(driver: driver.name, outcome: .active) }
            return switch driver.standing {
            case .unknown: ChainReport(driver: driver.name, outcome: .unknown)
            case .usable: ChainReport(driver: driver.name, outcome: .usable)
            case .unusable(let reason): ChainReport(driver: driver.name, outcome: .unusable, reason: reason)
            case .failed(let reason): ChainReport(driver: driver.name, outcome: .failed, reason: reason)
            }
        }
    }

    /// When `.woke` is due; nil: only an event can change anything.
    var nextWake: MonotonicInstant? {
        var wakes: [MonotonicInstant] = []
        if active == nil, let settlingUntil { wakes.append(settlingUntil) }
        if active == nil, case .until(let moment) = patience { wakes.append(moment) }
        for driver in drivers {
            switch driver.work {
            case .probing(_, let deadline), .opening(_, let deadline): wakes.append(deadline)
            case nil: break
            }
        }
        // In the order of `proceed`, and no further than it looks.
        walk: for driver in drivers[..<contestants] {
            switch driver.work {
            case .opening where active != nil || patience != .exhausted: break walk
            case .opening: continue
            case .probing where active == nil && settlingUntil != nil: break walk
            case .probing: continue
            case nil: if let nextTry = driver.nextTry { wakes.append(nextTry) }
            }
        }
        return wakes.min()
    }

    mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .started:
            settlingUntil = now.advanced(by: policy.settling)
            for index in drivers.indices { actions.append(startProbe(of: index, at: now)) }
        case .probed(let index, let attempt, let probe):
            guard case .probing(attempt, _) = drivers[index].work else { break }
            drivers[index].work = nil
            switch probe {
            case .usable:
                drivers[index].standing = .usable
                drivers[index].nextTry = nil
            case .unusable(let reason): shelve(index, .unusable(reason), at: now)
            }
        case .opened(let index, let attempt):
            guard case .opening(attempt, _) = drivers[index].work else {
                actions.append(.close(attempt))
                break
            }
            drivers[index].work = nil
            let previous = active
            active = Active(driver: index, attempt: attempt, since: now)
            // Lesser ones that were to stand in for it are closed when they open.
            for lesser in drivers.indices[(index + 1)...] {
                if case .opening = drivers[lesser].work { drivers[lesser].work = nil }
            }
            actions.append(.activate(driver: index, attempt))
            if let previous { actions.append(.close(previous.attempt)) }
        case .openFailed(let index, let attempt, let reason):
            guard case .opening(attempt, _) = drivers[index].work else { break }
            drivers[index].work = nil
            shelve(index, .failed(reason), at: now)
        case .ended(let attempt, let reason):
            guard let ended = active, ended.attempt == attempt else { break }
            active = nil
            patience = .unused
            if ended.since.duration(to: now) >= policy.steadyAfter { drivers[ended.driver].retryWait = nil }
            shelve(ended.driver, .failed(reason), at: now)
            actions.append(.close(attempt))
        case .woke:
            break
        case .lookAgain:
            for index in drivers[..<contestants].indices {
                if drivers[index].work == nil { hurry(index, at: now) } else { drivers[index].hasNews = true }
            }
        }
        giveUpOverdue(at: now)
        actions += proceed(at: now)
        return actions
    }

    /// The drivers that could become active: those better than the one that is.
    private var contestants: Int { active?.driver ?? drivers.count }

    private mutating func proceed(at now: MonotonicInstant) -> [Action] {
        var actions: [Action] = []
        if let settled = settlingUntil, settled <= now { settlingUntil = nil }
        if case .until(let moment) = patience, moment <= now { patience = .exhausted }
        for index in 0..<contestants {
            let driver = drivers[index]
            if case .opening = driver.work {
                // One that hangs keeps nobody in the dark.
                if active == nil, patience == .exhausted { continue }
                beginPatience(at: now)
                return actions
            }
            if case .probing = driver.work {
                // Something better may come; with nothing on the glass it is waited for only a while.
                if active == nil, settlingUntil != nil { return actions }
                continue
            }
            if let nextTry = driver.nextTry, nextTry > now { continue }
            if driver.standing == .usable {
                settlingUntil = nil
                lastAttempt += 1
                drivers[index].work = .opening(lastAttempt, deadline: now.advanced(by: policy.answerDeadline))
                actions.append(.open(driver: index, lastAttempt))
                if active == nil, patience == .exhausted { continue }
                beginPatience(at: now)
                return actions
            }
            actions.append(startProbe(of: index, at: now))
        }
        return actions
    }

    private mutating func beginPatience(at now: MonotonicInstant) {
        if active == nil, patience == .unused { patience = .until(now.advanced(by: policy.openingPatience)) }
    }

    private mutating func startProbe(of index: Int, at now: MonotonicInstant) -> Action {
        lastAttempt += 1
        drivers[index].hasNews = false
        drivers[index].work = .probing(lastAttempt, deadline: now.advanced(by: policy.answerDeadline))
        return .probe(driver: index, lastAttempt)
    }

    private mutating func giveUpOverdue(at now: MonotonicInstant) {
        let silence = "did not answer within \(policy.answerDeadline.components.seconds) s"
        for index in drivers.indices {
            switch drivers[index].work {
            case .probing(_, let deadline) where deadline <= now:
                drivers[index].work = nil
                shelve(index, .unusable(silence), at: now)
            case .opening(_, let deadline) where deadline <= now:
                drivers[index].work = nil
                shelve(index, .failed(silence), at: now)
            default: break
            }
        }
    }

    /// Leaves a driver alone for a while.
    private mutating func shelve(_ index: Int, _ standing: Standing, at now: MonotonicInstant) {
        let wait = drivers[index].retryWait.map { min($0 * 2, policy.longestRetry) } ?? policy.firstRetry
        drivers[index].standing = standing
        drivers[index].retryWait = wait
        drivers[index].nextTry = now.advanced(by: wait)
        if drivers[index].hasNews { hurry(index, at: now) }
        drivers[index].hasNews = false
    }

    /// Something was plugged: that ends a long wait. One that failed waits a little all the same, for links bounce.
    private mutating func hurry(_ index: Int, at now: MonotonicInstant) {
        var moment = now
        if case .failed = drivers[index].standing { moment = now.advanced(by: policy.retryAfterNews) }
        drivers[index].nextTry = drivers[index].nextTry.map { min($0, moment) } ?? moment
    }

    /// The same situation with its times counted from now and its attempts renamed: two states of which this is equal
    /// behave alike from here on. What has lasted longer than any rule asks for is as good as that.
    func situation(at now: MonotonicInstant, naming names: (Attempt) -> Attempt) -> ChainState {
        func rebased(_ moment: MonotonicInstant) -> MonotonicInstant {
            MonotonicInstant(nanoseconds: moment.nanoseconds - now.nanoseconds)
        }
        var same = self
        // Higher than any name: attempts to come are told from those that are known.
        same.lastAttempt = 1_000
        // One whose time has come and gone may be used at any moment.
        same.settlingUntil = settlingUntil.map { max(rebased($0), MonotonicInstant(nanoseconds: 0)) }
        // It begins anew with the next darkness.
        if active != nil {
            same.patience = .unused
        } else if case .until(let moment) = patience {
            same.patience = .until(max(rebased(moment), MonotonicInstant(nanoseconds: 0)))
        }
        if let active {
            let oldest = MonotonicInstant(nanoseconds: -policy.steadyAfter.wholeNanoseconds)
            same.active = Active(
                driver: active.driver, attempt: names(active.attempt), since: max(rebased(active.since), oldest))
        }
        for index in drivers.indices {
            same.drivers[index].nextTry = drivers[index].nextTry.map {
                max(rebased($0), MonotonicInstant(nanoseconds: 0))
            }
            switch drivers[index].standing {
            case .unusable: same.drivers[index].standing = .unusable("")
            case .failed: same.drivers[index].standing = .failed("")
            case .unknown, .usable: break
            }
            switch drivers[index].work {
            case .probing(let attempt, let deadline):
                same.drivers[index].work = .probing(names(attempt), deadline: rebased(deadline))
            case .opening(let attempt, let deadline):
                same.drivers[index].work = .opening(names(attempt), deadline: rebased(deadline))
            case nil: break
            }
        }
        return same
    }

    /// The driver that shows the picture; nil: none does just now.
    var activeDriver: Int? { active?.driver }
}
