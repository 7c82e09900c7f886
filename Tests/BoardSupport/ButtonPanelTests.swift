import GPIO
import LinuxSystem
import Testing

@testable import BoardSupport

/// A panel of a simulated board, and a finger.
private final class Desk: Sendable {
    let gpio = SimulatedGPIO()
    let clock = ManualClock()
    let panel: ButtonPanel
    private let task: Task<Void, any Error>
    private let listener: Task<[ButtonEvent], Never>

    init(_ bindings: [ButtonBinding]) async throws {
        let panel = ButtonPanel(gpio: gpio, clock: clock)
        self.panel = panel
        task = Task { try await panel.run() }
        listener = Task { await panel.events.reduce(into: []) { $0.append($1) } }
        try await configure(bindings)
    }

    func configure(_ bindings: [ButtonBinding]) async throws {
        let plan = ButtonPlan(bindings)
        await panel.configure(plan)
        for (line, wanted) in plan.lines {
            try await eventually("\(line) is taken") {
                gpio.consumer(of: line) == "vitrine \(wanted[0].action.rawValue)"
            }
        }
        // A line that was just taken must rest.
        try await pass(.seconds(1))
    }

    /// Lets time pass in steps, each of them noticed by everybody who sleeps.
    func pass(_ duration: Duration) async throws {
        let end = clock.now.advanced(by: duration)
        while clock.now < end {
            try await settle()
            clock.advance(by: min(.milliseconds(5), clock.now.duration(to: end)))
            gpio.settle(at: clock.now)
        }
        try await settle()
    }

    /// Nobody sleeps until a moment that has passed.
    private func settle() async throws {
        for _ in 0..<20 { await Task.yield() }
        try await eventually("all sleepers to have woken") { clock.nextDeadline.map { $0 > clock.now } ?? true }
        for _ in 0..<20 { await Task.yield() }
    }

    func press(_ line: LineName, for duration: Duration) async throws {
        gpio.setLevel(of: line, isHigh: false, at: clock.now)
        try await pass(duration)
        gpio.setLevel(of: line, isHigh: nil, at: clock.now)
        try await pass(.milliseconds(100))
    }

    /// Ends the panel; what its buttons have done.
    func end() async throws -> [ButtonEvent] {
        task.cancel()
        try await task.value
        return await listener.value
    }
}

@Suite struct ButtonPanelTests {
    private let a = LineName(bcm: 5)
    private let b = LineName(bcm: 6)

    @Test func pressesOfTwoButtonsAct() async throws {
        let desk = try await Desk([ButtonBinding(.next, a), ButtonBinding(.previous, b)])
        try await desk.press(a, for: .milliseconds(100))
        try await desk.press(b, for: .milliseconds(100))
        try await desk.press(a, for: .milliseconds(10))
        #expect(try await desk.end() == [.act(.next), .act(.previous)])
        #expect(desk.gpio.consumer(of: a) == nil)
        #expect(desk.gpio.consumer(of: b) == nil)
    }

    @Test func aHoldIsAnnouncedAndActs() async throws {
        let desk = try await Desk([ButtonBinding(.factoryReset, a)])
        try await desk.press(a, for: .seconds(2))
        try await desk.press(a, for: .seconds(11))
        #expect(
            try await desk.end() == [
                .holding(.factoryReset, rest: .seconds(9)), .gaveUp, .holding(.factoryReset, rest: .seconds(9)),
                .act(.factoryReset),
            ])
    }

    @Test func changedSettingsHoldAtOnce() async throws {
        let desk = try await Desk([ButtonBinding(.next, a)])
        try await desk.press(a, for: .milliseconds(100))
        // The same line means something else, and another is new.
        try await desk.configure([ButtonBinding(.pause, a), ButtonBinding(.next, b)])
        try await desk.press(a, for: .milliseconds(100))
        try await desk.press(b, for: .milliseconds(100))
        // Only one is left.
        try await desk.configure([ButtonBinding(.next, b)])
        try await eventually("the line is given up") { desk.gpio.consumer(of: a) == nil }
        try await desk.press(a, for: .milliseconds(100))
        try await desk.press(b, for: .milliseconds(100))
        #expect(try await desk.end() == [.act(.next), .act(.pause), .act(.next), .act(.next)])
    }

    @Test func aLineThatSomebodyElseHasIsSaidAndTakenOnceItIsFree() async throws {
        let desk = try await Desk([])
        var panel: (any GPIOOutput)? = try desk.gpio.output(a, initially: true, consumer: "a panel")
        await desk.panel.configure(ButtonPlan([ButtonBinding(.next, a)]))
        var faults = desk.panel.faultChanges().makeAsyncIterator()
        #expect(await faults.next() == [:])
        try await desk.pass(.seconds(2))
        #expect(await faults.next()?[a]?.contains("in use by a panel") == true)
        withExtendedLifetime(panel) {}
        panel = nil
        try await desk.pass(.seconds(6))
        #expect(await faults.next() == [:])
        try await desk.press(a, for: .milliseconds(100))
        #expect(try await desk.end() == [.act(.next)])
        #expect(await faults.next() == nil)
    }

    @Test func withoutGPIOTheReasonIsSaid() async throws {
        let clock = ManualClock()
        let panel = ButtonPanel(gpio: NoGPIO("built without it"), clock: clock)
        let task = Task { try await panel.run() }
        await panel.configure(ButtonPlan([ButtonBinding(.next, a)]))
        var faults = panel.faultChanges().makeAsyncIterator()
        #expect(await faults.next() == [:])
        for _ in 0..<20 {
            try await eventually("a try") { clock.nextDeadline != nil }
            clock.advance(by: .milliseconds(100))
        }
        #expect(await faults.next() == [a: "built without it"])
        task.cancel()
        try await task.value
    }
}
