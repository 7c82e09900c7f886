public import DecoderClient
public import DisplayDrivers
import DecoderProtocol
import Frames
public import LinuxSystem
public import Logging
public import MediaIndex
public import MemoryMonitor
public import ServiceLifecycle
import Supervision

/// Carries out the programme: opens media in decoders, and has their frames on the display at their time.
///
/// `run()` does all the work, in child tasks; each of them waits for an event or a deadline and never polls. A photo that
/// stays, or the welcome screen, costs nothing.
public actor Player: Service {
    /// What is on the screen, and on which screen: when this changes, what is under way is given up.
    struct Plan: Equatable {
        var decision: Programme.Decision
        var screen: DisplayCapabilities
        var fit: ScreenFit
        /// Only when it is on the screen.
        var welcome: WelcomeContent?
    }

    let decoder: any MediaDecoding
    let source: any ProgrammeSource
    let display: DisplayChain
    let cards: any CardPainting
    let welcomeSource: any WelcomeSource
    let cache: FrameCache
    private let memory: MemoryMonitor?
    let clock: any BoardClock
    let logger: Logger

    var settings: PlaybackSettings
    var programme = Programme()
    var screen: DisplayCapabilities?
    var memoryLevel = MemoryLevel.normal
    var welcome: WelcomeContent?
    private var itemsAreKnown = false
    /// Told of everything that somebody here may wait for, except frames.
    let wakeup = Wakeup()

    /// What is being carried out.
    var active: Plan?
    var progress: Progress?
    /// When the picture before it is over: the first frame of the next turn is due then.
    var handover: MonotonicInstant?
    /// The card that is on the screen, to paint none twice.
    var shownCard: Plan?
    let blurredSides = BlurredSides()
    /// What lies over the picture, and who is told when that should change.
    var overlay = Overlay()
    let overlayWakeup = Wakeup()
    /// What was presented last; nil: nothing yet.
    var glass: Glass?
    /// The transition under way.
    var fade: Fade?
    let fadeWakeup = Wakeup()
    /// What a transition lays where the picture that comes leaves the screen free.
    var black: Frame?
    /// One present at a time; `presentWakeup` is told of its end when others wait.
    var isPresenting = false
    var waitingToPresent = 0
    let presentWakeup = Wakeup()
    /// Whether every second frame of what moves is left out.
    var rate = RatePolicy()
    /// How pictures came onto the glass.
    public internal(set) var frameCounts = FrameCounts()
    var prefetch = Prefetch.none
    /// The generation of `wakeup` at which was looked what is to be made ready.
    var lastPrefetchLook = -1
    var restarts: [MediumID: RestartPolicy] = [:]
    var startBackOff = BackOff()
    var decoderIsMissing = false
    /// Media that were played whole and not told to the source yet, and those that were told.
    var wholePlays: [MediumID] = []
    var toldWhole: Set<MediumID> = []
    private let statuses = Announcements<PlayerStatus>()

    public init(
        decoder: any MediaDecoding, source: any ProgrammeSource, display: DisplayChain, cards: any CardPainting,
        welcome: any WelcomeSource, cache: FrameCache = FrameCache(), memory: MemoryMonitor? = nil,
        settings: PlaybackSettings = PlaybackSettings(),
        clock: any BoardClock = MonotonicClock(), logger: Logger = Logger(label: "player")
    ) {
        self.decoder = decoder
        self.source = source
        self.display = display
        self.cards = cards
        self.welcomeSource = welcome
        self.cache = cache
        self.memory = memory
        self.settings = settings
        self.clock = clock
        self.logger = logger
        programme.arrangement = PlayArrangement(settings)
        programme.showsNotices = settings.messages != .none
        overlay.queue.filter = settings.messages
    }

    // MARK: For people

    /// What is on now. The position is that of this moment.
    public var snapshot: PlayerStatus { status(at: clock.now) }

    /// The status now, and whenever something but the position changes.
    public nonisolated func changes() -> AsyncStream<PlayerStatus> { statuses.listen() }

    /// The picture stands still until `resume()`.
    public func pause() {
        guard !programme.isPaused else { return }
        programme.pause()
        progress?.pause(at: clock.now)
        changed()
    }

    public func resume() {
        guard programme.isPaused else { return }
        programme.resume()
        progress?.resume(at: clock.now)
        changed()
    }

    /// The next medium, now. During a pause its first picture.
    public func next() {
        programme.next(at: clock.now)
        interrupted()
    }

    public func previous() {
        programme.previous(at: clock.now)
        interrupted()
    }

    /// Shows a medium now, until its end.
    ///
    /// - Returns: false when there is no such medium.
    public func show(_ id: MediumID) -> Bool {
        guard programme.show(id) else { return false }
        restarts[id] = nil
        interrupted()
        return true
    }

    /// Replaces the settings, at once.
    public func update(_ settings: PlaybackSettings) {
        guard settings != self.settings else { return }
        if settings.restarts != self.settings.restarts { restarts = [:] }
        self.settings = settings
        programme.arrange(by: PlayArrangement(settings), at: clock.now)
        programme.showsNotices = settings.messages != .none
        overlay.queue.filter = settings.messages
        overlayWakeup.wake()
        changed()
    }

    /// How hot the processor is, in degrees Celsius; nil: nothing tells. When it is too hot, half of the frames are shown.
    public func measured(temperature celsius: Double?) {
        let before = rate.cause
        rate.measured(celsius, at: clock.now)
        noteRate(before)
    }

    // MARK: Running

    /// Plays until cancelled or shut down. The display's `run()` must run, too.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.followSource() }
            group.addTask { await self.followDisplay() }
            group.addTask { await self.followWelcome() }
            group.addTask { await self.followMemory() }
            group.addTask { await self.prefetchWhenAsked() }
            group.addTask { await self.tellWholePlays() }
            group.addTask { await self.keepOverlay() }
            group.addTask { await self.keepTransition() }
            await carryOutPlans()
            group.cancelAll()
        }
        prefetch = .none
        active = nil
        progress = nil
        glass = nil
        fade = nil
        statuses.finish()
    }

    private func carryOutPlans() async {
        while !Task.isCancelled {
            let seen = wakeup.generation
            guard let plan = currentPlan() else {
                await wakeup.wait(after: seen)
                continue
            }
            active = plan
            if case .show(let turn) = plan.decision {
                if progress?.turn.number != turn.number { progress = nil }
            } else {
                progress = nil
            }
            announce()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.carryOut(plan) }
                group.addTask { await self.waitUntilSuperseded() }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func carryOut(_ plan: Plan) async {
        switch plan.decision {
        case .show: await play()
        case .test(_, let moves): await playTestPicture(on: plan, moves: moves)
        case .welcome, .fault:
            await showCard(plan)
            await waitUntilCancelled()
        }
    }

    /// Returns when what is carried out is not what should be any more.
    private func waitUntilSuperseded() async {
        while !Task.isCancelled {
            let seen = wakeup.generation
            let now = clock.now
            if currentPlan() != active { return }
            await wakeup.wait(after: seen, until: programme.nextChange(after: now), clock: clock)
        }
    }

    /// nil until there is a display, and it is known what there is to show.
    func currentPlan() -> Plan? {
        guard let screen, itemsAreKnown else { return nil }
        let decision = programme.decide(at: clock.now)
        if decision == .welcome {
            guard let welcome else { return nil }
            return Plan(decision: decision, screen: screen, fit: settings.fit, welcome: welcome)
        }
        return Plan(decision: decision, screen: screen, fit: settings.fit)
    }

    // MARK: What comes from outside

    private func followSource() async {
        // Listening begins before the first look, so that no change falls between.
        let changes = source.changes()
        await takeItems()
        for await _ in changes { await takeItems() }
    }

    private func takeItems() async {
        let items = await source.items()
        programme.replaceItems(items, at: clock.now)
        itemsAreKnown = true
        let known = Set(items.map(\.id))
        toldWhole.formIntersection(known)
        cache.keepOnly(known)
        restarts = restarts.filter { known.contains($0.key) }
        rate.keepOnly(known)
        if let key = prefetch.key, !known.contains(key.item.id) { prefetch = .none }
        changed()
    }

    private func followDisplay() async {
        for await capabilities in display.capabilityChanges() {
            screen = capabilities
            shownCard = nil
            if let key = prefetch.key, key.screen != capabilities { prefetch = .none }
            overlayWakeup.wake()
            changed()
        }
    }

    private func followWelcome() async {
        for await content in welcomeSource.contents() {
            welcome = content
            if overlay.infoUntil != nil { overlayWakeup.wake() }
            changed()
        }
    }

    private func followMemory() async {
        guard let memory else { return }
        for await state in memory.states() {
            memoryLevel = state.level
            cache.follow(state)
            // It holds two pictures.
            if state.level != .normal { cutTransition() }
        }
    }

    private func tellWholePlays() async {
        while !Task.isCancelled {
            let seen = wakeup.generation
            while !wholePlays.isEmpty { await source.playedWhole(wholePlays.removeFirst()) }
            await wakeup.wait(after: seen)
        }
    }

    // MARK: Small things

    func waitUntilCancelled() async {
        let never = Wakeup()
        await never.wait(after: never.generation)
    }

    /// A person wants something else at once: nothing waits for the end of the current picture.
    private func interrupted() {
        handover = nil
        changed()
    }

    /// Wakes whoever waits, and tells the listeners.
    func changed() {
        wakeup.wake()
        announce()
    }

    func announce() {
        let status = status(at: clock.now)
        if status != statuses.latest { statuses.announce(status) }
    }

    /// What the programme has decided, also in the moment before it is on the glass: who asked for the next medium is
    /// told its name.
    private func status(at now: MonotonicInstant) -> PlayerStatus {
        switch (currentPlan() ?? active)?.decision {
        case .show(let turn):
            let item = programme.item(turn.id)
            let progress = progress?.turn.number == turn.number ? progress : nil
            let current = item.map { item in
                PlayerStatus.Current(
                    id: turn.id, name: item.name, kind: item.kind, position: progress?.position(at: now) ?? .zero,
                    duration: progress.map { $0.duration }
                        ?? (item.kind == .image ? photoTime(of: item) : item.duration))
            }
            return PlayerStatus(
                state: programme.isPaused ? .paused : .playing, rule: turn.rule.rawValue, current: current, fault: nil,
                isMoving: progress?.timeline != nil, halved: progress?.timeline == nil ? nil : rate.cause)
        case .fault(let notice): return PlayerStatus(state: .idle, rule: "fault", current: nil, fault: notice)
        case .test: return PlayerStatus(state: .idle, rule: "test", current: nil, fault: nil)
        case .welcome, nil: return PlayerStatus(state: .idle, rule: "welcome", current: nil, fault: nil)
        }
    }
}
