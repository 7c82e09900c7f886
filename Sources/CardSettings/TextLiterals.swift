/// Where quoted texts and remarks stand in a TOML file, byte by byte (toml.io, v1.0.0, "String" and "Comment").
struct TextLiterals {
    /// Between the quotation marks.
    private(set) var texts: [Range<Int>] = []
    private(set) var remarks: [Range<Int>] = []

    init(in bytes: [UInt8]) {
        let (quote, apostrophe, escape) = (UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"))
        func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "#") {
                let end = bytes[index...].firstIndex(where: isLineEnd) ?? bytes.count
                remarks.append(index..<end)
                index = end
            } else if byte == quote || byte == apostrophe {
                let isLong = bytes[index...].starts(with: [byte, byte, byte])
                let start = index + (isLong ? 3 : 1)
                var end = start
                while end < bytes.count {
                    if byte == quote, bytes[end] == escape {
                        end += 2
                    } else if isLong ? bytes[end...].starts(with: [byte, byte, byte]) : bytes[end] == byte {
                        break
                    } else if !isLong, isLineEnd(bytes[end]) {
                        break
                    } else {
                        end += 1
                    }
                }
                end = min(end, bytes.count)
                texts.append(start..<end)
                index = end + (isLong ? 3 : 1)
            } else {
                index += 1
            }
        }
    }

    /// Copies in remarks of what stands at `range`.
    func copies(of range: Range<Int>, in bytes: [UInt8]) -> [Range<Int>] {
        let wanted = bytes[range]
        guard wanted.count >= 8 else { return [] }
        return remarks.flatMap { remark -> [Range<Int>] in
            var found: [Range<Int>] = []
            var start = remark.lowerBound
            while start + wanted.count <= remark.upperBound {
                if bytes[start..<start + wanted.count].elementsEqual(wanted) {
                    found.append(start..<start + wanted.count)
                    start += wanted.count
                } else {
                    start += 1
                }
            }
            return found
        }
    }
}
