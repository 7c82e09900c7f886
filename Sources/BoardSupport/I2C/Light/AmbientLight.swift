public import LinuxSystem
public import Logging
public import ServiceLifecycle
import Synchronization
import SystemPackage

/// Keeps a light sensor: looks for it, measures while it is wanted, and says how bright the picture should be.
public final class AmbientLight: Service {
    /// Between measurements.
    static let interval = Duration.seconds(1)

    private struct State {
        var isWanted: Bool
        var lux: Double?
        var parts: [I2CPart] = []
    }

    private let host: any I2CHost
    private let clock: any BoardClock
    private let logger: Logger
    private let onBrightness: @Sendable (Double?) async -> Void
    private let state: Mutex<State>
    private let wakeup = Wakeup()

    /// - Parameters:
    ///   - isWanted: without it sensors are looked for, and not touched.
    ///   - onBrightness: told the brightness from 0 to 1, each time that it changes; nil: the light decides no more.
    public init(
        host: any I2CHost, isWanted: Bool, clock: any BoardClock, logger: Logger,
        onBrightness: @escaping @Sendable (Double?) async -> Void
    ) {
        (self.host, self.clock, self.logger, self.onBrightness) = (host, clock, logger, onBrightness)
        state = Mutex(State(isWanted: isWanted))
    }

    /// What was found, for the status.
    public var parts: [I2CPart] { state.withLock { $0.parts } }
    /// How light it is; nil: nobody knows.
    public var lux: Double? { state.withLock { $0.lux } }

    /// Switches measuring on and off.
    public func setWanted(_ isWanted: Bool) {
        state.withLock { $0.isWanted = isWanted }
        wakeup.wake()
    }

    public func run() async throws { await cancelWhenGracefulShutdown { await self.keep() } }

    func keep() async {
        var watch = PartWatch()
        var brightness = AmbientBrightness()
        while !Task.isCancelled {
            let seen = wakeup.generation
            let isWanted = state.withLock { $0.isWanted }
            if !isWanted, brightness.level != nil {
                brightness = AmbientBrightness()
                await onBrightness(nil)
            }
            var pause: Duration?
            do throws(I2CError) {
                if let place = try await search() {
                    if isWanted {
                        try await measure(place, &watch, &brightness)
                        continue
                    }
                    set(place, .unused, "display.auto_brightness is off")
                    report(watch.note(.working(place.description)))
                    pause = .seconds(60)
                } else {
                    state.withLock { state in state.parts.removeAll { $0.state != .lost } }
                    report(watch.note(.absent))
                }
            } catch {
                guard !Task.isCancelled else { return }
                fail(error)
                report(watch.note(.failed(error.description)))
            }
            await wait(pause ?? watch.wait(), after: seen, &brightness)
        }
    }

    /// A sensor, and where it is.
    private struct Place: CustomStringConvertible {
        var sensor: any LightSensor
        var bus: String

        var description: String { "\(sensor.title), on \(bus) at \(sensor.address)" }
    }

    /// The first sensor on any bus. Nothing but the identity of a VEML7700 is asked for: a BH1750 has none, and what else may
    /// have its address is left alone unless a sensor is wanted.
    private func search() async throws(I2CError) -> Place? {
        var failure: I2CError?
        for name in await host.buses() {
            do throws(I2CError) {
                let bus = try await host.open(name)
                for address in BH1750.addresses where try await bus.answers(at: address) {
                    return Place(sensor: BH1750(on: bus, at: address, clock: clock), bus: name)
                }
                if try await bus.answers(at: VEML7700.soleAddress), try await VEML7700.isThere(on: bus) {
                    return Place(sensor: VEML7700(on: bus, clock: clock), bus: name)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return nil
    }

    /// Measures until it fails, or until nobody wants it any more.
    private func measure(
        _ place: Place, _ watch: inout PartWatch, _ brightness: inout AmbientBrightness
    ) async throws(I2CError) {
        var sensor = place.sensor
        while state.withLock({ $0.isWanted }) {
            let seen = wakeup.generation
            let reading = try await sensor.measure()
            report(watch.note(.working(place.description)))
            let isMore = reading.isSaturated ? "more than " : ""
            set(place, .working, "\(isMore)\(Self.rounded(reading.lux)) lx")
            state.withLock { $0.lux = reading.lux }
            brightness.see(lux: reading.lux, at: clock.now)
            let next = clock.now.advanced(by: Self.interval)
            while clock.now < next, brightness.isMoving, !Task.isCancelled { await move(&brightness) }
            await wakeup.wait(after: seen, until: next, clock: clock)
            guard !Task.isCancelled else {
                throw I2CError(bus: place.bus, address: sensor.address, "the end", .canceled)
            }
        }
        state.withLock { $0.lux = nil }
    }

    /// Waits for the next look; a picture that was left dark brightens meanwhile.
    private func wait(_ duration: Duration, after seen: Int, _ brightness: inout AmbientBrightness) async {
        let end = clock.now.advanced(by: duration)
        while clock.now < end, wakeup.generation == seen, !Task.isCancelled {
            brightness.miss(at: clock.now)
            if brightness.isMoving {
                await move(&brightness)
            } else {
                // Where no brightness stands, nothing happens until the next look.
                let next = brightness.level == nil ? end : min(end, clock.now.advanced(by: .seconds(5)))
                await wakeup.wait(after: seen, until: next, clock: clock)
            }
        }
    }

    private func move(_ brightness: inout AmbientBrightness) async {
        if let level = brightness.move(at: clock.now) { await onBrightness(level) }
        try? await clock.sleep(
            until: clock.now.advanced(by: AmbientBrightness.movesEvery), tolerance: .milliseconds(10))
    }

    private func set(_ place: Place, _ partState: I2CPart.State, _ detail: String) {
        let part = I2CPart(
            kind: "light", title: place.sensor.title, bus: place.bus, address: "\(place.sensor.address)",
            state: partState, detail: detail)
        state.withLock { $0.parts = [part] }
    }

    /// What was there is lost; what was not is a bus that does not work.
    private func fail(_ error: I2CError) {
        state.withLock { state in
            state.lux = nil
            if state.parts.isEmpty {
                state.parts = [I2CPart(kind: "light", title: "bus", bus: error.bus, state: .failed)]
            }
            for index in state.parts.indices {
                if state.parts[index].state != .failed { state.parts[index].state = .lost }
                state.parts[index].detail = error.description
            }
        }
    }

    /// To a tenth where it is dark, else whole.
    private static func rounded(_ lux: Double) -> String {
        lux < 10 ? "\((lux * 10).rounded() / 10)" : "\(Int(lux.rounded()))"
    }

    private func report(_ note: PartWatch.Note?) {
        switch note {
        case .found(let title): logger.info("light sensor: \(title)")
        case .lost(let reason): logger.warning("the light sensor is gone and is looked for: \(reason)")
        case .back(let title): logger.notice("the light sensor is back: \(title)")
        case .trouble(let reason): logger.warning("no light sensor can be looked for: \(reason)")
        case .troubleEnded: logger.notice("a light sensor can be looked for again; there is none")
        case nil: break
        }
    }
}
