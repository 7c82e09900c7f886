/// The directories of an EXIF block, which is a TIFF file (EXIF 2.32, 4.5.2): byte order, 42, offset of the first directory; a
/// directory is a count and entries of 12 bytes. Every read is nil where the block contradicts itself or ends.
struct ExifBlock {
    /// An entry of a directory: type, number of values, and where they are, or where the entry keeps them itself.
    struct Entry {
        var type: Int
        var count: Int
        fileprivate var offset: Int
    }

    private let bytes: ArraySlice<UInt8>
    private let isBigEndian: Bool
    /// Offset of the first directory.
    let first: Int

    /// - Parameter block: from the TIFF header on, or from the "Exif\0\0" before it, which some writers keep.
    init?(_ block: [UInt8]) {
        let prefix: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]
        let bytes = block.starts(with: prefix) ? block[prefix.count...] : block[...]
        let isBigEndian: Bool
        switch bytes.prefix(2) {
        case [0x4D, 0x4D]: isBigEndian = true
        case [0x49, 0x49]: isBigEndian = false
        default: return nil
        }
        let header = ExifBlock(bytes: bytes, isBigEndian: isBigEndian, first: 0)
        guard header.word(2) == 42, let directory = header.long(4) else { return nil }
        self.init(bytes: bytes, isBigEndian: isBigEndian, first: directory)
    }

    private init(bytes: ArraySlice<UInt8>, isBigEndian: Bool, first: Int) {
        self.bytes = bytes
        self.isBigEndian = isBigEndian
        self.first = first
    }

    func entry(_ tag: Int, in directory: Int) -> Entry? {
        guard let count = word(directory) else { return nil }
        // An honest directory has some twenty entries, in the order of their tags.
        for index in 0..<min(count, 512) {
            let entry = directory + 2 + index * 12
            guard let found = word(entry) else { return nil }
            guard found == tag else { continue }
            guard let type = word(entry + 2), let count = long(entry + 4) else { return nil }
            return Entry(type: type, count: count, offset: entry + 8)
        }
        return nil
    }

    /// One whole number: of type SHORT (3), or LONG (4), which some writers use instead.
    func number(_ entry: Entry) -> Int? {
        guard entry.count == 1 else { return nil }
        return switch entry.type {
        case 3: word(entry.offset)
        case 4: long(entry.offset)
        default: nil
        }
    }

    /// Text (type ASCII, 2) of at most 64 characters, without the zero at its end.
    func text(_ entry: Entry) -> String? {
        guard entry.type == 2, (1...64).contains(entry.count) else { return nil }
        guard let offset = entry.count <= 4 ? entry.offset : long(entry.offset), offset >= 0,
            offset <= bytes.count - entry.count
        else { return nil }
        let start = bytes.startIndex + offset
        return String(decoding: bytes[start..<start + entry.count].prefix { $0 != 0 }, as: UTF8.self)
    }

    private func word(_ offset: Int) -> Int? { number(offset, byteCount: 2) }
    private func long(_ offset: Int) -> Int? { number(offset, byteCount: 4) }

    private func number(_ offset: Int, byteCount: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - byteCount else { return nil }
        let start = bytes.startIndex + offset
        let part = bytes[start..<start + byteCount]
        return isBigEndian
            ? part.reduce(0) { $0 << 8 | Int($1) } : part.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
