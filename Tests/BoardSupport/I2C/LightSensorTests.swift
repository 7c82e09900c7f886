import LinuxSystem
import Testing

@testable import BoardSupport

@Suite("Light sensors and brightness")
struct LightSensorTests {
    /// Carries a task through time: whenever it waits, its time comes.
    private func run<Value: Sendable>(
        _ clock: ManualClock, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Task { try await body() }
        let driver = Task {
            while !Task.isCancelled {
                if let next = clock.nextDeadline { clock.advance(to: next) }
                await Task.yield()
            }
        }
        defer { driver.cancel() }
        return try await task.value
    }

    @Test(
        "BH1750: from a dark room to the sun, as exact as its counts",
        arguments: [0.5, 3, 40, 400, 20_000, 54_000, 90_000])
    func bh1750(lux: Double) async throws {
        let clock = ManualClock()
        let bus = SimulatedI2CBus()
        bus.plug(SimulatedBH1750(lux: lux, clock: clock), at: 0x23)
        let reading = try await run(clock) {
            var sensor = BH1750(on: bus, at: 0x23, clock: clock)
            return try await sensor.measure()
        }
        #expect(abs(reading.lux - lux) <= max(0.5, lux * 0.01))
        #expect(!reading.isSaturated)
    }

    @Test("VEML7700: the same, its bend straightened", arguments: [0.5, 3, 40, 400, 5_000, 20_000, 90_000])
    func veml7700(lux: Double) async throws {
        let clock = ManualClock()
        let bus = SimulatedI2CBus()
        bus.plug(SimulatedVEML7700(lux: lux, clock: clock), at: 0x10)
        let reading = try await run(clock) {
            var sensor = VEML7700(on: bus, clock: clock)
            return try await sensor.measure()
        }
        #expect(abs(reading.lux - lux) <= max(0.1, lux * 0.02))
        #expect(!reading.isSaturated)
    }

    @Test("What is over the range is said")
    func saturation() async throws {
        let clock = ManualClock()
        let bus = SimulatedI2CBus()
        bus.plug(SimulatedBH1750(lux: 200_000, clock: clock), at: 0x5C)
        bus.plug(SimulatedVEML7700(lux: 400_000, clock: clock), at: 0x10)
        let readings = try await run(clock) {
            var first = BH1750(on: bus, at: 0x5C, clock: clock)
            var second = VEML7700(on: bus, clock: clock)
            return [try await first.measure(), try await second.measure()]
        }
        #expect(readings.allSatisfy { $0.isSaturated })
        #expect(readings.allSatisfy { $0.lux > 100_000 })
    }

    @Test("A range is left for one in which the same light stays: no measurement goes on for ever")
    func ranges() {
        for hundredths in stride(from: 0, through: 20_000_000, by: 997) {
            let lux = Double(hundredths) / 100
            for start in BH1750.Time.allCases {
                var (time, steps) = (start, 0)
                while let next = BH1750.better(
                    than: time, UInt16(min(65_535, lux * 1.2 * Double(time.rawValue) / 69))), steps < 9
                { (time, steps) = (next, steps + 1) }
                #expect(steps < 4, "\(lux) lx, BH1750")
            }
            for start in VEML7700.Range.allCases {
                var (range, steps) = (start, 0)
                while let next = VEML7700.better(than: range, UInt16(min(65_535, lux / range.resolution))), steps < 9 {
                    (range, steps) = (next, steps + 1)
                }
                #expect(steps < 5, "\(lux) lx, VEML7700")
            }
        }
    }

    @Test("The curve rises, from dim to full")
    func curve() {
        #expect(AmbientBrightness.level(lux: 0) == 0.06)
        #expect(AmbientBrightness.level(lux: 50_000) == 1)
        var last = 0.0
        for lux in stride(from: 0.0, through: 2_000, by: 0.5) {
            let level = AmbientBrightness.level(lux: lux)
            #expect(level >= last)
            last = level
        }
    }

    /// Measures once a second and moves in between; every brightness that came out.
    private func levels(_ brightness: inout AmbientBrightness, _ clock: ManualClock, lux: [Double]) -> [Double] {
        var levels: [Double] = []
        for value in lux {
            brightness.see(lux: value, at: clock.now)
            for _ in 0..<10 {
                if let level = brightness.move(at: clock.now) { levels.append(level) }
                clock.advance(by: AmbientBrightness.movesEvery)
            }
        }
        return levels
    }

    @Test("The first measurement counts at once; light that flickers by a sixth moves nothing")
    func steady() {
        let clock = ManualClock()
        var brightness = AmbientBrightness()
        let noisy = (0..<600).map { (index: Int) -> Double in
            let noise = Double(index * 7919 % 101) / 50 - 1
            return 100 + 16 * noise
        }
        let levels = levels(&brightness, clock, lux: [100] + noisy)
        #expect(levels == [AmbientBrightness.level(lux: 100)])
    }

    @Test("A lamp that is switched is followed in small steps, all the way, and quicker into the light")
    func switched() {
        let clock = ManualClock()
        var brightness = AmbientBrightness()
        _ = levels(&brightness, clock, lux: [5])
        let up = levels(&brightness, clock, lux: Array(repeating: 2_000, count: 60))
        #expect(up.last == 1)
        #expect(zip(up, up.dropFirst()).allSatisfy { $1 > $0 && $1 - $0 <= 0.06 })
        let down = levels(&brightness, clock, lux: Array(repeating: 0, count: 120))
        #expect(down.last == 0.06)
        #expect(zip(down, down.dropFirst()).allSatisfy { $1 < $0 && $0 - $1 <= 0.03 })
        #expect(down.count > up.count)
    }

    @Test("Without a sensor for a minute the picture is bright again")
    func missing() {
        let clock = ManualClock()
        var brightness = AmbientBrightness()
        _ = levels(&brightness, clock, lux: [0, 0])
        #expect(brightness.level == 0.06)
        clock.advance(by: .seconds(30))
        brightness.miss(at: clock.now)
        #expect(!brightness.isMoving)
        clock.advance(by: .seconds(40))
        brightness.miss(at: clock.now)
        while brightness.isMoving {
            _ = brightness.move(at: clock.now)
            clock.advance(by: AmbientBrightness.movesEvery)
        }
        #expect(brightness.level == 1)
    }
}
