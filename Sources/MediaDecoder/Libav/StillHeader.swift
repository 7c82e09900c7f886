import Frames

/// What still formats and animations say of themselves that libav does not pass on, or only after it has allocated the
/// picture: it forgets a size that it finds too large, and then cannot say so.
struct StillHeader: Equatable {
    /// nil when the file does not say.
    var size: PixelSize?
    var orientation = Orientation.upright

    /// - Parameter read: at most so many bytes from an offset on.
    init<Failure: Error>(_ read: (_ offset: Int, _ count: Int) throws(Failure) -> [UInt8]) throws(Failure) {
        let start = try read(0, 32)
        if start.starts(with: "BM".utf8), start.count >= 26 {
            // BITMAPINFOHEADER: 32-bit width and height from byte 18 on, the height negative when rows go down.
            // BITMAPCOREHEADER, 12 bytes long: 16 bits each.
            let field = Fields(bytes: start, isLittle: true)
            if field.number(14, 4) == 12 {
                size = PixelSize(width: field.number(18, 2), height: field.number(20, 2))
            } else {
                let height = Int(Int32(truncatingIfNeeded: field.number(22, 4)))
                size = PixelSize(width: field.number(18, 4), height: abs(height))
            }
        } else if start.starts(with: "GIF8".utf8) {
            // The logical screen (GIF89a, section 18).
            let field = Fields(bytes: start, isLittle: true)
            size = PixelSize(width: field.number(6, 2), height: field.number(8, 2))
        } else if start.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            // IHDR is the first chunk (PNG, section 11.2.1).
            let field = Fields(bytes: start, isLittle: false)
            size = PixelSize(width: field.number(16, 4), height: field.number(20, 4))
        } else if start.starts(with: "II*\0".utf8) || start.starts(with: [0x4D, 0x4D, 0, 0x2A]) {
            let isLittle = start[0] == 0x49
            let directory = Fields(bytes: start, isLittle: isLittle).number(4, 4)
            // A count, and entries of 12 bytes: tag, type, number of values, value.
            let entries = Fields(bytes: try read(directory, 2 + 12 * 256), isLittle: isLittle)
            var width = 0
            var height = 0
            for index in 0..<min(256, entries.number(0, 2)) {
                let entry = 2 + index * 12
                // 3 is SHORT, 4 is LONG.
                let value = entries.number(entry + 8, entries.number(entry + 2, 2) == 3 ? 2 : 4)
                switch entries.number(entry, 2) {
                case 0x0100: width = value
                case 0x0101: height = value
                case 0x0112: orientation = Orientation(rawValue: value) ?? .upright
                default: break
                }
            }
            size = width > 0 && height > 0 ? PixelSize(width: width, height: height) : nil
        }
    }

    /// Numbers at offsets; 0 where the bytes end.
    private struct Fields {
        var bytes: [UInt8]
        var isLittle: Bool

        func number(_ offset: Int, _ count: Int) -> Int {
            guard offset >= 0, offset + count <= bytes.count else { return 0 }
            let part = bytes[offset..<offset + count]
            return isLittle ? part.reversed().reduce(0) { $0 << 8 | Int($1) } : part.reduce(0) { $0 << 8 | Int($1) }
        }
    }
}
