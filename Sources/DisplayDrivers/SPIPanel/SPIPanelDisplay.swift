import Frames
import LinuxSystem
import PanelBus
import Synchronization
import SystemPackage

/// An open SPI panel. Its transfers block its own thread.
actor SPIPanelDisplay: Display {
    nonisolated let ended: AsyncStream<DisplayError>
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.actors.asUnownedSerialExecutor() }

    /// So long the panel's thread may stand still for the next picture; who closes waits no longer than that.
    private static let shortWait = Duration.milliseconds(60)

    private let loop: EventLoop
    private let isRealTime: Bool
    private let panel: ResolvedPanel
    private let clock: any BoardClock
    private let bus: any PanelBus
    private let link: PanelLink
    private let picture: PanelPicture
    private let endedContinuation: AsyncStream<DisplayError>.Continuation
    private let closing = Wakeup()
    private let traits: DisplayCapabilities
    private let highestRate: Double
    /// Refreshes per second; set once, before anybody has the display.
    private let rate: Mutex<Double>

    private var pacer: PanelPacer
    private var brightness: Double
    private var failure: DisplayError?
    private var isClosed = false
    private var isOn = true
    /// How often it was woken.
    private var wakes = 0
    /// The backlight is on: not before there is a picture.
    private var isLit = false
    private var fellAsleep: MonotonicInstant?
    /// Holds the frames of what is on the glass, or will be when the panel wakes.
    private var shown = Scene.black

    init(
        _ bus: any PanelBus, _ panel: ResolvedPanel, _ configuration: SPIPanelConfiguration, clock: any BoardClock
    ) throws(Errno) {
        loop = try EventLoop(name: "spi panel")
        // Real time is waited for on the thread that goes on afterwards.
        isRealTime = clock is LoopClock || clock is MonotonicClock
        self.clock = isRealTime ? loop.clock : clock
        (self.bus, self.panel) = (bus, panel)
        let model = panel.model
        link = PanelLink(bus, model: model, rotation: panel.rotation, clock: clock)
        picture = PanelPicture(size: panel.size, format: model.format)
        brightness = configuration.brightness
        highestRate = configuration.refreshRate
        rate = Mutex(configuration.refreshRate)
        pacer = PanelPacer(interval: .seconds(1))
        traits = DisplayCapabilities(
            size: panel.size, refreshRate: configuration.refreshRate, formats: [.xrgb8888],
            name: "\(panel.title) (\(bus.name))", millimetres: panel.millimetres, rotations: [0, 90, 180, 270],
            hasBrightness: bus.hasBacklight,
            notes: model.isRound ? ["the panel is round: the corners are not seen"] : [])
        (ended, endedContinuation) = AsyncStream.makeStream(of: DisplayError.self)
    }

    nonisolated var capabilities: DisplayCapabilities {
        var capabilities = traits
        capabilities.refreshRate = rate.withLock { $0 }
        return capabilities
    }

    // MARK: Bringing it up

    /// Resets and configures the panel and clears it; the backlight comes with the first picture.
    func bringUp() async throws(DisplayError) {
        let timing = panel.model.timing
        try wire { () throws(PanelBusError) in try bus.setBacklight(0) }
        if bus.hasReset {
            try wire { () throws(PanelBusError) in try bus.setReset(asserted: true) }
            try await pause(timing.resetPulse)
            try wire { () throws(PanelBusError) in try bus.setReset(asserted: false) }
        } else {
            // Whoever had the panel before may have spoken to it a moment ago.
            try await pause(.milliseconds(5))
            try wire { () throws(PanelBusError) in try link.send(PanelCommand.softwareReset) }
        }
        try await pause(timing.afterReset)
        try wire { () throws(PanelBusError) in try link.send(PanelCommand.sleepOut) }
        try await pause(timing.afterSleepOut)
        try wire { () throws(PanelBusError) in
            try link.configure()
            try link.clear(picture)
            try link.send(PanelCommand.displayOn)
        }
        let whole = link.cost.time(windows: 1, bytes: picture.blackBytes.count)
        let carried = min(highestRate, 1_000_000_000 / whole)
        rate.withLock { $0 = carried }
        pacer = PanelPacer(interval: capabilities.refreshInterval)
    }

    // MARK: Presenting

    func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
        try check()
        guard isOn else { return try await pretend(scene, notBefore: notBefore) }
        // The work is done before the time has come.
        draw(scene)
        let transfer = link.cost.time(
            windows: picture.plan.windows.count, bytes: picture.plan.pixelCount * picture.format.bytesPerPixel)
        let start = pacer.start(
            now: clock.now, notBefore: notBefore, transfer: .nanoseconds(Int64(min(transfer, 1e10))))
        let before = wakes
        try await sleep(until: start)
        // It may have been put to sleep meanwhile, and woken: then the plan began with another picture.
        guard isOn else { return try await pretend(scene, notBefore: notBefore) }
        if wakes != before { draw(scene) }
        try show()
        shown = scene
        return pacer.finished(at: clock.now, source: .transfer)
    }

    private func draw(_ scene: Scene) {
        picture.draw(scene)
        picture.makePlan(windowPixels: link.cost.windowPixels(bytesPerPixel: picture.format.bytesPerPixel))
    }

    /// Sends what was drawn.
    private func show() throws(DisplayError) {
        try wire { () throws(PanelBusError) in
            try link.send(picture)
            if !isLit { try bus.setBacklight(brightness) }
        }
        isLit = true
    }

    /// The panel sleeps: the timer goes on, and the picture comes when it wakes.
    private func pretend(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
        try await sleep(until: pacer.start(now: clock.now, notBefore: notBefore, transfer: .zero))
        shown = scene
        // It woke meanwhile, with the picture before this one.
        if isOn {
            draw(scene)
            try show()
        }
        return pacer.finished(at: clock.now, source: .timer)
    }

    // MARK: Power and light

    func setPower(_ isOn: Bool) async throws(DisplayError) {
        try check()
        guard isOn != self.isOn else { return }
        if isOn {
            try await wake()
        } else {
            self.isOn = false
            isLit = false
            try wire { () throws(PanelBusError) in try putToSleep() }
        }
    }

    private func putToSleep() throws(PanelBusError) {
        try bus.setBacklight(0)
        try link.send(PanelCommand.displayOff)
        try link.send(PanelCommand.sleepIn)
        fellAsleep = clock.now
    }

    private func wake() async throws(DisplayError) {
        let timing = panel.model.timing
        if let fellAsleep { try await pause(until: fellAsleep.advanced(by: timing.afterSleepIn)) }
        try wire { () throws(PanelBusError) in try link.send(PanelCommand.sleepOut) }
        try await pause(timing.afterSleepOut)
        fellAsleep = nil
        isOn = true
        wakes += 1
        draw(shown)
        try wire { () throws(PanelBusError) in
            try link.send(picture)
            try link.send(PanelCommand.displayOn)
            try bus.setBacklight(brightness)
        }
        isLit = true
    }

    func setBrightness(_ level: Double) throws(DisplayError) {
        try check()
        guard level.isFinite else { return }
        brightness = min(max(level, 0), 1)
        guard isLit else { return }
        try wire { () throws(PanelBusError) in try bus.setBacklight(brightness) }
    }

    // MARK: The end

    /// The panel falls dark and asleep.
    func close() {
        guard !isClosed else { return }
        if failure == nil, isOn { try? putToSleep() }
        isClosed = true
        isLit = false
        shown = .black
        picture.forget()
        bus.close()
        endedContinuation.finish()
        closing.wake()
    }

    /// Something on the wires. When it fails, the display ends, and whoever presents and whoever listens is told.
    private func wire(_ body: () throws(PanelBusError) -> Void) throws(DisplayError) {
        do throws(PanelBusError) {
            try body()
        } catch {
            let failure = DisplayError(
                .gone, driver: SPIPanelDriver.name, what: "\(panel.title): \(error)",
                suggestion: "Look whether the panel is wired as spi.device and spi.dc_pin say.")
            self.failure = failure
            endedContinuation.yield(failure)
            close()
            throw failure
        }
    }

    private func check() throws(DisplayError) {
        if let failure { throw failure }
        if isClosed { throw DisplayError(.gone, driver: SPIPanelDriver.name, what: "the panel was closed") }
    }

    private func pause(_ duration: Duration) async throws(DisplayError) {
        try await pause(until: clock.now.advanced(by: duration))
    }

    /// Time that the panel needs; nobody may speak to it meanwhile.
    private func pause(until moment: MonotonicInstant) async throws(DisplayError) {
        try await sleep(until: moment, isCancellable: false)
    }

    private func sleep(until moment: MonotonicInstant, isCancellable: Bool = true) async throws(DisplayError) {
        while clock.now < moment {
            if isRealTime, clock.now.duration(to: moment) <= Self.shortWait {
                MonotonicClock().blockThread(until: moment)
            } else if isCancellable {
                if Task.isCancelled {
                    throw DisplayError(.cancelled, driver: SPIPanelDriver.name, what: "presenting was cancelled")
                }
                let generation = closing.generation
                try check()
                await closing.wait(after: generation, until: moment, clock: clock)
            } else {
                // A cancelled caller waits, too: the panel's times are no wish of his.
                let clock = clock
                await Task { try? await clock.sleep(until: moment, tolerance: nil) }.value
            }
        }
        try check()
    }
}
