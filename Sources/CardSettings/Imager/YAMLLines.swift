/// The little of YAML that Raspberry Pi Imager writes for cloud-init: mappings and lists by indentation, with plain and quoted
/// scalars on one line. Anything else is passed over.
struct YAMLLines {
    struct Entry: Equatable {
        /// Keys from the outside in; `-` for an item of a list.
        var path: [String]
        var value: String
        /// Where the value stands, without quotation marks, in bytes of the file.
        var range: Range<Int>
    }

    private(set) var entries: [Entry] = []

    init(_ bytes: [UInt8]) {
        var parents: [(indent: Int, key: String)] = []
        /// Lines that are deeper than this belong to a text of several lines.
        var textIndent: Int?
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            var line = start..<end
            start = end + 1
            while let last = line.last, [0x20, 0x09, 0x0D].contains(bytes[last]) { line = line.lowerBound..<last }
            let indent = bytes[line].prefix { $0 == 0x20 }.count
            line = (line.lowerBound + indent)..<line.upperBound
            guard let first = line.first, bytes[first] != UInt8(ascii: "#") else { continue }
            if let deeper = textIndent {
                if indent > deeper { continue }
                textIndent = nil
            }
            var column = indent
            let isItem = bytes[line].starts(with: [0x2D, 0x20])
            // An item stands as deep as the key above it, or deeper.
            while let parent = parents.last,
                parent.indent > column || (parent.indent == column && !(isItem && parent.key != "-"))
            {
                parents.removeLast()
            }
            if isItem {
                parents.append((column, "-"))
                let skipped = 1 + bytes[line].dropFirst().prefix { $0 == 0x20 }.count
                line = (line.lowerBound + skipped)..<line.upperBound
                column += skipped
            }
            guard let colon = Self.colon(in: line, of: bytes) else {
                if isItem { append(parents.map(\.key), line, bytes) }
                continue
            }
            let key = Self.scalar(line.lowerBound..<colon, bytes).text
            var value = (colon + 1)..<line.upperBound
            while let first = value.first, bytes[first] == 0x20 { value = (first + 1)..<value.upperBound }
            if value.isEmpty {
                parents.append((column, key))
            } else if let sign = value.first, [UInt8(ascii: "|"), UInt8(ascii: ">")].contains(bytes[sign]) {
                textIndent = column
            } else {
                append(parents.map(\.key) + [key], value, bytes)
            }
        }
    }

    /// The first entry at a path.
    subscript(path: String...) -> Entry? { entries.first { $0.path == path } }

    private mutating func append(_ path: [String], _ range: Range<Int>, _ bytes: [UInt8]) {
        let scalar = Self.scalar(range, bytes)
        entries.append(Entry(path: path, value: scalar.text, range: scalar.range))
    }

    /// The colon that ends a key: behind the quoted key, or the first with a space or nothing behind it.
    private static func colon(in line: Range<Int>, of bytes: [UInt8]) -> Int? {
        var index = line.lowerBound
        if let mark = line.first.map({ bytes[$0] }), mark == UInt8(ascii: "\"") || mark == UInt8(ascii: "'") {
            index = closing(mark, from: index + 1, in: line, of: bytes) + 1
            guard index < line.upperBound, bytes[index] == UInt8(ascii: ":") else { return nil }
            return index
        }
        while index < line.upperBound {
            let isLast = index + 1 == line.upperBound
            if bytes[index] == UInt8(ascii: ":"), isLast || bytes[index + 1] == 0x20 { return index }
            index += 1
        }
        return nil
    }

    private static func closing(_ mark: UInt8, from start: Int, in line: Range<Int>, of bytes: [UInt8]) -> Int {
        var index = start
        while index < line.upperBound, bytes[index] != mark {
            // Imager escapes quotation marks, and nothing else.
            let isEscape =
                mark == UInt8(ascii: "\"") && bytes[index] == UInt8(ascii: "\\") && index + 1 < line.upperBound
                && bytes[index + 1] == mark && index + 2 < line.upperBound
            index += isEscape ? 2 : 1
        }
        return min(index, line.upperBound)
    }

    private static func scalar(_ range: Range<Int>, _ bytes: [UInt8]) -> (text: String, range: Range<Int>) {
        guard let first = range.first else { return ("", range) }
        let mark = bytes[first]
        if mark == UInt8(ascii: "\"") || mark == UInt8(ascii: "'") {
            let inner = (first + 1)..<closing(mark, from: first + 1, in: range, of: bytes)
            let text = String(decoding: bytes[inner], as: UTF8.self)
            return (mark == UInt8(ascii: "\"") ? text.replacing("\\\"", with: "\"") : text, inner)
        }
        return (String(decoding: bytes[range], as: UTF8.self), range)
    }
}
