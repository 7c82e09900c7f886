/// Something wrong with one setting in one place. It costs that setting alone: the layer below decides then.
public struct SettingFault: Sendable, Equatable, CustomStringConvertible {
    /// In place of a key, for a file of which nothing could be read.
    public static let wholeFile = "(the whole file)"

    /// File, `environment` or `command line`.
    public var origin: String
    /// Line in the file, from 1; nil where there are no lines.
    public var line: Int?
    public var key: String
    /// What was found, as text.
    public var value: String?
    /// What was expected, or what to do.
    public var expected: String

    public init(origin: String, line: Int? = nil, key: String, value: String? = nil, expected: String) {
        self.origin = origin
        self.line = line
        self.key = key
        self.value = value
        self.expected = expected
    }

    public var description: String {
        let place = line.map { "\(origin):\($0)" } ?? origin
        return "\(place): \(key)\(value.map { " = \($0)" } ?? ""): \(expected)"
    }
}

/// The known word that is closest to a mistyped one, if any is close.
public func nearest(to word: String, in known: [String]) -> String? {
    let candidates = known.map { (name: $0, distance: editDistance(word, $0)) }
    guard let best = candidates.min(by: { $0.distance < $1.distance }), best.distance <= max(2, word.count / 3)
    else { return nil }
    return best.name
}

/// Levenshtein's distance: insertions, deletions and replacements of characters.
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in right.enumerated() {
            let above = row[j + 1]
            row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
            diagonal = above
        }
    }
    return row[right.count]
}
