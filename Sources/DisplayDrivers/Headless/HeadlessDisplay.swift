import Frames
import LinuxSystem
import Synchronization

/// An open headless display: paces by timer, and holds the scene that is shown. There is no timer while nobody presents.
///
/// No actor: what it does takes no time, so that it runs wherever its caller does, and a frame changes no threads.
final class HeadlessDisplay: Display {
    private struct State {
        var isClosed = false
        var lastSequence: UInt64?
        /// What is on the glass; keeps the frames' buffers from being written.
        var shown: Scene?
    }

    let capabilities: DisplayCapabilities
    let ended: AsyncStream<DisplayError>

    private let clock: any BoardClock
    private let grid: RefreshGrid
    private let closing = Wakeup()
    private let endedContinuation: AsyncStream<DisplayError>.Continuation
    private let state = Mutex(State())

    init(capabilities: DisplayCapabilities, clock: any BoardClock) {
        self.capabilities = capabilities
        self.clock = clock
        self.grid = RefreshGrid(origin: clock.now, rate: capabilities.refreshRate)
        (ended, endedContinuation) = AsyncStream.makeStream(of: DisplayError.self)
    }

    func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
        let untouched = closing.generation
        if isClosed { throw gone }
        let soonest = grid.first(atOrAfter: max(clock.now, notBefore))
        let sequence = state.withLock { state in state.lastSequence.map { max(soonest, $0 + 1) } ?? soonest }
        let time = grid.time(of: sequence)
        while !isClosed, !Task.isCancelled, clock.now < time {
            await closing.wait(after: untouched, until: time, clock: clock)
        }
        if clock.now < time, !isClosed {
            throw DisplayError(.cancelled, driver: HeadlessDriver.name, what: "presenting was cancelled")
        }
        let before = state.withLock { state -> Scene? in
            guard !state.isClosed else { return nil }
            defer { (state.lastSequence, state.shown) = (sequence, scene) }
            return state.shown ?? .black
        }
        // Its frames go back to their owner outside of the lock.
        guard before != nil else { throw gone }
        return Presentation(time: time, sequence: sequence, interval: capabilities.refreshInterval, source: .timer)
    }

    /// Nothing is lit here.
    func setPower(_ isOn: Bool) async {}
    func setBrightness(_ level: Double) async {}

    func close() async {
        let shown = state.withLock { state in
            state.isClosed = true
            defer { state.shown = nil }
            return state.shown
        }
        withExtendedLifetime(shown) {}
        closing.wake()
        endedContinuation.finish()
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private var gone: DisplayError {
        DisplayError(.gone, driver: HeadlessDriver.name, what: "the headless display was closed")
    }
}
