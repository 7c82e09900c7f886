public import LinuxSystem
public import Logging
import ServiceLifecycle
import Synchronization
import SystemPackage

/// Keeps a status OLED: looks for it, shows on it what there is to say, and looks again when it is gone. Where there is none
/// nothing happens.
public final class StatusOLED: Sendable {
    /// How often the lines are asked for, and the glass looked after.
    static let interval = Duration.seconds(2)

    private let host: any I2CHost
    private let choice: OLEDChoice
    private let lux: @Sendable () -> Double?
    private let clock: any BoardClock
    private let logger: Logger
    private let painter = StatusPainter()
    private let painting = BlockingQueue(label: "vitrine.oled")
    private let found = Mutex<[I2CPart]>([])

    /// - Parameter lux: how light it is around; nil: nobody knows.
    public init(
        host: any I2CHost, choice: OLEDChoice, lux: @escaping @Sendable () -> Double? = { nil },
        clock: any BoardClock, logger: Logger
    ) {
        (self.host, self.choice, self.lux) = (host, choice, lux)
        (self.clock, self.logger) = (clock, logger)
    }

    /// What was found, for the status.
    public var parts: [I2CPart] { found.withLock { $0 } }

    /// Returns at the graceful shutdown.
    ///
    /// - Parameter lines: what is to be said now; asked for only while an OLED is there.
    public func run(saying lines: @escaping @Sendable () async -> StatusLines) async throws {
        guard choice != .none else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown { await self.keep(saying: lines) }
    }

    func keep(saying lines: @escaping @Sendable () async -> StatusLines) async {
        var watch = PartWatch()
        while !Task.isCancelled {
            var search = await search()
            if var oled = search.oled {
                let failure = await drive(&oled, &watch, saying: lines)
                guard !Task.isCancelled else { break }
                search.outcome = .failed(failure.description)
                let part = I2CPart(
                    kind: "oled", title: oled.model.title, bus: oled.bus.name, address: "\(oled.address)", state: .lost,
                    detail: failure.description)
                found.withLock { $0 = [part] }
            }
            report(watch.note(search.outcome))
            try? await clock.sleep(until: clock.now.advanced(by: watch.wait()), tolerance: .milliseconds(200))
        }
    }

    private struct Search {
        var oled: OLED?
        var outcome = PartWatch.Outcome.absent
    }

    /// Looks at every address of every bus until there is an OLED.
    private func search() async -> Search {
        var search = Search()
        var seen: [I2CPart] = []
        buses: for name in await host.buses() {
            do throws(I2CError) {
                let bus = try await host.open(name)
                for address in OLED.addresses {
                    var finding = try await OLED.look(at: address, on: bus)
                    if finding != .nothing, case .model(let model) = choice { finding = .found(model) }
                    switch finding {
                    case .nothing: break
                    case .found(let model):
                        search.oled = OLED(model, on: bus, at: address)
                        break buses
                    case .unknown(let status):
                        seen.append(
                            I2CPart(
                                kind: "oled", title: "something else", bus: name, address: "\(address)",
                                state: .unknown,
                                detail: "its status is \(status), which no OLED known here answers; "
                                    + "if it is one, name it in i2c.oled"))
                    }
                }
            } catch {
                search.outcome = .failed(error.description)
                seen.append(
                    I2CPart(kind: "oled", title: "bus", bus: name, state: .failed, detail: error.description))
            }
        }
        let lost = parts.filter { $0.state == .lost }
        if search.oled == nil { found.withLock { $0 = lost + seen } }
        return search
    }

    /// Shows what there is to say until something fails.
    private func drive(
        _ oled: inout OLED, _ watch: inout PartWatch, saying lines: @Sendable () async -> StatusLines
    ) async -> I2CError {
        var care = OLEDCare(at: clock.now)
        var painted: (lines: StatusLines, shift: OLEDCare.Shift, picture: OneBitPicture)?
        do throws(I2CError) {
            while !Task.isCancelled {
                let lines = await lines()
                let now = clock.now
                care.show(lines, at: now)
                care.see(lux: lux())
                let shift = care.shift(at: now)
                if shift != painted?.shift { oled.distrustGlass() }
                if lines != painted?.lines || shift != painted?.shift {
                    if let picture = await paint(lines, shift, oled.model) { painted = (lines, shift, picture) }
                }
                try await oled.check()
                if let painted { try await oled.show(painted.picture, contrast: care.contrast(at: now)) }
                let title = "\(oled.model.title), on \(oled.bus.name) at \(oled.address)"
                report(watch.note(.working(title)))
                let part = I2CPart(
                    kind: "oled", title: oled.model.title, bus: oled.bus.name, address: "\(oled.address)",
                    state: .working, detail: nil)
                found.withLock { $0 = [part] }
                try? await clock.sleep(until: clock.now.advanced(by: Self.interval), tolerance: .milliseconds(100))
            }
            try await oled.turnOff()
            throw I2CError(bus: oled.bus.name, address: oled.address, "the end", .canceled)
        } catch {
            return error
        }
    }

    private func paint(_ lines: StatusLines, _ shift: OLEDCare.Shift, _ model: OLEDModel) async -> OneBitPicture? {
        await painting.run { [painter] in
            try? painter.paint(lines, width: model.width, height: model.height, shift: shift)
        }
    }

    private func report(_ note: PartWatch.Note?) {
        switch note {
        case .found(let title): logger.info("status OLED: \(title)")
        case .lost(let reason): logger.warning("the status OLED is gone and is looked for: \(reason)")
        case .back(let title): logger.notice("the status OLED is back: \(title)")
        case .trouble(let reason): logger.warning("no status OLED can be looked for: \(reason)")
        case .troubleEnded: logger.notice("a status OLED can be looked for again; there is none")
        case nil: break
        }
    }
}
