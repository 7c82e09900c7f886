import LinuxSystem
import SystemPackage

/// ROHM BH1750FVI: illuminance in steps of 0.83 lx, with opcodes of one byte (data sheet rev. D, "Instruction Set
/// Architecture").
struct BH1750: LightSensor {
    /// ADDR low, and high (data sheet, "Slave Address").
    static let addresses: [I2CAddress] = [0x23, 0x5C]

    let title = "BH1750"
    let bus: any I2CBus
    let address: I2CAddress
    let clock: any BoardClock
    /// MTreg: how long it integrates; 69 after reset, 31 to 254 ("Measurement time register").
    private(set) var time = Time.usual

    /// Lengths of integration, from the least sensitive.
    enum Time: UInt8, CaseIterable {
        case short = 31
        case usual = 69
        case long = 254

        /// H-resolution mode takes 180 ms at most with the usual length ("Electrical Characteristics"), and in proportion.
        var measurement: Duration { .milliseconds(180 * Int(rawValue) / 69 + 1) }

        /// "Adjust measurement result for influence of optical window": counts are 1.2 for each lux, and in proportion.
        func lux(_ counts: UInt16) -> Double { Double(counts) / 1.2 * 69 / Double(rawValue) }
    }

    init(on bus: any I2CBus, at address: I2CAddress, clock: any BoardClock) {
        (self.bus, self.address, self.clock) = (bus, address, clock)
    }

    mutating func measure() async throws(I2CError) -> LightReading {
        while true {
            let counts = try await counts()
            guard let better = Self.better(than: time, counts) else {
                return LightReading(lux: time.lux(counts), isSaturated: counts == .max)
            }
            time = better
        }
    }

    /// The length that fits better; nil: this one is right. Each way leads into the middle of the other's range.
    static func better(than time: Time, _ counts: UInt16) -> Time? {
        switch time {
        case .long: counts > 20_000 ? .usual : nil
        case .usual: counts == .max ? .short : counts < 40 ? .long : nil
        case .short: counts < 20_000 ? .usual : nil
        }
    }

    private func counts() async throws(I2CError) -> UInt16 {
        try await bus.write([0x01], to: address)  // power on
        try await bus.write([0x40 | time.rawValue >> 5], to: address)
        try await bus.write([0x60 | time.rawValue & 0x1F], to: address)
        try await bus.write([0x20], to: address)  // one measurement of high resolution, then it powers down
        try await clock.pause(time.measurement, for: bus, address)
        let bytes = try await bus.read(2, from: address)
        return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }
}

extension BoardClock {
    /// Waits for a part that works.
    func pause(_ duration: Duration, for bus: any I2CBus, _ address: I2CAddress) async throws(I2CError) {
        do {
            try await sleep(until: now.advanced(by: duration), tolerance: .milliseconds(5))
        } catch {
            throw I2CError(bus: bus.name, address: address, "waiting for a measurement", .canceled)
        }
    }
}
