/// What a screen tells about itself: the base block of EDID 1.4 (VESA E-EDID Release A, revision 2).
public struct EDID: Sendable, Equatable {
    /// Three letters, assigned by UEFI: `SAM`.
    public var manufacturer: String
    /// What the screen calls itself; nil where it says nothing.
    public var name: String?
    /// Of the visible area, in millimetres; nil where it is unknown, a projector, or only a proportion.
    public var millimetres: (width: Int, height: Int)? {
        millimetreWidth > 0 && millimetreHeight > 0 ? (millimetreWidth, millimetreHeight) : nil
    }
    private var millimetreWidth: Int
    private var millimetreHeight: Int

    /// nil when this is no EDID: too short, another header, or a wrong checksum.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 128, bytes[..<8].elementsEqual([0, 255, 255, 255, 255, 255, 255, 0]),
            bytes[..<128].reduce(0, &+) == 0
        else { return nil }
        let code = UInt16(bytes[8]) << 8 | UInt16(bytes[9])
        manufacturer = String(
            decoding: [10, 5, 0].map { UInt8(code >> $0 & 31) + 64 }.map { (65...90).contains($0) ? $0 : 63 },
            as: UTF8.self)
        // Centimetres; a zero in one of them makes it a proportion.
        (millimetreWidth, millimetreHeight) = (Int(bytes[21]) * 10, Int(bytes[22]) * 10)
        if bytes[21] == 0 || bytes[22] == 0 { (millimetreWidth, millimetreHeight) = (0, 0) }
        var sizeIsKnown = false
        for start in [54, 72, 90, 108] {
            let descriptor = bytes[start..<start + 18]
            if descriptor[start] != 0 || descriptor[start + 1] != 0 {
                // A detailed timing: the first one has the size in millimetres.
                guard !sizeIsKnown else { continue }
                sizeIsKnown = true
                let width = Int(descriptor[start + 12]) | Int(descriptor[start + 14] >> 4) << 8
                let height = Int(descriptor[start + 13]) | Int(descriptor[start + 14] & 15) << 8
                // 160 by 90 and 16 by 9 are proportions that televisions give for a size.
                guard width > 0, height > 0, !(width == 160 && height == 90), !(width == 16 && height == 9) else {
                    continue
                }
                (millimetreWidth, millimetreHeight) = (width, height)
            } else if descriptor[start + 3] == 0xFC, name == nil {
                let text = descriptor[(start + 5)...].prefix { $0 != 0x0A }
                let shown = String(decoding: text.map { (32..<127).contains($0) ? $0 : 63 }, as: UTF8.self)
                let trimmed = shown.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                if !trimmed.isEmpty { name = String(trimmed) }
            }
        }
        if (millimetreWidth, millimetreHeight) == (160, 90) { (millimetreWidth, millimetreHeight) = (0, 0) }
    }

    /// For people: the name, or who made it.
    public var title: String { name ?? manufacturer }
}
