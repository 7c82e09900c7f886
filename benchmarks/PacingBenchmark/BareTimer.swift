import LinuxSystem
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A thread that does nothing but sleep until one moment after the other: what the machine itself makes of a time.
final class BareTimer: Sendable {
    private let interval: Double
    private let count: Int
    private let late = Mutex<[Double]>([])

    /// - Parameters:
    ///   - interval: seconds from one moment to the next.
    ///   - seconds: how long.
    init(interval: Double, seconds: Double) {
        self.interval = interval
        self.count = Int(seconds / interval)
    }

    /// Starts the thread; it ends by itself.
    func start() throws(Errno) { try DetachedThread.start(named: "bare timer") { self.work() } }

    /// Seconds, of each moment so far.
    func lateness() -> [Double] { late.withLock { $0 } }

    private func work() {
        let start = Self.now()
        for number in 1...max(1, count) {
            let moment = start + Double(number) * interval
            var time = timespec(tv_sec: Int(moment), tv_nsec: Int((moment - moment.rounded(.down)) * 1e9))
            while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
            let now = Self.now()
            late.withLock { $0.append(now - moment) }
        }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
