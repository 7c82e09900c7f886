import LinuxSystem

/// An input of the simulated board, with the kernel's debouncing: a level counts once it held for the whole time, and the
/// edge bears the moment at which it did (Linux, gpiolib-cdev.c, debounce_work_func).
struct SimulatedInput {
    let settings: GPIOInputSettings
    let continuation: AsyncStream<GPIOEdge>.Continuation
    private var isHigh: Bool
    private var change: (isHigh: Bool, since: MonotonicInstant)?

    init(_ settings: GPIOInputSettings, isHigh: Bool, _ continuation: AsyncStream<GPIOEdge>.Continuation) {
        (self.settings, self.isHigh, self.continuation) = (settings, isHigh, continuation)
    }

    var isActive: Bool { isHigh != settings.activeLow }

    mutating func drive(_ level: Bool, at moment: MonotonicInstant) {
        settle(at: moment)
        if level == isHigh { change = nil } else if change == nil { change = (level, moment) }
        settle(at: moment)
    }

    mutating func settle(at moment: MonotonicInstant) {
        guard let change, change.since.advanced(by: settings.debounce) <= moment else { return }
        self.change = nil
        isHigh = change.isHigh
        continuation.yield(GPIOEdge(isActive: isActive, moment: change.since.advanced(by: settings.debounce)))
    }
}
