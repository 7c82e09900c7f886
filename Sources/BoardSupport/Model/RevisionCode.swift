/// The number that a Raspberry Pi has burnt in: model, revision, memory, maker and processor.
///
/// Source: Raspberry Pi documentation, "Raspberry Pi revision codes"
/// (https://www.raspberrypi.com/documentation/computers/raspberry-pi.html#raspberry-pi-revision-codes), as of
/// February 2025. New codes are bit fields, `NOQuuuWuFMMMCCCCPPPPTTTTTTTTRRRR`, so that a revision that was made
/// after this program is read as well; those before the Raspberry Pi 2 are looked up.
public struct RevisionCode: Sendable, Hashable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// From text as `/proc/cpuinfo` has it: hexadecimal digits without a prefix.
    public init?(_ text: some StringProtocol) {
        guard (1...8).contains(text.count), let value = UInt32(text, radix: 16), value != 0 else { return nil }
        rawValue = value
    }

    /// As the documentation writes it: `902120`, `000e`. The bits of warranty and overclocking are left out.
    public var description: String {
        let digits = String(isNewStyle ? rawValue & 0xFF_FFFF : rawValue & 0xFFFF, radix: 16)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// What the code means; nil for a type that this program does not know.
    public var board: PiBoard? {
        guard isNewStyle else { return Self.oldStyle[rawValue & 0xFFFF] }
        guard let type = Self.types[field(4, 8)] else { return nil }
        return PiBoard(
            type: type, revision: "1.\(field(0, 4))", memoryBytes: Self.smallestMemory << Int(field(20, 3)),
            maker: Self.makers[field(16, 4)] ?? "unknown maker",
            processor: Self.processors[field(12, 4)] ?? "unknown processor")
    }

    /// Bit 23.
    public var isNewStyle: Bool { field(23, 1) == 1 }

    /// The warranty is void by overclocking: bit 25 of new codes, bit 24 of old ones.
    public var isWarrantyVoid: Bool { field(isNewStyle ? 25 : 24, 1) == 1 }

    private func field(_ lowest: UInt32, _ width: UInt32) -> UInt32 {
        rawValue >> lowest & (1 << width - 1)
    }

    /// Memory code 0; each next one doubles it (6: 16 GB).
    private static let smallestMemory = 256 << 20

    private static let makers: [UInt32: String] = [
        0: "Sony UK", 1: "Egoman", 2: "Embest", 3: "Sony Japan", 4: "Embest", 5: "Stadium",
    ]

    private static let processors: [UInt32: String] = [
        0: "BCM2835", 1: "BCM2836", 2: "BCM2837", 3: "BCM2711", 4: "BCM2712",
    ]

    /// 0x07, 0x0b, 0x0f and 0x16 are not given to any product.
    private static let types: [UInt32: String] = [
        0x00: "A", 0x01: "B", 0x02: "A+", 0x03: "B+", 0x04: "2B", 0x05: "Alpha", 0x06: "CM1", 0x08: "3B",
        0x09: "Zero", 0x0A: "CM3", 0x0C: "Zero W", 0x0D: "3B+", 0x0E: "3A+", 0x10: "CM3+", 0x11: "4B",
        0x12: "Zero 2 W", 0x13: "400", 0x14: "CM4", 0x15: "CM4S", 0x17: "5", 0x18: "CM5", 0x19: "500",
        0x1A: "CM5 Lite",
    ]

    /// "Old-style revision codes". 0015 was made with 256 MB and with 512 MB: the smaller is said.
    private static let oldStyle: [UInt32: PiBoard] = {
        let rows: [(codes: [UInt32], type: String, revision: String, megabytes: Int, makers: [String])] = [
            ([0x02, 0x03], "B", "1.0", 256, ["Egoman", "Egoman"]),
            ([0x04, 0x05, 0x06], "B", "2.0", 256, ["Sony UK", "Qisda", "Egoman"]),
            ([0x07, 0x08, 0x09], "A", "2.0", 256, ["Egoman", "Sony UK", "Qisda"]),
            ([0x0D, 0x0E, 0x0F], "B", "2.0", 512, ["Egoman", "Sony UK", "Egoman"]),
            ([0x10, 0x13], "B+", "1.2", 512, ["Sony UK", "Embest"]),
            ([0x11, 0x14], "CM1", "1.0", 512, ["Sony UK", "Embest"]),
            ([0x12, 0x15], "A+", "1.1", 256, ["Sony UK", "Embest"]),
        ]
        var table: [UInt32: PiBoard] = [:]
        for row in rows {
            for (code, maker) in zip(row.codes, row.makers) {
                table[code] = PiBoard(
                    type: row.type, revision: row.revision, memoryBytes: row.megabytes << 20, maker: maker,
                    processor: "BCM2835")
            }
        }
        return table
    }()
}

/// What a revision code says of a board.
public struct PiBoard: Sendable, Hashable {
    /// As the documentation's table calls it: `Zero 2 W`, `3A+`, `4B`.
    public var type: String
    /// Of the printed circuit: `1.0`.
    public var revision: String
    /// What is soldered on, not what the kernel has of it.
    public var memoryBytes: Int
    public var maker: String
    public var processor: String

    public init(type: String, revision: String, memoryBytes: Int, maker: String, processor: String) {
        self.type = type
        self.revision = revision
        self.memoryBytes = memoryBytes
        self.maker = maker
        self.processor = processor
    }
}
