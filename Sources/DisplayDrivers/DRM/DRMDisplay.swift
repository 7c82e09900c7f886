import Dispatch
import Frames
import KMS
import LinuxSystem
import SystemPackage

/// An open screen of the DRM driver.
actor DRMDisplay: Display {
    nonisolated let capabilities: DisplayCapabilities
    nonisolated let ended: AsyncStream<DisplayError>
    nonisolated let lender: (any FrameLending)?
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let executor: QueueExecutor
    private let device: any KMSDevice
    private let clock: any BoardClock
    private let host: any KMSHost
    private let configuration: DRMConfiguration
    private let found: FoundOutput
    private let output: DRMOutput
    private let onClose: @Sendable (Closing) -> Void
    private let endedContinuation: AsyncStream<DisplayError>.Continuation
    private var pacer: FlipPacer
    private var escalation = FlipEscalation()
    private var link: LinkWatch
    private var watching: Task<Void, Never>?
    private var failure: DisplayError?
    private var isClosed = false
    private var isOn = true
    private var isPresenting = false
    /// Between a commit and its flip.
    private var isFlipping = false
    private var token: UInt64
    /// Holds the frames that are on the glass.
    private var shown = Scene.black

    /// - Throws: what the kernel refused.
    init(
        _ found: FoundOutput, on device: any KMSDevice, host: any KMSHost, _ configuration: DRMConfiguration,
        clock: any BoardClock, hotplugSeen: Int, onClose: @escaping @Sendable (Closing) -> Void
    ) async throws(Errno) {
        let workshop = Workshop()
        let output = try await workshop.makeOutput(found, on: device, configuration)
        await self.init(
            output, found, on: device, host: host, configuration, clock: clock, hotplugSeen: hotplugSeen,
            executor: workshop.executor, onClose: onClose)
    }

    /// Makes the output on the thread that is to work it: buffers are allocated there, and the first commits tested.
    private actor Workshop {
        nonisolated let executor = QueueExecutor(label: "vitrine.drm")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func makeOutput(
            _ found: FoundOutput, on device: any KMSDevice, _ configuration: DRMConfiguration
        ) throws(Errno) -> sending DRMOutput {
            try DRMOutput(found, on: device, configuration)
        }
    }

    private init(
        _ output: sending DRMOutput, _ found: FoundOutput, on device: any KMSDevice, host: any KMSHost,
        _ configuration: DRMConfiguration, clock: any BoardClock, hotplugSeen: Int, executor: QueueExecutor,
        onClose: @escaping @Sendable (Closing) -> Void
    ) async {
        let mode = found.choice.mode
        var notes = [found.choice.note, output.buffers.note].compactMap(\.self)
        if !device.isAtomic { notes.append("the driver \(device.driver) has no atomic commits") }
        if device.isAtomic, output.buffers.note == nil, !output.usesPlanes, configuration.rotation % 180 == 0,
            output.planes.contains(where: { $0.traits.kind == .overlay })
        {
            notes.append("no memory for hardware planes (CMA): all is composed in software")
        }
        capabilities = DisplayCapabilities(
            size: output.turn.size, refreshRate: Double(max(1, mode.millihertz)) / 1_000,
            formats: output.planarFormats + (output.usesPlanes ? [.xrgb8888, .argb8888, .rgb565] : [.xrgb8888]),
            name: found.edid?.title ?? found.connector.name, millimetres: Self.millimetres(found, configuration),
            modes: ModeChoice.list(found.connector.modes), planes: output.planeCount,
            rotations: output.planes.contains { $0.traits.kind == .primary && $0.traits.turnsAround } ? [0, 180] : [0],
            notes: notes)
        lender = output.lender
        self.executor = executor
        self.output = output
        self.found = found
        self.device = device
        self.host = host
        self.configuration = configuration
        self.clock = clock
        self.onClose = onClose
        pacer = FlipPacer(interval: capabilities.refreshInterval)
        link = LinkWatch(settling: configuration.linkSettling)
        token = UInt64(bitPattern: clock.now.nanoseconds)
        (ended, endedContinuation) = AsyncStream.makeStream(of: DisplayError.self)
        watching = Task { [weak self] in await self?.watchLink(after: hotplugSeen) }
    }

    private static func millimetres(_ found: FoundOutput, _ configuration: DRMConfiguration) -> PixelSize? {
        let told = found.edid?.millimetres ?? (found.connector.millimetreWidth, found.connector.millimetreHeight)
        guard told.width > 0, told.height > 0 else { return nil }
        return configuration.rotation % 180 == 0
            ? PixelSize(width: told.width, height: told.height) : PixelSize(width: told.height, height: told.width)
    }

    func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
        try check()
        try await takeTurn()
        defer { stopPresenting() }
        guard isOn else { return try await pretend(scene, notBefore: notBefore) }
        output.prepare(scene, after: shown)
        try await sleep(until: pacer.commitTime(now: clock.now, notBefore: notBefore))
        // It may have been switched off meanwhile: a commit would light it again.
        guard isOn else { return try await pretend(scene, notBefore: notBefore) }
        let presentation = try await show(scene)
        try await sleep(until: presentation.time, isCancellable: false)
        return presentation
    }

    /// Whoever presents is waited for to the end, cancelled or not: the hardware has his picture. The turn is taken in
    /// here, since others may come between this one's return and what follows it.
    private func takeTurn() async throws(DisplayError) {
        while isPresenting { try await waitForTurn() }
        isPresenting = true
    }

    private func waitForTurn() async throws(DisplayError) {
        while isPresenting {
            let generation = device.changed.generation
            await device.changed.waitThrough(
                after: generation, until: clock.now.advanced(by: .seconds(1)), clock: clock)
            try check()
        }
    }

    /// Commits what was prepared, and returns once it is on the glass; with a new mode set when no flip comes.
    private func show(_ scene: Scene) async throws(DisplayError) -> Presentation {
        // Switched off between the question and here.
        guard isOn else {
            shown = scene
            return pacer.pretended(at: clock.now, notBefore: clock.now)
        }
        isFlipping = true
        defer { isFlipping = false }
        while true {
            let committed = clock.now
            let deadline = committed.advanced(by: escalation.deadline(interval: pacer.interval))
            let event = try await flip(until: deadline)
            guard let event else {
                escalation.timedOut()
                guard escalation.step != .giveUp else {
                    throw fail("the screen takes no picture any more (no flip within its deadline)")
                }
                output.needsModeSet = true
                continue
            }
            escalation.finished()
            output.finished()
            shown = scene
            let time = event.nanoseconds > 0 ? MonotonicInstant(nanoseconds: event.nanoseconds) : nil
            return pacer.finished(committed: committed, time: time, now: clock.now)
        }
    }

    /// - Returns: nil when the deadline passed.
    private func flip(until deadline: MonotonicInstant) async throws(DisplayError) -> KMSFlipEvent? {
        token &+= 1
        var hasAskedForMaster = false
        while true {
            let generation = device.changed.generation
            do throws(Errno) {
                if try output.commit(token: token) { break }
                return KMSFlipEvent(token: token, nanoseconds: 0, sequence: 0)
            } catch {
                switch error {
                case .resourceBusy where clock.now < deadline:
                    // An earlier flip is under way; its end wakes us.
                    _ = try taken()
                    await device.changed.waitThrough(
                        after: generation, until: min(deadline, device.nextEventTime ?? deadline), clock: clock)
                    try check()
                case .resourceBusy: return nil
                case .permissionDenied where !hasAskedForMaster, .notPermitted where !hasAskedForMaster:
                    hasAskedForMaster = true
                    try? device.setMaster()
                    output.needsModeSet = true
                case .permissionDenied, .notPermitted:
                    throw fail("another program took the screen")
                case .invalidArgument where !output.needsModeSet, .outOfRange where !output.needsModeSet:
                    // A driver may want a mode set where the test commit did not say so.
                    output.needsModeSet = true
                default:
                    throw fail(words(for: error))
                }
            }
        }
        while true {
            let generation = device.changed.generation
            if let event = try taken() { return event }
            guard clock.now < deadline else { return nil }
            await device.changed.waitThrough(
                after: generation, until: min(deadline, device.nextEventTime ?? deadline), clock: clock)
            try check()
        }
    }

    /// The event of the flip under way, if it is there.
    private func taken() throws(DisplayError) -> KMSFlipEvent? {
        do throws(Errno) {
            return try device.takeEvents().last { $0.token == token }
        } catch {
            throw fail(words(for: error))
        }
    }

    /// The screen sleeps: the timer goes on, and the picture comes when it wakes.
    private func pretend(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
        let presentation = pacer.pretended(at: clock.now, notBefore: notBefore)
        try await sleep(until: presentation.time)
        shown = scene
        // It woke meanwhile, and left the picture to whoever presents.
        if isOn {
            output.prepare(scene)
            _ = try await show(scene)
        }
        return presentation
    }

    private func sleep(until moment: MonotonicInstant, isCancellable: Bool = true) async throws(DisplayError) {
        while clock.now < moment {
            if Task.isCancelled {
                guard isCancellable else { return }
                throw DisplayError(.cancelled, driver: DRMDriver.name, what: "presenting was cancelled")
            }
            let generation = device.changed.generation
            try check()
            await device.changed.wait(after: generation, until: moment, clock: clock)
        }
        try check()
    }

    func setPower(_ isOn: Bool) async throws(DisplayError) {
        try check()
        // A flip under way comes to its end first: the kernel would wait for it in the commit, with this thread, and a flip
        // that fails has another mode set, which lights the screen.
        while isFlipping {
            let generation = device.changed.generation
            await device.changed.waitThrough(
                after: generation, until: clock.now.advanced(by: .seconds(1)), clock: clock)
            try check()
        }
        guard isOn != self.isOn else { return }
        do throws(Errno) {
            try output.setPower(isOn)
        } catch {
            throw fail(words(for: error))
        }
        self.isOn = isOn
        try await showAgain()
    }

    /// What was presented last, with a mode set, unless somebody presents anyway.
    private func showAgain() async throws(DisplayError) {
        guard isOn, !isPresenting else { return }
        isPresenting = true
        defer { stopPresenting() }
        output.prepare(shown, after: shown)
        _ = try await show(shown)
    }

    private func stopPresenting() {
        isPresenting = false
        device.changed.wake()
    }

    /// The backlight of a DSI panel is no part of the mode setting.
    func setBrightness(_ level: Double) {}

    /// How a display came to its end.
    struct Closing: Sendable {
        /// The card answers no more.
        var cardIsGone = false
        /// Its screen was unplugged.
        var isUnplugged = false
    }

    func close() { close(Closing()) }

    private func close(_ closing: Closing) {
        guard !isClosed else { return }
        isClosed = true
        watching?.cancel()
        watching = nil
        output.close()
        shown = .black
        endedContinuation.finish()
        device.changed.wake()
        onClose(closing)
    }

    private func check() throws(DisplayError) {
        if let failure { throw failure }
        if isClosed { throw DisplayError(.gone, driver: DRMDriver.name, what: "the screen was closed") }
    }

    /// The display ends: whoever presents and whoever listens is told.
    private func fail(_ what: String, isUnplugged: Bool = false) -> DisplayError {
        if let failure { return failure }
        let error = DisplayError(.gone, driver: DRMDriver.name, what: "\(found.connector.name): \(what)")
        failure = error
        endedContinuation.yield(error)
        close(Closing(cardIsGone: (try? device.resources()) == nil, isUnplugged: isUnplugged))
        return error
    }

    // MARK: The link

    /// - Parameter first: the last word of the kernel when the connector was looked at.
    private func watchLink(after first: Int) async {
        // Nobody wakes the other one: it only waits for time, or the end.
        let news = host.hotplug ?? Wakeup()
        var seen = host.hotplug == nil ? 0 : first
        var deadline: MonotonicInstant?
        while !Task.isCancelled, !isClosed {
            let isUntold = found.edid == nil
            let poll = host.hotplug == nil || isUntold ? Duration.seconds(10) : host.pollInterval
            let next = [deadline, poll.map { clock.now.advanced(by: $0) }].compactMap(\.self).min()
            await news.wait(after: seen, until: next, clock: clock)
            guard !Task.isCancelled, !isClosed else { return }
            // Asking the hardware takes a while, what the kernel knows does not.
            let detects = news.generation != seen || deadline != nil || isUntold || host.hotplug == nil
            seen = news.generation
            deadline = nil
            switch look(detects: detects) {
            case .none: break
            case .lookAgain(let moment): deadline = moment
            case .setMode:
                output.needsModeSet = true
                // A present on its way may have passed its commit, or does it.
                try? await waitForTurn()
                if output.needsModeSet { try? await showAgain() }
            case .lost: _ = fail("the screen was unplugged", isUnplugged: true)
            }
        }
    }

    private func look(detects: Bool) -> LinkWatch.Action {
        let connector: KMSConnector
        let edid: EDID?
        do throws(Errno) {
            connector = try device.connector(found.connector.id, detects: detects)
            edid = try OutputSearch.edid(of: found.connector.id, on: device)
        } catch {
            _ = fail(words(for: error))
            return .none
        }
        let isConnected = connector.status == .connected || configuration.forceHotplug
        let action = link.saw(connected: isConnected, at: clock.now)
        guard isConnected, !configuration.forceHotplug else { return action }
        let choice = ModeChoice.choose(
            from: connector.modes, wanted: configuration.mode, hasEDID: edid != nil)
        if let choice, !choice.mode.hasTimings(of: found.choice.mode) || edid?.title != found.edid?.title {
            _ = fail("another screen is plugged, or it can show other modes")
        }
        return action
    }
}
