#if canImport(Glibc)
    import Glibc
#endif

/// A moment on CLOCK_MONOTONIC, in nanoseconds since an arbitrary start.
public struct MonotonicInstant: InstantProtocol, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public func advanced(by duration: Duration) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds + duration.wholeNanoseconds)
    }

    public func duration(to other: MonotonicInstant) -> Duration {
        .nanoseconds(other.nanoseconds - nanoseconds)
    }

    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// The duration in nanoseconds, what is smaller cut off.
    public var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    /// The duration in seconds, for people and JSON.
    public var secondsAsDouble: Double { Double(wholeNanoseconds) / 1_000_000_000 }
}

/// The time that parts are given: the kernel's, or one that a test moves by hand.
public protocol BoardClock: Clock where Instant == MonotonicInstant {}

/// CLOCK_MONOTONIC.
public struct MonotonicClock: BoardClock {
    public init() {}

    public var now: MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    public var minimumResolution: Duration { .nanoseconds(1) }

    public func sleep(until deadline: MonotonicInstant, tolerance: Duration?) async throws {
        // SuspendingClock is CLOCK_MONOTONIC on Linux; its instants cannot be made from ours, so the distance is slept.
        let distance = now.duration(to: deadline)
        guard distance > .zero else { return try Task.checkCancellation() }
        try await Task.sleep(for: distance, tolerance: tolerance, clock: .suspending)
    }
}
