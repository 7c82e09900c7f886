import LinuxSystem

/// Runs a body, with its child tasks, in the time of a manual clock, which passes when all of them wait.
func withTimePassing<Result: Sendable>(
    _ clock: ManualClock, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await SteppedExecutor(clock: clock).run(body)
}

/// Waits for something that is about to come true; time passes meanwhile.
func eventually(_ clock: ManualClock, _ condition: @escaping @Sendable () async -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        try await clock.sleep(until: clock.now.advanced(by: .milliseconds(10)), tolerance: nil)
    }
    return false
}

/// The same where time stands still.
func eventually(_ condition: @escaping @Sendable () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        await Task.yield()
    }
    return false
}
