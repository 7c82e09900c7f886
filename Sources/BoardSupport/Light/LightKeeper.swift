public import LinuxSystem
public import Logging
public import ServiceLifecycle
import Synchronization
import SystemPackage

/// Has the board's light say what is to be said. Sleeps while the light is the system's.
///
/// The light's driver may come after this program: the card loads it once the first picture is there. So it is looked
/// for whenever it is needed, until it is found.
public actor LightKeeper: Service {
    /// Between two looks for a light that has something to say and is not there; doubled each time.
    static let firstPause: Duration = .seconds(1)
    static let longestPause: Duration = .seconds(60)

    private let find: @Sendable () -> (any ActivityLight)?
    private let found = Mutex<(any ActivityLight)?>(nil)
    private let clock: any BoardClock
    private let logger: Logger
    private var plan = LightPlan()
    private let wakeup = Wakeup()
    private var isRefused = false

    /// - Parameter find: looks for the light; nil: the board has none, or none yet. Not called again once it found one.
    public init(
        finding find: @escaping @Sendable () -> (any ActivityLight)?, clock: any BoardClock = MonotonicClock(),
        logger: Logger = Logger(label: "light")
    ) {
        self.find = find
        self.clock = clock
        self.logger = logger
    }

    /// Whether there is a light now.
    public nonisolated var hasLight: Bool { light() != nil }

    /// Blinks for so long, so that a person finds this board among others. Zero ends it.
    public func locate(for time: Duration) {
        change { $0.locate(until: time > .zero ? clock.now.advanced(by: time) : nil) }
    }

    /// Two flashes again and again while something is wrong that a person must see to.
    public func setFault(_ hasFault: Bool) { change { $0.setFault(hasFault) } }

    /// A button is held that will do something grave.
    public func setHolding(_ isHolding: Bool) { change { $0.setHolding(isHolding) } }

    /// The hold was long enough.
    public func confirm() { change { $0.confirm(at: clock.now) } }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        var shown: Bool?
        var pause = Self.firstPause
        while !Task.isCancelled {
            let seen = wakeup.generation
            let now = clock.now
            let wanted = plan.light(at: now)
            var next = plan.nextChange(after: now)
            if wanted != shown {
                if let light = light() {
                    show(wanted, on: light)
                    shown = wanted
                } else {
                    // Not at the pace of the blinking: most machines never have one.
                    next = now.advanced(by: pause)
                    pause = min(pause * 2, Self.longestPause)
                }
            }
            await wakeup.wait(after: seen, until: next, clock: clock)
        }
        if shown != nil, let light = light() { show(nil, on: light) }
    }

    private nonisolated func light() -> (any ActivityLight)? {
        found.withLock { found in
            if found == nil { found = find() }
            return found
        }
    }

    private func show(_ isOn: Bool?, on light: any ActivityLight) {
        do throws(Errno) {
            if let isOn { try light.set(isOn) } else { try light.giveBack() }
            if isRefused { logger.notice("the board's light can be switched again") }
            isRefused = false
        } catch {
            if !isRefused { logger.warning("the board's light cannot be switched: \(error)") }
            isRefused = true
        }
    }

    private func change(_ body: (inout LightPlan) -> Void) {
        body(&plan)
        wakeup.wake()
    }
}
