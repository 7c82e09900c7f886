import Dispatch
public import LinuxSystem
public import ServiceLifecycle

/// Looks at the board's sensors for as long as the program runs, so that a voltage that was too low for a moment is
/// not forgotten.
public final class BoardMonitor: Service {
    /// The kernel's own look comes every two seconds, and its word holds until the next: once a second misses none.
    static let oftenEnough: Duration = .seconds(1)
    /// Heat comes slowly.
    static let seldom: Duration = .seconds(10)

    private let sensors: any BoardSensing
    private let clock: any BoardClock
    private let healths = Announcements(BoardHealth())
    private let queue = BlockingQueue(label: "vitrine.board", qos: .utility)

    public init(sensors: any BoardSensing, clock: any BoardClock = MonotonicClock()) {
        self.sensors = sensors
        self.clock = clock
    }

    /// What was read last.
    public var health: BoardHealth { healths.latest ?? BoardHealth() }

    /// The health now, and with every reading that says something else.
    public func changes() -> AsyncStream<BoardHealth> { healths.listen() }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
        healths.finish()
    }

    private func work() async {
        var health = BoardHealth()
        while !Task.isCancelled {
            // The firmware answers through a mailbox: that takes a while, and no thread of Swift's waits for it.
            let (reading, knowsVoltage) = await queue.run { [sensors] in (sensors.read(), sensors.knowsVoltage) }
            health.take(reading, at: clock.now)
            if health != healths.latest { healths.announce(health) }
            // Only ends early when cancelled.
            let pause = knowsVoltage ? Self.oftenEnough : Self.seldom
            try? await clock.sleep(until: clock.now.advanced(by: pause), tolerance: .milliseconds(100))
        }
    }
}
