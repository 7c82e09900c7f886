import Frames
import LinuxSystem

/// An open headless display: paces by timer, and holds the scene that is shown.
///
/// There is no timer while nobody presents.
actor HeadlessDisplay: Display {
    nonisolated let capabilities: DisplayCapabilities
    nonisolated let ended: AsyncStream<DisplayError>

    private let clock: any BoardClock
    private let grid: RefreshGrid
    private let closing = Wakeup()
    private let endedContinuation: AsyncStream<DisplayError>.Continuation
    private var isClosed = false
    private var lastSequence: UInt64?
    /// What is on the glass; keeps the frames' buffers from being written.
    private var shown: Scene?

    init(capabilities: DisplayCapabilities, clock: any BoardClock) {
        self.capabilities = capabilities
        self.clock = clock
        self.grid = RefreshGrid(origin: clock.now, rate: capabilities.refreshRate)
        (ended, endedContinuation) = AsyncStream.makeStream(of: DisplayError.self)
    }

    func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
        let untouched = closing.generation
        guard !isClosed else { throw gone }
        let soonest = grid.first(atOrAfter: max(clock.now, notBefore))
        let sequence = lastSequence.map { max(soonest, $0 + 1) } ?? soonest
        let time = grid.time(of: sequence)
        while !isClosed, !Task.isCancelled, clock.now < time {
            await closing.wait(after: untouched, until: time, clock: clock)
        }
        if isClosed { throw gone }
        if clock.now < time {
            throw DisplayError(.cancelled, driver: HeadlessDriver.name, what: "presenting was cancelled")
        }
        lastSequence = sequence
        shown = scene
        return Presentation(time: time, sequence: sequence, interval: capabilities.refreshInterval, source: .timer)
    }

    /// Nothing is lit here.
    func setPower(_ isOn: Bool) {}
    func setBrightness(_ level: Double) {}

    func close() {
        isClosed = true
        shown = nil
        closing.wake()
        endedContinuation.finish()
    }

    private var gone: DisplayError {
        DisplayError(.gone, driver: HeadlessDriver.name, what: "the headless display was closed")
    }
}
