/// What the property IN_FORMATS says: which layouts of a format a plane reads (drm_mode.h, `drm_format_modifier_blob`).
public struct KMSFormatModifiers: Sendable, Equatable {
    /// DRM_FORMAT_MOD_LINEAR: rows one below the other, as the processor writes them.
    public static let linear: UInt64 = 0

    /// Formats by modifier, both in the kernel's order; more than one entry of a modifier is possible.
    public var entries: [(modifier: UInt64, formats: [UInt32])]

    public static func == (first: Self, second: Self) -> Bool {
        first.entries.elementsEqual(second.entries) { $0.modifier == $1.modifier && $0.formats == $1.formats }
    }

    public init(entries: [(modifier: UInt64, formats: [UInt32])]) { self.entries = entries }

    /// nil when this is no such blob: another version, or cut off.
    public init?(_ bytes: [UInt8]) {
        func word(_ offset: Int) -> Int? {
            guard offset >= 0, offset + 4 <= bytes.count else { return nil }
            return (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        guard word(0) == 1, let formatCount = word(8), let formatsAt = word(12), let count = word(16),
            let modifiersAt = word(20), formatCount <= bytes.count / 4, count <= bytes.count / 24
        else { return nil }
        var formats: [UInt32] = []
        for index in 0..<formatCount {
            guard let code = word(formatsAt + 4 * index) else { return nil }
            formats.append(UInt32(code))
        }
        entries = []
        for index in 0..<count {
            // `drm_format_modifier`: a mask of 64 formats, the first one's index, padding, the modifier.
            let start = modifiersAt + 24 * index
            guard let low = word(start), let high = word(start + 4), let first = word(start + 8),
                let modifierLow = word(start + 16), let modifierHigh = word(start + 20)
            else { return nil }
            let mask = UInt64(high) << 32 | UInt64(low)
            let modifier = UInt64(modifierHigh) << 32 | UInt64(modifierLow)
            let meant = (0..<64).compactMap { (bit: Int) -> UInt32? in
                let isSet = (mask >> UInt64(bit)) & 1 == 1
                return isSet && first + bit < formats.count ? formats[first + bit] : nil
            }
            entries.append((modifier, meant))
        }
    }

    /// The bytes of such a blob, of 64 formats at most, for a simulated card.
    public var bytes: [UInt8] {
        let formats = Array(Set(entries.flatMap(\.formats))).sorted()
        var words: [UInt32] = [1, 0, UInt32(formats.count), 24, UInt32(entries.count), 0]
        words += formats
        // Masks are words of 64 bits.
        if words.count % 2 == 1 { words.append(0) }
        words[5] = UInt32(4 * words.count)
        for entry in entries {
            var mask: UInt64 = 0
            for (bit, code) in formats.enumerated() where entry.formats.contains(code) { mask |= 1 << UInt64(bit) }
            words += [
                UInt32(truncatingIfNeeded: mask), UInt32(mask >> 32), 0, 0,
                UInt32(truncatingIfNeeded: entry.modifier), UInt32(entry.modifier >> 32),
            ]
        }
        return words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    /// Whether a plane reads a format as the processor writes it.
    public func takesLinear(_ format: UInt32) -> Bool {
        entries.contains { $0.modifier == Self.linear && $0.formats.contains(format) }
    }
}
