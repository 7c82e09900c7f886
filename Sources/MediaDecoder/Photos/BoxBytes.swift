/// Bytes of an ISO base media box (ISO/IEC 14496-12), read from the front. Every read is nil beyond the end.
struct BoxBytes {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var count: Int { rest.count }
    var isEmpty: Bool { rest.isEmpty }
    var bytes: [UInt8] { Array(rest) }

    /// A big-endian number of 0 to 8 bytes.
    mutating func number(_ byteCount: Int) -> Int? {
        guard byteCount <= 8, let part = take(byteCount) else { return nil }
        let value = part.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(exactly: value)
    }

    /// Four characters.
    mutating func name() -> String? { take(4).map { String(decoding: $0, as: UTF8.self) } }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// A version and 24 bits of flags.
    mutating func versionAndFlags() -> (version: Int, flags: Int)? {
        guard let version = number(1), let flags = number(3) else { return nil }
        return (version, flags)
    }

    /// The next box inside this one.
    mutating func box() -> (name: String, contents: BoxBytes)? {
        guard let length = number(4), let name = name() else { return nil }
        switch length {
        case 0:
            return take(count).map { (name, BoxBytes($0)) }
        case 1:
            guard let long = number(8) else { return nil }
            return take(long - 16).map { (name, BoxBytes($0)) }
        default:
            return take(length - 8).map { (name, BoxBytes($0)) }
        }
    }
}
