public import Frames
public import LinuxSystem
import Synchronization

/// A display that does what it is told: it comes and goes, answers late, fails. It stands in for hardware where there
/// is none, in tests and when somebody wants to see what the appliance does about a fault.
public final class ScriptedDriver: DisplayDriver {
    /// What was asked of the driver.
    public enum Event: Sendable, Equatable {
        case probed
        case opened
        case presented
        case closed
    }

    private struct State {
        var probe: DisplayProbe
        var openError: String?
        var events: [Event] = []
        var scenes: [Scene] = []
        var current: ScriptedDisplay?
    }

    public let name: String
    private let headless: HeadlessDriver
    private let keepsScenes: Bool
    private let state: Mutex<State>

    /// - Parameter keepsScenes: whether `scenes` collects what came onto the glass, and holds its frames for ever.
    public init(
        name: String, size: PixelSize, refreshRate: Double = 60, probe: DisplayProbe = .usable,
        keepsScenes: Bool = false, clock: any BoardClock
    ) {
        self.name = name
        self.keepsScenes = keepsScenes
        self.headless = HeadlessDriver(size: size, refreshRate: refreshRate, clock: clock)
        self.state = Mutex(State(probe: probe))
    }

    public var events: [Event] { state.withLock { $0.events } }

    /// All scenes that came onto the glass, when they are kept.
    public var scenes: [Scene] { state.withLock { $0.scenes } }

    /// What the next probes answer.
    public func setProbe(_ probe: DisplayProbe) { state.withLock { $0.probe = probe } }

    /// Why opening fails from now on; nil: it works.
    public func setOpenError(_ what: String?) { state.withLock { $0.openError = what } }

    /// The display goes away by itself. A present under way fails, and so do later ones until it is opened again.
    ///
    /// - Parameter announced: whether the display tells so on its `ended`; otherwise the next present finds out.
    public func unplug(_ what: String, announced: Bool = true) async {
        guard let display = state.withLock({ $0.current }) else { return }
        await display.fail(
            DisplayError(.gone, driver: name, what: what, suggestion: "Plug it in again."), announced: announced)
    }

    public func probe() async -> DisplayProbe {
        state.withLock { state in
            state.events.append(.probed)
            return state.probe
        }
    }

    public func open() async throws(DisplayError) -> any Display {
        if let what = state.withLock({ $0.openError }) { throw DisplayError(.unusable, driver: name, what: what) }
        let inner = try await headless.open()
        let display = ScriptedDisplay(inner: inner) { [weak self, keepsScenes] event, scene in
            self?.state.withLock { state in
                state.events.append(event)
                if let scene, keepsScenes { state.scenes.append(scene) }
            }
        }
        state.withLock { state in
            state.events.append(.opened)
            state.current = display
        }
        return display
    }
}

/// What a `ScriptedDriver` opens: a headless display that can be made to fail.
actor ScriptedDisplay: Display {
    nonisolated let capabilities: DisplayCapabilities
    nonisolated let ended: AsyncStream<DisplayError>

    private let inner: any Display
    private let note: @Sendable (ScriptedDriver.Event, Scene?) -> Void
    private let endedContinuation: AsyncStream<DisplayError>.Continuation
    private var failure: DisplayError?
    private var isClosed = false

    init(inner: any Display, note: @escaping @Sendable (ScriptedDriver.Event, Scene?) -> Void) {
        self.inner = inner
        self.capabilities = inner.capabilities
        self.note = note
        (ended, endedContinuation) = AsyncStream.makeStream(of: DisplayError.self)
    }

    func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
        if let failure { throw failure }
        let presentation: Presentation
        do {
            presentation = try await inner.present(scene, notBefore: notBefore)
        } catch {
            throw failure ?? error
        }
        note(.presented, scene)
        return presentation
    }

    func setPower(_ isOn: Bool) async throws(DisplayError) { try await inner.setPower(isOn) }
    func setBrightness(_ level: Double) async throws(DisplayError) { try await inner.setBrightness(level) }

    func fail(_ error: DisplayError, announced: Bool) async {
        failure = error
        if announced { endedContinuation.yield(error) }
        await inner.close()
    }

    func close() async {
        if !isClosed { note(.closed, nil) }
        isClosed = true
        endedContinuation.finish()
        await inner.close()
    }
}
