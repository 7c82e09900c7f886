import DecoderProtocol

/// The items of a HEIF file, as its `meta` box lists them (ISO/IEC 23008-12, and 14496-12, 8.11).
///
/// libheif knows them, too, but hands out pictures only whole, and before 1.19 by way of RGB at full size. What is read
/// here serves to decode tile by tile; a box that is damaged or of an unknown version makes all of it nil.
struct HEIFItems: Equatable {
    struct Item: Equatable {
        /// `hvc1`, `av01`, `grid`, …
        var type: String
        /// In the order in which they apply.
        var properties: [Property] = []
        /// Where its bytes are: in the file, or in `inline`.
        var extents: [Extent] = []
        var isInline = false
    }

    struct Property: Equatable {
        var type: String
        /// Who does not know it must not show the item.
        var isEssential: Bool
        var contents: [UInt8]
        /// Its place in the list of all: two items may share one.
        var index: Int
    }

    struct Extent: Equatable {
        var offset: Int
        /// 0: to the end.
        var length: Int
    }

    struct Reference: Equatable {
        var type: String
        var from: Int
        var to: [Int]
    }

    private(set) var primary: Int
    private(set) var items: [Int: Item] = [:]
    private(set) var references: [Reference] = []
    /// Data that lies in the `meta` box itself.
    private(set) var inline: [UInt8] = []

    /// Phones need some ten kilobytes; a thousand tiles some sixty.
    static let mostBytes = 2 << 20
    private static let mostItems = 20_000

    /// Looks for the `meta` box among the first boxes of a file.
    ///
    /// - Parameter read: at most so many bytes at that offset; fewer where the file ends.
    init?(read: (Int, Int) throws(DecodeFailure) -> [UInt8]) throws(DecodeFailure) {
        var offset = 0
        for _ in 0..<64 {
            var header = BoxBytes(try read(offset, 16)[...])
            guard var length = header.number(4), let name = header.name() else { return nil }
            var headerLength = 8
            if length == 1 {
                guard let long = header.number(8) else { return nil }
                length = long
                headerLength = 16
            }
            guard length >= headerLength, length < 1 << 48 else { return nil }
            if name == "meta" {
                guard length <= Self.mostBytes else { return nil }
                let bytes = try read(offset + headerLength, length - headerLength)
                guard bytes.count == length - headerLength else { return nil }
                self.init(meta: bytes)
                return
            }
            offset += length
        }
        return nil
    }

    /// - Parameter meta: the contents of the `meta` box.
    init?(meta: [UInt8]) {
        var rest = BoxBytes(meta[...])
        guard rest.versionAndFlags() != nil else { return nil }
        var boxes: [String: BoxBytes] = [:]
        while !rest.isEmpty {
            guard let box = rest.box() else { return nil }
            boxes[box.name] = boxes[box.name] ?? box.contents
        }
        guard let primary = boxes["pitm"].flatMap(Self.primary) else { return nil }
        self.primary = primary
        inline = boxes["idat"]?.bytes ?? []
        guard let list = boxes["iinf"], readItems(list), let places = boxes["iloc"], readPlaces(places),
            let properties = boxes["iprp"], readProperties(properties)
        else { return nil }
        if let list = boxes["iref"], !readReferences(list) { return nil }
    }

    /// The EXIF block that describes the main picture (ISO/IEC 23008-12, A.2.1), as far as its directories may reach.
    func exif(read: (Int, Int) throws(DecodeFailure) -> [UInt8]) throws(DecodeFailure) -> [UInt8]? {
        let described = references.first { reference in
            reference.type == "cdsc" && reference.to.contains(primary) && items[reference.from]?.type == "Exif"
        }
        guard let item = described.flatMap({ items[$0.from] }), let extent = item.extents.first else { return nil }
        let count = min(extent.length == 0 ? .max : extent.length, 64 * 1024)
        let bytes =
            item.isInline
            ? Array(inline.dropFirst(extent.offset).prefix(count)) : try read(extent.offset, count)
        // How far behind these four bytes the TIFF header is.
        var contents = BoxBytes(bytes[...])
        guard let offset = contents.number(4), offset <= contents.count else { return nil }
        return Array(contents.bytes.dropFirst(offset))
    }

    private static func primary(_ box: BoxBytes) -> Int? {
        var box = box
        guard let head = box.versionAndFlags() else { return nil }
        return box.number(head.version == 0 ? 2 : 4)
    }

    private mutating func readItems(_ box: BoxBytes) -> Bool {
        var box = box
        guard let head = box.versionAndFlags(), let count = box.number(head.version == 0 ? 2 : 4),
            count <= Self.mostItems
        else { return false }
        for _ in 0..<count {
            guard let entry = box.box(), entry.name == "infe" else { return false }
            var contents = entry.contents
            guard let head = contents.versionAndFlags() else { return false }
            // Older versions name no type.
            guard head.version >= 2 else { continue }
            guard let id = contents.number(head.version == 2 ? 2 : 4), let protection = contents.number(2),
                let type = contents.name()
            else { return false }
            if protection == 0 { items[id] = Item(type: type) }
        }
        return true
    }

    private mutating func readPlaces(_ box: BoxBytes) -> Bool {
        var box = box
        guard let head = box.versionAndFlags(), head.version <= 2, let sizes = box.number(2) else { return false }
        let offsetSize = sizes >> 12
        let lengthSize = sizes >> 8 & 15
        let baseSize = sizes >> 4 & 15
        let indexSize = head.version == 0 ? 0 : sizes & 15
        guard let count = box.number(head.version == 2 ? 4 : 2), count <= Self.mostItems else { return false }
        for _ in 0..<count {
            guard let id = box.number(head.version == 2 ? 4 : 2),
                let method = head.version == 0 ? 0 : box.number(2).map({ $0 & 15 }), let source = box.number(2),
                let base = box.number(baseSize), let extentCount = box.number(2)
            else { return false }
            var extents: [Extent] = []
            for _ in 0..<extentCount {
                guard box.number(indexSize) != nil, let offset = box.number(offsetSize),
                    let length = box.number(lengthSize), base < 1 << 48, offset < 1 << 48, length < 1 << 32
                else { return false }
                extents.append(Extent(offset: base + offset, length: length))
            }
            // 0: in this file, 1: in `idat`. What is put together of other items has no place here.
            guard source == 0, method <= 1 else { continue }
            items[id]?.extents = extents
            items[id]?.isInline = method == 1
        }
        return true
    }

    private mutating func readProperties(_ box: BoxBytes) -> Bool {
        var box = box
        var all: [(type: String, contents: [UInt8])] = []
        while !box.isEmpty {
            guard let part = box.box() else { return false }
            if part.name == "ipco" {
                var list = part.contents
                while !list.isEmpty {
                    guard let property = list.box() else { return false }
                    all.append((property.name, property.contents.bytes))
                }
            } else if part.name == "ipma", !readAssociations(part.contents, of: all) {
                return false
            }
        }
        return true
    }

    private mutating func readAssociations(
        _ box: BoxBytes, of all: [(type: String, contents: [UInt8])]
    ) -> Bool {
        var box = box
        guard let head = box.versionAndFlags(), let count = box.number(4), count <= Self.mostItems else { return false }
        let width = head.flags & 1 == 1 ? 2 : 1
        for _ in 0..<count {
            guard let id = box.number(head.version == 0 ? 2 : 4), let associations = box.number(1) else { return false }
            for _ in 0..<associations {
                guard let value = box.number(width) else { return false }
                let essential = width * 8 - 1
                let index = value & (1 << essential - 1)
                guard index <= all.count else { return false }
                if index == 0 { continue }
                items[id]?.properties.append(
                    Property(
                        type: all[index - 1].type, isEssential: value >> essential == 1,
                        contents: all[index - 1].contents, index: index))
            }
        }
        return true
    }

    private mutating func readReferences(_ box: BoxBytes) -> Bool {
        var box = box
        guard let head = box.versionAndFlags() else { return false }
        let width = head.version == 0 ? 2 : 4
        while !box.isEmpty {
            guard var entry = box.box(), let from = entry.contents.number(width),
                let count = entry.contents.number(2)
            else { return false }
            var to: [Int] = []
            for _ in 0..<count {
                guard let id = entry.contents.number(width) else { return false }
                to.append(id)
            }
            references.append(Reference(type: entry.name, from: from, to: to))
        }
        return true
    }
}
