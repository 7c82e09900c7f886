/// The header `Range` (RFC 9110, 14.1.2), as far as it is about one range of bytes.
enum ByteRange: Equatable {
    /// There is none, or one that may be ignored (another unit, several ranges, no sense).
    case whole
    case part(Range<Int>)
    /// 416: it begins behind the end.
    case unsatisfiable

    init(_ header: String?, byteCount: Int) {
        guard let header, header.lowercased().hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let bounds = header.dropFirst(6).trimmingSpaces().split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, !bounds.contains(where: { $0.contains { !$0.isASCII || !$0.isNumber } }) else {
            self = .whole
            return
        }
        switch (bounds[0].isEmpty, bounds[1].isEmpty) {
        case (true, true): self = .whole
        case (true, false):
            let last = Int(bounds[1]) ?? .max
            self = last == 0 || byteCount == 0 ? .unsatisfiable : .part(max(0, byteCount - last)..<byteCount)
        case (false, let isOpen):
            let first = Int(bounds[0]) ?? .max
            let last = isOpen ? .max : (Int(bounds[1]) ?? .max)
            if last < first {
                self = .whole
            } else if first >= byteCount {
                self = .unsatisfiable
            } else {
                self = .part(first..<min(last, byteCount - 1) + 1)
            }
        }
    }
}
