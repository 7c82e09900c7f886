public import LinuxSystem
public import PanelBus
import Synchronization
import SystemPackage

/// A panel without hardware: takes what the driver sends as the real one would, and shows what would be on its glass. For
/// people who have no panel, and for tests.
public final class SimulatedPanel: PanelBusHost {
    /// What the status calls it.
    public static let busName = "simulated panel"

    /// What a simulated panel is like.
    public struct Traits: Sendable {
        public var largestTransfer = 4_096
        public var hasReset = true
        public var hasBacklight = true
        /// Nanoseconds that a transfer takes before its first byte.
        public var perTransfer: Int64 = 0
        /// Lets the time of a transfer pass; nil: transfers take none.
        public var pass: (@Sendable (Duration) -> Void)?
        /// What `problem(with:)` answers.
        public var problem: String?

        public init() {}
    }

    /// What went over the wires.
    public struct Traffic: Sendable, Equatable {
        public var bytes = 0
        public var commands = 0
        /// Messages to the bus; with the changes of D/C they are the system calls of a real one.
        public var transfers = 0
        public var levelChanges = 0
        public var largestTransfer = 0

        public static func - (left: Traffic, right: Traffic) -> Traffic {
            Traffic(
                bytes: left.bytes - right.bytes, commands: left.commands - right.commands,
                transfers: left.transfers - right.transfers, levelChanges: left.levelChanges - right.levelChanges,
                largestTransfer: left.largestTransfer)
        }
    }

    struct State {
        var controller: SimulatedController
        var backlight = 0.0
        var traffic = Traffic()
        var isDataLevel: Bool?
        /// Bytes that still come through; nil: all.
        var bytesUntilCut: Int?
        var isCut = false
        var opened = 0
        var closed = 0
    }

    public let model: PanelModel
    let traits: Traits
    let clock: any BoardClock
    let state: Mutex<State>

    public init(_ model: PanelModel, traits: Traits = Traits(), clock: any BoardClock = MonotonicClock()) {
        (self.model, self.traits, self.clock) = (model, traits, clock)
        state = Mutex(State(controller: SimulatedController(model)))
    }

    public func problem(with wiring: PanelWiring) -> String? { traits.problem }

    /// Opening mends a wire that was cut.
    public func open(_ wiring: PanelWiring) throws(PanelBusError) -> any PanelBus {
        state.withLock { state in
            if state.isCut { (state.isCut, state.bytesUntilCut) = (false, nil) }
            state.isDataLevel = nil
            state.opened += 1
        }
        return SimulatedPanelBus(self, clockRate: wiring.clockRate)
    }

    /// What a person sees now.
    public func glass() -> SimulatedGlass {
        let (controller, backlight) = state.withLock { ($0.controller, $0.backlight) }
        return SimulatedGlass(controller, backlight: backlight)
    }

    /// What the driver did that a real panel might not forgive, each kind once.
    public var faults: [String] { state.withLock { $0.controller.faults } }
    public var traffic: Traffic {
        state.withLock { state in
            var traffic = state.traffic
            traffic.commands = state.controller.commands
            return traffic
        }
    }
    /// 0 to 1.
    public var backlight: Double { state.withLock { $0.backlight } }
    public var isAsleep: Bool { state.withLock { $0.controller.isAsleep } }
    /// Buses that were opened and not closed.
    public var openCount: Int { state.withLock { $0.opened - $0.closed } }

    /// Cuts the wire when so many more bytes have come through: the transfer fails, and all after it, until it is opened
    /// again.
    public func cut(afterBytes count: Int) { state.withLock { ($0.isCut, $0.bytesUntilCut) = (false, max(0, count)) } }

    /// Nothing is cut, or will be.
    public func mend() { state.withLock { ($0.isCut, $0.bytesUntilCut) = (false, nil) } }
}
