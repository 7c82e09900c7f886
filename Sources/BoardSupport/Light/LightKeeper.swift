public import LinuxSystem
public import Logging
public import ServiceLifecycle
import SystemPackage

/// Has the board's light say what is to be said. Sleeps while the light is the system's.
public actor LightKeeper: Service {
    private let light: (any ActivityLight)?
    private let clock: any BoardClock
    private let logger: Logger
    private var plan = LightPlan()
    private let wakeup = Wakeup()
    private var isRefused = false

    /// - Parameter light: nil: the board has none, and all of this does nothing.
    public init(
        _ light: (any ActivityLight)?, clock: any BoardClock = MonotonicClock(),
        logger: Logger = Logger(label: "light")
    ) {
        self.light = light
        self.clock = clock
        self.logger = logger
    }

    /// Whether there is a light at all.
    public nonisolated var hasLight: Bool { light != nil }

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
        guard let light else { return await Self.waitUntilCancelled() }
        var shown: Bool?
        while !Task.isCancelled {
            let seen = wakeup.generation
            let now = clock.now
            let wanted = plan.light(at: now)
            if wanted != shown {
                show(wanted, on: light)
                shown = wanted
            }
            await wakeup.wait(after: seen, until: plan.nextChange(after: now), clock: clock)
        }
        if shown != nil { show(nil, on: light) }
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

    private static func waitUntilCancelled() async {
        let never = Wakeup()
        await never.wait(after: never.generation)
    }
}
