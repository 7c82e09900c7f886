import DisplayDrivers
import Frames
import LinuxSystem
import Testing

/// What every `DisplayDriver` must do, whatever is behind it. The driver must be usable, and time must pass.
///
/// - Parameters:
///   - isTimed: whether lateness counts; on the real clock it is the machine's.
///   - now: the clock that the driver goes by.
func verifyDisplayContract(
    of driver: some DisplayDriver, isTimed: Bool = true, now: @escaping @Sendable () -> MonotonicInstant,
    _ location: SourceLocation = #_sourceLocation
) async throws {
    #expect(!driver.name.isEmpty, sourceLocation: location)
    #expect(await driver.probe() == .usable, sourceLocation: location)
    let display = try await driver.open()
    let capabilities = display.capabilities
    #expect(capabilities.size.width > 0 && capabilities.size.height > 0, sourceLocation: location)
    #expect(capabilities.refreshRate > 0, sourceLocation: location)
    #expect(!capabilities.formats.isEmpty, sourceLocation: location)

    // N presents take at least N−1 intervals, and their numbers grow.
    let count = 10
    var presentations: [Presentation] = []
    for _ in 0..<count { presentations.append(try await display.present(.black, notBefore: now())) }
    let taken = presentations[0].time.duration(to: presentations[count - 1].time)
    // One nanosecond for each interval that does not come out even.
    let least = capabilities.refreshInterval * (count - 1) - .nanoseconds(count)
    #expect(taken >= least, "\(count) presents took \(taken)", sourceLocation: location)
    for (first, second) in zip(presentations, presentations.dropFirst()) {
        #expect(first.sequence < second.sequence && first.time < second.time, sourceLocation: location)
    }

    // Nothing is on the glass before its time, nor much later than the refresh after it.
    let wanted = now().advanced(by: capabilities.refreshInterval * 5)
    let timed = try await display.present(.black, notBefore: wanted)
    #expect(timed.time >= wanted, sourceLocation: location)
    #expect(!isTimed || wanted.duration(to: timed.time) <= capabilities.refreshInterval, sourceLocation: location)

    // What is shown is held, and let go of once the next has replaced it.
    weak var held: Frame?
    do {
        let frame = try solidFrame(0x0040_8020)
        held = frame
        _ = try await display.present(fullScene(frame, on: capabilities.size), notBefore: now())
    }
    #expect(held != nil, sourceLocation: location)
    _ = try await display.present(.black, notBefore: now())
    _ = try await display.present(.black, notBefore: now())
    #expect(held == nil, sourceLocation: location)

    // A cancelled present says so or ends with its result, and leaves the display usable.
    let cancelled = Task { try await display.present(.black, notBefore: now().advanced(by: .seconds(3600))) }
    cancelled.cancel()
    if case .failure(let error) = await cancelled.result {
        #expect((error as? DisplayError)?.code == .cancelled, sourceLocation: location)
    }
    _ = try await display.present(.black, notBefore: now())

    // Closing is idempotent, ends `ended` without an error, and later presents throw.
    await display.close()
    await display.close()
    for await error in display.ended { Issue.record("a closed display ended by itself: \(error)") }
    let error = await #expect(throws: DisplayError.self, sourceLocation: location) {
        try await display.present(.black, notBefore: now())
    }
    #expect(error?.code == .gone, sourceLocation: location)

    // Reopening is the recovery.
    let again = try await driver.open()
    _ = try await again.present(.black, notBefore: now())
    await again.close()
}
