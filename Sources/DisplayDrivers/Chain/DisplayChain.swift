public import Frames
public import LinuxSystem
public import Logging
public import ServiceLifecycle
import Synchronization

/// Shows scenes on the best display that works, whichever that is just now.
///
/// `run()` looks for displays and changes from one to the other. What is on the glass goes with every change, so
/// whoever presents need not know. A headless display is the last resort, also when it is not configured.
public actor DisplayChain: Service, FrameLending {
    private struct ActiveDisplay {
        var attempt: ChainState.Attempt
        var display: any Display
    }

    private let drivers: [any DisplayDriver]
    private let clock: any BoardClock
    private let logger: Logger
    private var state: ChainState
    /// What the run loop has to do.
    private var actions: [ChainState.Action] = []
    private let actionWakeup = Wakeup()

    /// Displays that are open, by attempt: the active one, and for a moment the one before it.
    private var displays: [ChainState.Attempt: any Display] = [:]
    private var active: ActiveDisplay? {
        didSet {
            let lender = active?.display.lender
            lenderNow.withLock { $0 = lender }
        }
    }
    /// The active display's.
    private nonisolated let lenderNow = Mutex<(any FrameLending)?>(nil)
    private let activeWakeup = Wakeup()
    private var isStopped = false
    /// Of the backlight of whichever display is active.
    private var brightness = 1.0
    private let board = SceneBoard()
    private let capabilitiesNow = Announcements<DisplayCapabilities>()
    private let reports: Announcements<[ChainReport]>

    /// - Parameters:
    ///   - drivers: best first.
    ///   - lastResort: used when none of them works and no headless one is among them.
    public init(
        drivers: [any DisplayDriver], lastResort: HeadlessDriver, policy: ChainPolicy = ChainPolicy(),
        clock: any BoardClock = MonotonicClock(), logger: Logger = Logger(label: "display")
    ) {
        let all = drivers.contains { $0.name == HeadlessDriver.name } ? drivers : drivers + [lastResort]
        self.drivers = all
        self.clock = clock
        self.logger = logger
        let state = ChainState(names: all.map(\.name), policy: policy)
        self.state = state
        self.reports = Announcements(state.report)
    }

    /// What is on the glass; nil before the first scene.
    public nonisolated var latest: ShownScene? { board.latest }

    nonisolated var sceneBoard: SceneBoard { board }

    /// The active display's capabilities; nil before there is one.
    public nonisolated var capabilities: DisplayCapabilities? { capabilitiesNow.latest }

    /// The capabilities now, and whenever another display, or another size, takes over.
    public nonisolated func capabilityChanges() -> AsyncStream<DisplayCapabilities> { capabilitiesNow.listen() }

    /// What is known of every driver, best first.
    public nonisolated var report: [ChainReport] { reports.latest ?? [] }

    /// The report now, and at every change.
    public nonisolated func reportChanges() -> AsyncStream<[ChainReport]> { reports.listen() }

    /// Bytes of the buffers that open displays have from the kernel, in the memory of no process.
    public nonisolated var bufferBytes: Int { drivers.reduce(0) { $0 + $1.bufferBytes } }

    /// Looks at once whether a better display is there, instead of waiting for the next try.
    public func lookAgain() { post(.lookAgain) }

    /// How bright the picture is, from 0 (dark) to 1: on the display that is active, and on each that takes over. One
    /// without a backlight (`DisplayCapabilities.hasBrightness`) stays as it is.
    public func setBrightness(_ level: Double) async {
        guard level.isFinite else { return }
        brightness = min(max(level, 0), 1)
        await light()
    }

    /// Has the active display as bright as it should be, also when that changes meanwhile.
    private func light() async {
        var applied: Double?
        while let target = active, applied != brightness {
            let level = brightness
            do {
                try await target.display.setBrightness(level)
            } catch {
                replace(target.attempt, because: error)
            }
            applied = level
        }
    }

    /// Shows a scene on the active display and returns when it is on the glass. When that display fails, the next one
    /// shows it.
    ///
    /// - Parameters:
    ///   - screen: the size that the scene was made for; on a display of another size it is fitted into that.
    ///   - notBefore: as `Display.present`.
    /// - Throws: `.cancelled` when the task is, `.gone` after the chain was stopped.
    @discardableResult
    public func present(
        _ scene: Scene, for screen: PixelSize, notBefore: MonotonicInstant
    ) async throws(DisplayError) -> Presentation {
        while true {
            let target = try await waitForDisplay()
            let size = target.display.capabilities.size
            let fitted = scene.fitted(from: screen, to: size)
            do {
                let presentation = try await target.display.present(fitted, notBefore: notBefore)
                // A better display took over meanwhile, with the scene before: it gets this one, too.
                guard active?.attempt == target.attempt || isStopped else { continue }
                board.publish(fitted, screen: size)
                return presentation
            } catch {
                if Task.isCancelled { throw error }
                replace(target.attempt, because: error)
            }
        }
    }

    /// Finds displays and keeps one active until cancelled or shut down; closes them then.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        post(.started)
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let seen = actionWakeup.generation
                if let due = state.nextWake, due <= clock.now { post(.woke) }
                while !actions.isEmpty { perform(actions.removeFirst(), in: &group) }
                await actionWakeup.wait(after: seen, until: state.nextWake, clock: clock)
            }
            group.cancelAll()
        }
        isStopped = true
        active = nil
        activeWakeup.wake()
        for display in displays.values { await display.close() }
        displays = [:]
        capabilitiesNow.finish()
        reports.finish()
    }

    private func post(_ event: ChainState.Event) {
        let before = state.report
        actions += state.handle(event, at: clock.now)
        announce(before: before)
        actionWakeup.wake()
    }

    private func perform(_ action: ChainState.Action, in group: inout DiscardingTaskGroup) {
        switch action {
        case .probe(let index, let attempt):
            let driver = drivers[index]
            group.addTask { await self.post(.probed(driver: index, attempt, driver.probe())) }
        case .open(let index, let attempt):
            group.addTask { await self.open(index, attempt) }
        case .activate:
            // Done by `open`, in the moment in which the state decided it.
            break
        case .close(let attempt):
            if active?.attempt == attempt { active = nil }
            guard let display = displays.removeValue(forKey: attempt) else { break }
            group.addTask { await display.close() }
        }
    }

    /// Opens a display, puts on it what is on the glass now, and listens for its end.
    private func open(_ index: Int, _ attempt: ChainState.Attempt) async {
        let display: any Display
        do {
            display = try await drivers[index].open()
        } catch {
            post(.openFailed(driver: index, attempt, reason: error.what))
            return
        }
        guard !Task.isCancelled else {
            await display.close()
            return
        }
        do {
            // Video moves on meanwhile; the next present brings the new display up to date then.
            var shownSequence: UInt64 = 0
            for _ in 0..<3 {
                guard let shown = board.latest, shown.sequence != shownSequence else { break }
                shownSequence = shown.sequence
                let scene = shown.scene.fitted(from: shown.screen, to: display.capabilities.size)
                _ = try await display.present(scene, notBefore: clock.now)
            }
        } catch {
            await display.close()
            post(.openFailed(driver: index, attempt, reason: error.what))
            return
        }
        guard !Task.isCancelled, state.isOpening(attempt) else {
            await display.close()
            return
        }
        // Without a suspension since the last look at the board: nothing can come onto the old display unseen.
        displays[attempt] = display
        active = ActiveDisplay(attempt: attempt, display: display)
        post(.opened(driver: index, attempt))
        let size = display.capabilities.size
        if let shown = board.latest, shown.screen != size {
            board.publish(shown.scene.fitted(from: shown.screen, to: size), screen: size)
        }
        if capabilitiesNow.latest != display.capabilities { capabilitiesNow.announce(display.capabilities) }
        activeWakeup.wake()
        if brightness < 1 { await light() }
        for await error in display.ended { post(.ended(attempt, reason: error.what)) }
    }

    // MARK: Lending

    /// Whether the active display would scan out such pictures, and nobody watches them from elsewhere.
    public nonisolated func wants(_ layout: FrameLayout, hasBuffer: Bool) -> Bool {
        !board.isWatched && lenderNow.withLock { $0 }?.wants(layout, hasBuffer: hasBuffer) == true
    }

    public nonisolated func lend(_ number: UInt32, for layout: FrameLayout) -> FrameBuffer? {
        board.isWatched ? nil : lenderNow.withLock { $0 }?.lend(number, for: layout)
    }

    private func waitForDisplay() async throws(DisplayError) -> ActiveDisplay {
        while true {
            let seen = activeWakeup.generation
            if isStopped { throw DisplayError(.gone, driver: "chain", what: "the display chain was stopped") }
            if let active { return active }
            guard await activeWakeup.wait(after: seen) else {
                throw DisplayError(.cancelled, driver: "chain", what: "presenting was cancelled")
            }
        }
    }

    /// Takes a display that failed out of use; the run loop finds the next.
    private func replace(_ attempt: ChainState.Attempt, because error: DisplayError) {
        guard active?.attempt == attempt else { return }
        active = nil
        post(.ended(attempt, reason: error.what))
    }

    private func announce(before: [ChainReport]) {
        let now = state.report
        guard now != before else { return }
        for (old, new) in zip(before, now) where old != new {
            switch new.outcome {
            case .active: logger.notice("display \(new.driver) shows the picture")
            case .failed where old.outcome != .failed:
                logger.warning("display \(new.driver) failed: \(new.reason ?? "")")
            case .unusable where old.outcome != .unusable || old.reason != new.reason:
                logger.info("display \(new.driver) is not usable: \(new.reason ?? "")")
            default: break
            }
        }
        reports.announce(now)
    }
}
