import LinuxSystem
import SystemPackage

/// Vishay VEML7700: registers of 16 bits, low byte first (data sheet 84286; application note 84323, "Designing the VEML7700
/// Into an Application").
struct VEML7700: LightSensor {
    static let soleAddress: I2CAddress = 0x10

    /// Registers ("Command Register Format").
    enum Register: UInt8 {
        case configuration = 0x00
        case powerSaving = 0x03
        case light = 0x04
        case identity = 0x07
    }

    /// Gain and integration time, from the least sensitive.
    enum Range: Int, CaseIterable {
        case sun
        case day
        case room
        case night

        /// ALS_GAIN (bits 12 and 11) and ALS_IT (bits 9 to 6); bit 0 clear: powered on.
        var configuration: UInt16 {
            switch self {
            case .sun: 0b10 << 11 | 0b1100 << 6  // 1/8, 25 ms
            case .day: 0b10 << 11 | 0b0000 << 6  // 1/8, 100 ms
            case .room: 0b00 << 11 | 0b0000 << 6  // 1, 100 ms
            case .night: 0b01 << 11 | 0b0010 << 6  // 2, 400 ms
            }
        }

        /// Lux for each count: 0.0042 at gain 2 and 800 ms, and in proportion ("Resolution and maximum detection range").
        var resolution: Double {
            switch self {
            case .sun: 0.0042 * 16 * 32
            case .day: 0.0042 * 16 * 8
            case .room: 0.0042 * 2 * 8
            case .night: 0.0042 * 2
            }
        }

        /// A whole integration, its clock up to a tenth slow, and 2.5 ms to wake ("Designing", "Power on").
        var measurement: Duration {
            switch self {
            case .sun: .milliseconds(31)
            case .day, .room: .milliseconds(114)
            case .night: .milliseconds(444)
            }
        }
    }

    let title = "VEML7700"
    let address: I2CAddress = VEML7700.soleAddress
    let bus: any I2CBus
    let clock: any BoardClock
    private(set) var range = Range.room
    /// What the sensor was last set to; nil: unknown.
    private var applied: Range?

    init(on bus: any I2CBus, clock: any BoardClock) { (self.bus, self.clock) = (bus, clock) }

    /// Whether that is what answers: register 7 has 81h in its low byte ("ID", data sheet rev. 1.8).
    static func isThere(on bus: any I2CBus) async throws(I2CError) -> Bool {
        try await bus.read(2, from: soleAddress, after: [Register.identity.rawValue]).first == 0x81
    }

    mutating func measure() async throws(I2CError) -> LightReading {
        while true {
            let counts = try await counts()
            guard let better = Self.better(than: range, counts) else {
                let lux = Self.lux(counts, range)
                return LightReading(lux: min(lux, Self.limit), isSaturated: lux > Self.limit || counts == .max)
            }
            range = better
        }
    }

    /// More sensitive at 100 counts and below, less above 10,000, as the application note's flow chart has it.
    static func better(than range: Range, _ counts: UInt16) -> Range? {
        if counts <= 100 { return Range(rawValue: range.rawValue + 1) }
        return counts > 10_000 ? Range(rawValue: range.rawValue - 1) : nil
    }

    /// Up to here the data sheet speaks of a measurement ("Resolution and maximum detection range").
    static let limit = 140_000.0

    /// The sensor bends where it is light; the application note's polynomial ("Lux-counts correction") straightens it.
    static func lux(_ counts: UInt16, _ range: Range) -> Double { straightened(Double(counts) * range.resolution) }

    static func straightened(_ lux: Double) -> Double {
        (((6.0135e-13 * lux - 9.3924e-9) * lux + 8.1488e-5) * lux + 1.0023) * lux
    }

    private mutating func counts() async throws(I2CError) -> UInt16 {
        if applied != range {
            applied = nil
            try await write(.powerSaving, 0)
            try await write(.configuration, range.configuration)
            applied = range
            try await clock.pause(range.measurement, for: bus, address)
        }
        let bytes = try await bus.read(2, from: address, after: [Register.light.rawValue])
        return UInt16(bytes[1]) << 8 | UInt16(bytes[0])
    }

    private func write(_ register: Register, _ value: UInt16) async throws(I2CError) {
        try await bus.write([register.rawValue, UInt8(value & 0xFF), UInt8(value >> 8)], to: address)
    }
}
