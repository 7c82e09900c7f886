public import LinuxSystem
public import Logging
public import ServiceLifecycle
import Synchronization
import SystemPackage

/// Watches memory: reads it once a second, four times while it falls, and at once when the kernel says that somebody waits
/// for it.
public final class MemoryMonitor: Service {
    /// Memory that is said to be taken, for trying what follows.
    private struct Simulation {
        var available: Int
        var until: MonotonicInstant
    }

    private let read: @Sendable () throws(MemoryReaderError) -> MemoryReading
    private let loop: EventLoop?
    private let clock: any BoardClock
    private let logger: Logger
    private let simulation = Mutex<Simulation?>(nil)
    private let wakeup = Wakeup()
    private let announcements = Announcements<MemoryState>()
    private let changes = Announcements<MemoryLevel>()

    /// - Parameters:
    ///   - loop: where the kernel's word is listened to; nil: it is not asked for it.
    ///   - read: where readings come from.
    public init(
        loop: EventLoop? = nil, clock: any BoardClock = MonotonicClock(), logger: Logger = Logger(label: "memory"),
        read: @escaping @Sendable () throws(MemoryReaderError) -> MemoryReading = {
            let reader = MemoryReader()
            return { () throws(MemoryReaderError) in try reader.read() }
        }()
    ) {
        self.loop = loop
        self.clock = clock
        self.logger = logger
        self.read = read
    }

    /// The latest; nil before the first, and where nothing can be read.
    public var current: MemoryState? { announcements.latest }

    /// The state now and after each reading; a slow listener skips to the latest.
    public func states() -> AsyncStream<MemoryState> { announcements.listen() }

    /// The level now and whenever it changes.
    public func levels() -> AsyncStream<MemoryLevel> { changes.listen() }

    /// Acts as if no more than this were available, for a while. What is really available still counts where it is less.
    public func simulate(available: Int, for duration: Duration) {
        simulation.withLock { $0 = Simulation(available: available, until: clock.now.advanced(by: duration)) }
        wakeup.wake()
    }

    /// Ends a simulation.
    public func stopSimulating() {
        simulation.withLock { $0 = nil }
        wakeup.wake()
    }

    /// Watches until cancelled or shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.watch() }
    }

    private func watch() async {
        let trigger = listen()
        defer { trigger?.cancel() }
        var judge = MemoryJudge()
        var fault: MemoryReaderError?
        while !Task.isCancelled {
            let seen = wakeup.generation
            var pause = MemoryJudge.calm
            do throws(MemoryReaderError) {
                let (state, next) = judge.take(simulated(try read()), at: clock.now)
                if fault != nil { logger.notice("how much memory there is can be read again") }
                fault = nil
                if state.level != announcements.latest?.level, announcements.latest != nil || state.level > .normal {
                    logger.info("memory is \(state.level): \(state.reading.spare >> 20) MB available")
                }
                announcements.announce(state)
                if state.level != changes.latest { changes.announce(state.level) }
                pause = next
            } catch {
                if fault == nil { logger.error("how much memory there is cannot be told: \(error)") }
                fault = error
            }
            await wakeup.wait(after: seen, until: clock.now.advanced(by: pause), clock: clock)
        }
    }

    private func listen() -> DescriptorWatch? {
        guard let loop else { return nil }
        do throws(Errno) {
            let trigger = try PressureTrigger()
            return loop.watch(trigger.descriptor, for: .urgent) { [wakeup] in wakeup.wake() }
        } catch {
            logger.debug("the kernel does not tell of pressure by itself: \(error)")
            return nil
        }
    }

    private func simulated(_ reading: MemoryReading) -> MemoryReading {
        let now = clock.now
        let available = simulation.withLock { simulation -> Int? in
            if let until = simulation?.until, until <= now { simulation = nil }
            return simulation?.available
        }
        guard let available else { return reading }
        var reading = reading
        reading.available = min(reading.available, available)
        return reading
    }
}
