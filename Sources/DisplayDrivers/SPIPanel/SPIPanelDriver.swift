import Frames
public import LinuxSystem
public import PanelBus
import SystemPackage

/// Small panels on an SPI bus.
public final class SPIPanelDriver: DisplayDriver {
    /// As configurations and the status call it.
    public static let name = "spi"

    public let configuration: SPIPanelConfiguration
    private let host: any PanelBusHost
    private let clock: any BoardClock
    /// Looking at devices is quick, but it reads files.
    private let queue = BlockingQueue(label: "vitrine.spi-probe")

    public init(
        _ configuration: SPIPanelConfiguration, host: any PanelBusHost, clock: any BoardClock = MonotonicClock()
    ) {
        (self.configuration, self.host, self.clock) = (configuration, host, clock)
    }

    public var name: String { Self.name }

    public func probe() async -> DisplayProbe {
        let panel: ResolvedPanel
        do throws(SPIPanelFault) {
            panel = try configuration.resolved()
        } catch {
            return .unusable(reason: error.description)
        }
        let problem = await queue.run { self.host.problem(with: panel.wiring) }
        return problem.map { .unusable(reason: $0) } ?? .usable
    }

    public func open() async throws(DisplayError) -> any Display {
        let panel: ResolvedPanel
        do throws(SPIPanelFault) {
            panel = try configuration.resolved()
        } catch {
            throw DisplayError(
                .unusable, driver: Self.name, what: "\(error.key): \(error.what)", suggestion: error.suggestion)
        }
        let bus: any PanelBus
        do throws(PanelBusError) {
            bus = try await queue.run { () throws(PanelBusError) in try self.host.open(panel.wiring) }
        } catch {
            let problem = await queue.run { self.host.problem(with: panel.wiring) }
            throw DisplayError(.unusable, driver: Self.name, what: "\(error)", suggestion: problem)
        }
        let display: SPIPanelDisplay
        do throws(Errno) {
            display = try SPIPanelDisplay(bus, panel, configuration, clock: clock)
        } catch {
            bus.close()
            throw DisplayError(.unusable, driver: Self.name, what: "no thread for the panel: \(error)")
        }
        try await display.bringUp()
        return display
    }
}
