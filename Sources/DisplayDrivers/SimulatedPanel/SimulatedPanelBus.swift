import LinuxSystem
import PanelBus
import Synchronization
import SystemPackage

/// The wires of a simulated panel.
final class SimulatedPanelBus: PanelBus {
    let clockRate: Int
    private let panel: SimulatedPanel

    init(_ panel: SimulatedPanel, clockRate: Int) { (self.panel, self.clockRate) = (panel, clockRate) }

    var name: String { SimulatedPanel.busName }
    var largestTransfer: Int { panel.traits.largestTransfer }
    var hasReset: Bool { panel.traits.hasReset }
    var hasBacklight: Bool { panel.traits.hasBacklight }

    func send(_ command: UInt8, _ parameters: UnsafeRawBufferPointer) throws(PanelBusError) {
        let result = withUnsafeBytes(of: command) { bytes in
            Result { () throws(PanelBusError) in try transfer(bytes, isData: false) }
        }
        try result.get()
        if !parameters.isEmpty { try transfer(parameters, isData: true) }
    }

    func send(pixels: UnsafeRawBufferPointer) throws(PanelBusError) {
        var first = 0
        while first < pixels.count {
            let end = min(first + largestTransfer, pixels.count)
            try transfer(UnsafeRawBufferPointer(rebasing: pixels[first..<end]), isData: true)
            first = end
        }
    }

    func setReset(asserted: Bool) throws(PanelBusError) {
        guard hasReset else { return }
        let now = panel.clock.now
        panel.state.withLock { $0.controller.setReset(asserted, at: now) }
    }

    func setBacklight(_ level: Double) throws(PanelBusError) {
        guard hasBacklight else { return }
        panel.state.withLock { $0.backlight = level }
    }

    func close() { panel.state.withLock { $0.closed += 1 } }

    /// One message, as spidev takes it.
    private func transfer(_ bytes: UnsafeRawBufferPointer, isData: Bool) throws(PanelBusError) {
        guard bytes.count <= largestTransfer else { throw failure(.messageTooLong) }
        let now = panel.clock.now
        let isWhole = panel.state.withLock { state in
            let arriving = min(bytes.count, state.bytesUntilCut ?? bytes.count)
            if let left = state.bytesUntilCut { state.bytesUntilCut = left - arriving }
            state.traffic.transfers += 1
            state.traffic.bytes += arriving
            state.traffic.largestTransfer = max(state.traffic.largestTransfer, arriving)
            if state.isDataLevel != isData {
                state.isDataLevel = isData
                state.traffic.levelChanges += 1
            }
            let arrived = UnsafeRawBufferPointer(rebasing: bytes[..<arriving])
            if isData {
                state.controller.take(data: arrived)
            } else if let command = arrived.first {
                state.controller.take(command: command, at: now)
            }
            if state.bytesUntilCut == 0 { state.isCut = true }
            return !state.isCut
        }
        if let pass = panel.traits.pass {
            pass(.nanoseconds(panel.traits.perTransfer + Int64(bytes.count) * 8_000_000_000 / Int64(max(1, clockRate))))
        }
        if !isWhole { throw failure(.ioError) }
    }

    private func failure(_ errno: Errno) -> PanelBusError {
        PanelBusError(device: name, doing: "sending", errno: errno)
    }
}
