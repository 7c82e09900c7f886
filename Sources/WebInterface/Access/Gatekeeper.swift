import Logging
import Synchronization

/// Keeps the sessions and the PIN: carries out what `PINDesk` decides.
actor Gatekeeper {
    /// Sessions kept; the oldest goes when one more comes.
    static let maximumSessions = 64

    /// What `GET /api/v1/claim` tells.
    struct State: Sendable, Equatable, Codable {
        /// Somebody has claimed the appliance.
        var claimed: Bool
        /// A PIN is on the screen now.
        var pinShown: Bool
        /// Until another try is looked at.
        var retryAfterSeconds: Int?
        /// The PIN itself, for who may show it: a member can let others in anyway.
        var pin: String?
    }

    private let mode: AccessMode
    private let store: any ClaimAccess
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private let makePIN: @Sendable () -> String
    private let logger: Logger

    private var desk = PINDesk()
    private var record = AccessRecord()
    private var isOpened = false
    /// Read by every request, so not by way of the actor.
    private nonisolated let digests = Mutex<Set<String>>([])
    private nonisolated let wake: AsyncStream<Void>.Continuation
    private nonisolated let wakes: AsyncStream<Void>

    init(
        mode: AccessMode, store: any ClaimAccess, clock: some Clock<Duration> = SuspendingClock(), logger: Logger,
        makePIN: @escaping @Sendable () -> String = PINDesk.randomPIN
    ) {
        self.mode = mode
        self.store = store
        self.clock = clock
        let start = clock.now
        self.elapsed = { start.duration(to: clock.now) }
        self.makePIN = makePIN
        self.logger = logger
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    nonisolated func knows(_ token: SessionToken) -> Bool { digests.withLock { $0.contains(token.digest) } }

    var state: State {
        let delay = desk.delay(now: elapsed())
        return State(
            claimed: !record.sessions.isEmpty, pinShown: desk.pin != nil,
            retryAfterSeconds: delay > .zero ? delay.roundedUpSeconds : nil)
    }

    /// Reads who may come in, and shows the PIN if nobody has claimed the appliance yet.
    func open() async {
        guard !isOpened else { return }
        isOpened = true
        do throws(ProblemError) {
            record = try await store.load()
        } catch {
            logger.error(
                "the sessions cannot be read: every device has to enter the PIN again", metadata: ["error": "\(error)"])
        }
        publish()
        if mode == .pin, record.sessions.isEmpty { desk.show(makePIN(), now: elapsed(), staying: true) }
        await store.showPIN(desk.pin)
    }

    /// Shows a PIN for a while, so that one more device can claim.
    func showPIN() async throws(ProblemError) -> State {
        guard mode == .pin else { throw .noPINNeeded }
        if desk.pin == nil || desk.shownUntil != nil {
            desk.show(makePIN(), now: elapsed(), staying: record.sessions.isEmpty)
        }
        wake.yield()
        await store.showPIN(desk.pin)
        var state = state
        state.pin = desk.pin
        return state
    }

    /// Trades a PIN for a session.
    func claim(pin: String, label: String) async throws(ProblemError) -> SessionToken {
        guard mode == .pin else { throw .noPINNeeded }
        let shown = desk.pin
        let answer = desk.enter(pin, now: elapsed(), replacement: makePIN())
        if desk.pin != shown { await store.showPIN(desk.pin) }
        switch answer {
        case .closed: throw .noPINShown
        case .wait(let delay): throw .waitBeforePIN(delay)
        case .wrong(let triesLeft): throw .wrongPIN(triesLeft: triesLeft)
        case .right: break
        }
        let token = SessionToken.random()
        record.sessions.append(.init(digest: token.digest, label: String(label.prefix(64)), createdAt: .now))
        record.sessions.removeFirst(max(0, record.sessions.count - Self.maximumSessions))
        publish()
        do throws(ProblemError) {
            try await store.save(record)
        } catch {
            // The person stands before the screen and has the right PIN: let them in, a card that fails is what they come for.
            logger.error("a session could not be kept: it ends with the next restart", metadata: ["error": "\(error)"])
        }
        return token
    }

    /// Takes a PIN off the screen when its time is over; without one to wait for it sleeps.
    func run() async {
        for await _ in wakes {
            while let until = desk.shownUntil {
                do { try await clock.sleep(for: until - elapsed()) } catch { return }
                if desk.expire(now: elapsed()) { await store.showPIN(nil) }
            }
        }
    }

    private func publish() {
        let known = Set(record.sessions.map(\.digest))
        digests.withLock { $0 = known }
    }
}

extension Duration {
    var roundedUpSeconds: Int { Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0) }
}

extension ProblemError {
    static let noPINNeeded = ProblemError.conflict(
        "This display is open: no PIN is needed.", suggestion: "Reload the page.")

    static let noPINShown = ProblemError.conflict(
        "The screen shows no PIN now.",
        suggestion: "Somebody who has access can show one: on the page, under settings.")

    static func wrongPIN(triesLeft: Int) -> ProblemError {
        ProblemError(
            status: 403, category: .validation, title: "Wrong PIN", detail: "That is not the PIN on the screen.",
            suggestion:
                "Look at the screen and try again; \(triesLeft == 1 ? "one try is" : "\(triesLeft) tries are") left.")
    }

    static func waitBeforePIN(_ delay: Duration) -> ProblemError {
        ProblemError(
            status: 429, category: .validation, title: "Too many tries",
            detail: "The PIN was wrong too often, so the screen shows a new one.",
            suggestion: "Wait \(delay.roundedUpSeconds) seconds, then enter the PIN that the screen shows now.",
            retryAfterSeconds: delay.roundedUpSeconds)
    }
}
