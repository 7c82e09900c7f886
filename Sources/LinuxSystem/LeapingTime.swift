import Synchronization

/// Time that does not wait: when everything on an event loop sleeps and nobody elsewhere is at work for it, the moment that
/// somebody sleeps until comes at once. Days of programme pass as fast as they can be computed, with the very waits that
/// real time has.
///
/// Meanwhile, and whenever others work (other processes, `BlockingQueue`), time goes by as it does: who stands still then
/// is told by the clock as ever.
public final class LeapingTime: Sendable {
    /// How long the loop listens, before it leaps, for what is on its way from other threads.
    static let grace: Int64 = 60_000
    /// How often it looks, while others work, whether they are done: not everybody tells the loop.
    static let look: Int64 = 1_000_000

    private let leapt = Atomic<Int64>(0)
    private let conditions = Mutex<[@Sendable () -> Bool]>([])

    public init() {}

    /// No leap before a condition holds. It is asked on the loop's thread.
    public func require(_ condition: @escaping @Sendable () -> Bool) {
        conditions.withLock { $0.append(condition) }
    }

    /// What was leapt over so far.
    public var skipped: Duration { .nanoseconds(leapt.load(ordering: .relaxed)) }

    var now: MonotonicInstant {
        MonotonicInstant(nanoseconds: MonotonicClock().now.nanoseconds + leapt.load(ordering: .relaxed))
    }

    var mayLeap: Bool { !BlockingQueue.isAtWork && conditions.withLock { $0 }.allSatisfy { $0() } }

    /// To a moment; one that has passed is left as it is.
    func leap(to moment: MonotonicInstant) {
        let distance = moment.nanoseconds - now.nanoseconds
        if distance > 0 { leapt.add(distance, ordering: .relaxed) }
    }
}
