public import LinuxSystem
public import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#endif

/// Keeps systemd's watchdog from ending the daemon for as long as the daemon is well (`WatchdogSec=`).
///
/// A health check that says no, or that does not come back, ends the keep-alives, and systemd restarts the daemon.
public struct WatchdogService: Service {
    private let notifier: ServiceNotifier
    private let interval: Duration
    private let clock: any BoardClock
    private let isHealthy: @Sendable () async -> Bool

    /// nil when systemd watches nobody, or another process (sd_watchdog_enabled(3)).
    ///
    /// - Parameter isHealthy: true when the parts that must make progress have made some.
    public init?(
        notifier: ServiceNotifier, environment: [String: String], clock: any BoardClock = MonotonicClock(),
        isHealthy: @Sendable @escaping () async -> Bool
    ) {
        guard let interval = Self.interval(environment: environment, processID: getpid()) else { return nil }
        self.notifier = notifier
        self.interval = interval
        self.clock = clock
        self.isHealthy = isHealthy
    }

    /// Half of what systemd allows, as sd_watchdog_enabled(3) recommends.
    static func interval(environment: [String: String], processID: Int32) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], let allowed = Int64(text), allowed > 0 else { return nil }
        if let owner = environment["WATCHDOG_PID"], owner != String(processID) { return nil }
        return .microseconds(allowed) / 2
    }

    public func run() async throws {
        try await cancelWhenGracefulShutdown { try await keepAlive() }
    }

    private func keepAlive() async throws {
        while true {
            if await isHealthy() { notifier.send(.watchdog) }
            do {
                try await clock.sleep(until: clock.now.advanced(by: interval), tolerance: interval / 10)
            } catch is CancellationError {
                return
            }
        }
    }
}
