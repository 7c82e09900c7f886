/// Finds the one EXIF tag that decides how a photo stands. Everything else in the block is left alone.
///
/// The block is a TIFF file (EXIF 2.32, 4.5.2): byte order, 42, offset of the first directory; a directory is a count
/// and entries of 12 bytes. Any contradiction ends the search: the photo is then shown as it is stored.
enum ExifOrientation {
    /// - Parameter block: from the TIFF header on, or from the "Exif\0\0" before it, which some writers keep.
    /// - Returns: nil when the tag is missing or makes no sense.
    static func find(in block: [UInt8]) -> Orientation? {
        let prefix: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]
        let tiff = block.starts(with: prefix) ? block[prefix.count...] : block[...]
        guard let order = ByteOrder(mark: tiff.prefix(2)) else { return nil }
        let field = Fields(bytes: tiff, order: order)
        guard field.word(2) == 42, let directory = field.long(4), let count = field.word(directory) else { return nil }
        // An honest first directory has some twenty entries, in the order of their tags.
        for index in 0..<min(count, 512) {
            let entry = directory + 2 + index * 12
            guard let tag = field.word(entry) else { return nil }
            guard tag == 0x0112 else { continue }
            // Type SHORT (3); some writers use LONG (4). One value, which lies in the entry itself.
            guard let type = field.word(entry + 2), field.long(entry + 4) == 1 else { return nil }
            let value =
                switch type {
                case 3: field.word(entry + 8)
                case 4: field.long(entry + 8)
                default: nil as Int?
                }
            return value.flatMap(Orientation.init(rawValue:))
        }
        return nil
    }

    private enum ByteOrder {
        case big
        case little

        init?(mark: ArraySlice<UInt8>) {
            if mark.elementsEqual([0x4D, 0x4D]) {
                self = .big
            } else if mark.elementsEqual([0x49, 0x49]) {
                self = .little
            } else {
                return nil
            }
        }
    }

    /// Numbers at offsets from the TIFF header; nil outside the block.
    private struct Fields {
        let bytes: ArraySlice<UInt8>
        let order: ByteOrder

        func word(_ offset: Int) -> Int? { number(offset, byteCount: 2) }
        func long(_ offset: Int) -> Int? { number(offset, byteCount: 4) }

        private func number(_ offset: Int, byteCount: Int) -> Int? {
            guard offset >= 0, offset <= bytes.count - byteCount else { return nil }
            let start = bytes.startIndex + offset
            let part = bytes[start..<start + byteCount]
            return switch order {
            case .big: part.reduce(0) { $0 << 8 | Int($1) }
            case .little: part.reversed().reduce(0) { $0 << 8 | Int($1) }
            }
        }
    }
}
