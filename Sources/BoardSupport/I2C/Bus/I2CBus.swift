public import SystemPackage

/// One I2C bus. Calls may come from any task; the bus carries them out one after the other, and none takes longer than a
/// bus that hangs is waited for.
public protocol I2CBus: Sendable {
    /// As messages call it: `/dev/i2c-1`.
    var name: String { get }

    /// Whether something acknowledges its address. No register is written and no command sent.
    ///
    /// - Throws: when the bus itself does not work, or a driver of the kernel has the address.
    func answers(at address: I2CAddress) async throws(I2CError) -> Bool

    /// Sends bytes in one transfer.
    func write(_ bytes: [UInt8], to address: I2CAddress) async throws(I2CError)

    /// Reads bytes; with bytes to write first, both are one transfer, the bus held in between.
    func read(_ count: Int, from address: I2CAddress, after written: [UInt8]) async throws(I2CError) -> [UInt8]
}

extension I2CBus {
    /// Reads bytes, and writes none.
    public func read(_ count: Int, from address: I2CAddress) async throws(I2CError) -> [UInt8] {
        try await read(count, from: address, after: [])
    }
}

/// A part's 7-bit address.
public struct I2CAddress: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    public let rawValue: UInt8

    public init(integerLiteral value: UInt8) { rawValue = value & 0x7F }

    /// `0x3C`
    public var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return "0x" + (digits.count < 2 ? "0" : "") + digits
    }
}

/// A transfer, or a bus, that failed.
public struct I2CError: Error, Equatable, Sendable, CustomStringConvertible {
    public let bus: String
    public let address: I2CAddress?
    /// What was tried, with what to do where that is known.
    public let what: String
    public let errno: Errno

    public init(bus: String, address: I2CAddress? = nil, _ what: String, _ errno: Errno) {
        (self.bus, self.address, self.what, self.errno) = (bus, address, what, errno)
    }

    /// Nobody acknowledged the address, or a byte: adapters say so in several ways
    /// (https://docs.kernel.org/i2c/fault-codes.html).
    public var isNoAnswer: Bool { [.noSuchAddressOrDevice, .remoteIO, .ioError].contains(errno) }

    public var description: String {
        let place = address.map { "\(bus), address \($0)" } ?? bus
        switch errno {
        case .timedOut:
            return "\(place): \(what): the bus hangs; look at the wires, and whether SDA and SCL are pulled up"
        case .resourceBusy: return "\(place): \(what): a driver of the kernel has this address"
        case _ where isNoAnswer: return "\(place): \(what): nothing answers"
        default: return "\(place): \(what): \(errno)"
        }
    }
}

extension Errno {
    /// EREMOTEIO, which the library has no name for.
    static let remoteIO = Errno(rawValue: 121)
}

/// Where buses come from: Linux, or a simulated board.
public protocol I2CHost: Sendable {
    /// The buses to look at just now, in order. There may be none, and later some.
    func buses() async -> [String]

    /// Opens one of them.
    func open(_ bus: String) async throws(I2CError) -> any I2CBus
}

/// No buses at all: `i2c.bus = "none"`.
public struct NoI2C: I2CHost {
    public init() {}

    public func buses() async -> [String] { [] }

    public func open(_ bus: String) async throws(I2CError) -> any I2CBus {
        throw I2CError(bus: bus, "I2C is switched off (i2c.bus)", .notSupported)
    }
}
