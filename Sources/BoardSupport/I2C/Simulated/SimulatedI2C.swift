import Synchronization
public import SystemPackage

/// A part on a simulated bus.
public protocol SimulatedI2CDevice: AnyObject, Sendable {
    /// Bytes after its address. False: it does not acknowledge them.
    func take(_ bytes: [UInt8]) -> Bool
    /// Bytes that it answers with.
    func give(_ count: Int) -> [UInt8]
}

/// A bus in memory. Parts are plugged and unplugged, and the bus breaks, as a test or a person without hardware likes.
public final class SimulatedI2CBus: I2CBus {
    /// What went over the wires.
    public struct Transfer: Sendable, Equatable {
        public var address: I2CAddress
        public var written: [UInt8]
        public var readCount: Int
    }

    private struct State {
        var devices: [I2CAddress: any SimulatedI2CDevice] = [:]
        var broken: Errno?
        var transfers: [Transfer] = []
        var probed: Set<I2CAddress> = []
    }

    public let name: String
    private let keepsTransfers: Bool
    private let state = Mutex(State())

    /// - Parameter keepsTransfers: for tests; a bus that lives long would fill memory by it.
    public init(name: String = "simulated", keepsTransfers: Bool = false) {
        self.name = name
        self.keepsTransfers = keepsTransfers
    }

    /// Everything that was sent and asked for, probes left out.
    public var transfers: [Transfer] { state.withLock { $0.transfers } }
    /// Every address at which somebody was looked for.
    public var probed: Set<I2CAddress> { state.withLock { $0.probed } }

    public func plug(_ device: any SimulatedI2CDevice, at address: I2CAddress) {
        state.withLock { $0.devices[address] = device }
    }

    public func unplug(_ address: I2CAddress) { state.withLock { $0.devices[address] = nil } }

    /// Lets every transfer fail so: `.timedOut` is a line that somebody holds low; nil: it works again.
    public func setBroken(_ code: Errno?) { state.withLock { $0.broken = code } }

    public func answers(at address: I2CAddress) async throws(I2CError) -> Bool {
        let (broken, isThere) = state.withLock { state in
            state.probed.insert(address)
            return (state.broken, state.devices[address] != nil)
        }
        if let broken { throw I2CError(bus: name, address: address, "looking for a part", broken) }
        return isThere
    }

    public func write(_ bytes: [UInt8], to address: I2CAddress) async throws(I2CError) {
        _ = try transfer(address, bytes, reading: 0)
    }

    public func read(
        _ count: Int, from address: I2CAddress, after written: [UInt8]
    ) async throws(I2CError) -> [UInt8] {
        try transfer(address, written, reading: count)
    }

    private func transfer(_ address: I2CAddress, _ written: [UInt8], reading count: Int) throws(I2CError) -> [UInt8] {
        let (broken, device) = state.withLock { state in
            if keepsTransfers {
                state.transfers.append(Transfer(address: address, written: written, readCount: count))
            }
            return (state.broken, state.devices[address])
        }
        let what = "a transfer of \(written.count + count) bytes"
        if let broken { throw I2CError(bus: name, address: address, what, broken) }
        guard let device, written.isEmpty || device.take(written) else {
            throw I2CError(bus: name, address: address, what, .remoteIO)
        }
        return count > 0 ? device.give(count) : []
    }
}

/// A machine with one simulated bus.
public struct SimulatedI2CHost: I2CHost {
    private let bus: SimulatedI2CBus

    public init(_ bus: SimulatedI2CBus) { self.bus = bus }

    public func buses() async -> [String] { [bus.name] }

    public func open(_ name: String) async throws(I2CError) -> any I2CBus { bus }
}
