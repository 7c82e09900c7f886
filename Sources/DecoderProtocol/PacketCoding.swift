// How a message lies in a packet, little-endian:
//
//     0  UInt16  kind number
//     2  UInt32  bytes of the body
//     6  …       body: the fields in the order in which they are written below
//
// A receiver skips a kind that it does not know, and ignores what follows the fields that it knows: a later version may add
// fields at the end. Everything received is checked before it is believed: the other end may be a decoder that a hostile
// file has taken over.

/// Why a packet is no message.
public enum PacketError: Error, Sendable, Equatable {
    /// Shorter than its fields or its own length.
    case truncated
    /// A field holds what it cannot mean.
    case invalid(field: String)
}

/// What a number in a message may be, so that arithmetic on it cannot overflow.
enum PacketLimit {
    /// Bytes of a text; longer ones are cut when written.
    static let text = 2048
    static let streams = 32
    static let formats = 16
    /// 2^60 ns: 36 years.
    static let time: ClosedRange<Int64> = -(1 << 60)...(1 << 60)
    /// Seconds since 1970: from 1822, before the first photograph, to the first days of the year 10,000.
    static let calendar: ClosedRange<Int64> = -4_670_000_000...253_402_500_000
    static let byteCount: ClosedRange<Int64> = 0...(1 << 40)
    static let side: ClosedRange<Int64> = 0...(1 << 20)
    static let stride: ClosedRange<Int64> = 0...(1 << 24)
    static let count: ClosedRange<Int64> = 0...(1 << 48)
    static let fraction: ClosedRange<Double> = 0...1
}

/// Builds a packet.
struct PacketWriter {
    private(set) var bytes: [UInt8]

    init(kind: UInt16) {
        bytes = []
        bytes.reserveCapacity(256)
        integer(kind)
        integer(UInt32(0))
    }

    mutating func integer<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func number(_ value: Int) { integer(Int64(value)) }

    mutating func double(_ value: Double) { integer(value.bitPattern) }

    mutating func flag(_ value: Bool) { integer(UInt8(value ? 1 : 0)) }

    /// UTF-8 with its length before it, cut between characters when it is too long.
    mutating func text(_ value: String) {
        var kept = value
        if kept.utf8.count > PacketLimit.text {
            kept = ""
            var count = 0
            for scalar in value.unicodeScalars {
                let length = String(scalar).utf8.count
                if count + length > PacketLimit.text { break }
                count += length
                kept.unicodeScalars.append(scalar)
            }
        }
        integer(UInt16(kept.utf8.count))
        bytes.append(contentsOf: kept.utf8)
    }

    mutating func optional<Value>(_ value: Value?, _ write: (inout PacketWriter, Value) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }

    /// The packet, with its length filled in.
    func finished() -> [UInt8] {
        var result = bytes
        let length = UInt32(bytes.count - PacketReader.headerByteCount)
        for index in 0..<4 { result[2 + index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index))) }
        return result
    }
}

/// Reads a packet. Nothing in it can make this trap.
struct PacketReader {
    static let headerByteCount = 6

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int
    let kind: UInt16

    init(_ bytes: [UInt8]) throws(PacketError) {
        guard bytes.count >= Self.headerByteCount else { throw .truncated }
        self.bytes = bytes
        kind = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
        let length = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[2 + $1]) << (8 * UInt32($1)) }
        guard Int(length) <= bytes.count - Self.headerByteCount else { throw .truncated }
        position = Self.headerByteCount
        end = Self.headerByteCount + Int(length)
    }

    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(PacketError) -> Number {
        let count = Number.bitWidth / 8
        guard end - position >= count else { throw .truncated }
        var value: Number = 0
        for index in 0..<count {
            value |= Number(truncatingIfNeeded: bytes[position + index]) << Number(8 * index)
        }
        position += count
        return value
    }

    /// A number within the bounds of what it means.
    mutating func number(_ field: String, _ range: ClosedRange<Int64>) throws(PacketError) -> Int {
        Int(try wide(field, range))
    }

    mutating func wide(_ field: String, _ range: ClosedRange<Int64>) throws(PacketError) -> Int64 {
        let value: Int64 = try integer()
        guard range.contains(value) else { throw .invalid(field: field) }
        return value
    }

    /// As `number`; what is no number is in no range.
    mutating func double(_ field: String, _ range: ClosedRange<Double>) throws(PacketError) -> Double {
        let value = Double(bitPattern: try integer())
        guard range.contains(value) else { throw .invalid(field: field) }
        return value
    }

    mutating func flag() throws(PacketError) -> Bool { try integer(UInt8.self) != 0 }

    mutating func text(_ field: String) throws(PacketError) -> String {
        let count = Int(try integer(UInt16.self))
        guard count <= PacketLimit.text else { throw .invalid(field: field) }
        guard end - position >= count else { throw .truncated }
        defer { position += count }
        guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
            throw .invalid(field: field)
        }
        return text
    }

    mutating func value<Value: RawRepresentable>(
        _ field: String, of type: Value.Type = Value.self
    ) throws(PacketError) -> Value where Value.RawValue == UInt8 {
        guard let value = Value(rawValue: try integer()) else { throw .invalid(field: field) }
        return value
    }

    mutating func optional<Value>(
        _ read: (inout PacketReader) throws(PacketError) -> Value
    ) throws(PacketError) -> Value? {
        try flag() ? try read(&self) : nil
    }
}
