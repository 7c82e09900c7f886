/// One line of the fault log.
public struct FaultRecord: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The daemon's first start since the board was switched on.
        case boot
        /// Another start of the daemon.
        case start
        /// A fault that lasts, until its `end`.
        case begin
        case end
        /// Something that happened once.
        case event
        /// The daemon ended because it was asked to. When the plug was pulled, this is missing.
        case stop
    }

    /// Grows by one from record to record, over restarts and boots.
    public var number: Int
    /// RFC 3339, UTC, by the board's clock: wrong until a network has told the time.
    public var time: String
    /// Seconds since the board was switched on, which holds when the time does not.
    public var uptime: Int
    public var kind: Kind
    /// What, in words.
    public var text: String

    public init(number: Int, time: String, uptime: Int, kind: Kind, text: String) {
        self.number = number
        self.time = time
        self.uptime = uptime
        self.kind = kind
        self.text = text
    }
}

// As a line of text of a fixed length, which a person can read with `sort` and `less`:
//
//     00000042 2026-11-21T08:40:12Z +37s begin storage: The card is full.        (spaces)        5f1c33a0
//
// The last eight digits are a checksum of all before them: a line that a power cut spoiled is left out.
extension FaultRecord {
    /// A sector, so that a record is on the card whole or not at all.
    static let lineLength = 512
    private static let checksumLength = 8

    /// The line with its line end, exactly `lineLength` bytes. Text that is too long is cut.
    func line() -> [UInt8] {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        let end = Self.lineLength - Self.checksumLength - 2
        var bytes = Array("\(padded) \(time) +\(uptime)s \(kind.rawValue) ".utf8)
        for scalar in text.unicodeScalars {
            let next = scalar.properties.generalCategory == .control ? Array(" ".utf8) : Array(String(scalar).utf8)
            guard bytes.count + next.count <= end else { break }
            bytes += next
        }
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: end + 1 - bytes.count)
        bytes += Array(Self.checksum(bytes[...]).utf8)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// nil for a line that was never written, or not to its end.
    init?(line: ArraySlice<UInt8>) {
        guard line.count == Self.lineLength, line.last == UInt8(ascii: "\n") else { return nil }
        let content = line.dropLast(1 + Self.checksumLength)
        let checksum = String(decoding: line[content.endIndex..<line.endIndex - 1], as: UTF8.self)
        guard checksum == Self.checksum(content) else { return nil }
        let words = String(decoding: content, as: UTF8.self).split(separator: " ", maxSplits: 4)
        guard words.count >= 4, let number = Int(words[0]), number > 0,
            let uptime = Int(words[2].dropFirst().dropLast()), let kind = Kind(rawValue: String(words[3]))
        else { return nil }
        var text = words.count > 4 ? words[4] : ""
        while text.last == " " { text.removeLast() }
        self.init(number: number, time: String(words[1]), uptime: uptime, kind: kind, text: String(text))
    }

    /// FNV-1a of 32 bits, in eight hexadecimal digits: against accidents, not against people.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> String {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: checksumLength - digits.count) + digits
    }
}
