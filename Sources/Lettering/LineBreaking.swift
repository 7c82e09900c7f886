/// Cuts a paragraph into lines by the widths of its characters.
struct LineBreaking {
    private let scalars: [Unicode.Scalar]
    /// Sum of the widths of all characters before each one, and of all.
    private let positions: [Double]
    /// Whether a cluster (what cannot be taken apart: a letter and its marks) begins here.
    private let startsCluster: [Bool]

    /// - Parameter advances: the width of each cluster at its first character, and nil at the others.
    init(_ scalars: [Unicode.Scalar], advances: [Double?]) {
        self.scalars = scalars
        startsCluster = advances.map { $0 != nil }
        var sum = 0.0
        positions =
            [0]
            + advances.map { advance in
                sum += advance ?? 0
                return sum
            }
    }

    func width(_ range: Range<Int>) -> Double { positions[range.upperBound] - positions[range.lowerBound] }

    /// The ranges of the lines without the spaces between them. The last one, when there is text for more than
    /// `maximum`, holds all the rest.
    func lines(width: Double, maximum: Int) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = skippingSpaces(0)
        while start < scalars.count, lines.count < maximum {
            let end = lines.count == maximum - 1 ? scalars.count : lineEnd(from: start, width: width)
            lines.append(start..<trimmed(start, end))
            start = skippingSpaces(end)
        }
        return lines
    }

    /// The next smaller end of a line that takes no cluster apart.
    func clusterBoundary(before end: Int, from start: Int) -> Int {
        var end = end - 1
        while end > start, !startsCluster[end] { end -= 1 }
        return max(start, end)
    }

    /// Where the line that begins at `start` ends: behind a space or a dash, else wherever it must. Always later.
    private func lineEnd(from start: Int, width: Double) -> Int {
        var possible: Int?
        var index = start
        while index < scalars.count {
            var next = index + 1
            while next < scalars.count, !startsCluster[next] { next += 1 }
            // A space that does not fit may hang over.
            if positions[next] - positions[start] > width, scalars[index] != " " {
                return possible ?? (index > start ? index : next)
            }
            if breaksAfter(scalars[index]), next < scalars.count { possible = next }
            index = next
        }
        return scalars.count
    }

    private func breaksAfter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "-", "–", "—", "/", "_", "\u{00AD}", "\u{200B}": true
        default: false
        }
    }

    private func skippingSpaces(_ index: Int) -> Int {
        scalars[index...].firstIndex { $0 != " " } ?? scalars.count
    }

    private func trimmed(_ start: Int, _ end: Int) -> Int {
        var end = end
        while end > start, scalars[end - 1] == " " { end -= 1 }
        return end
    }
}
