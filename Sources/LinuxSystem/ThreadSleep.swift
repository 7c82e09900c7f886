#if canImport(Glibc)
    import Glibc
#endif

extension MonotonicClock {
    /// Blocks the calling thread until a moment has come: for a thread that has nothing else to do, because this takes no
    /// memory and no other thread.
    public func blockThread(until moment: MonotonicInstant) {
        var time = timespec(
            tv_sec: Int(moment.nanoseconds / 1_000_000_000), tv_nsec: Int(moment.nanoseconds % 1_000_000_000))
        // A signal ends it early.
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
