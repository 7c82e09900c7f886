/// How the pixels along one axis are made of the source's: a run of columns (or rows) and their weights for each.
struct ScaleAxis {
    /// First column of each pixel.
    private(set) var columns: [Int32] = []
    /// Number of columns of each pixel; `interpolates`: 2, the second of which may lie one past the end with weight 0.
    private(set) var spans: [Int32] = []
    /// Of all spans, one after the other; each span's weights make 256. `interpolates`: only the second columns' weights.
    private(set) var weights: [UInt16] = []
    /// Where in `weights` each span begins.
    private(set) var starts: [Int] = []
    /// Linear interpolation between two; otherwise the average over the area, for shrinking by more than 2.
    let interpolates: Bool
    /// The columns that are used at all.
    let used: Range<Int>

    /// - Parameters:
    ///   - source: length of what is scaled, at least 1.
    ///   - target: length that it is scaled to, at least 1.
    ///   - range: the pixels of the target that are wanted, not empty.
    init(source: Int, target: Int, range: Range<Int>) {
        interpolates = source <= 2 * target
        columns.reserveCapacity(range.count)
        spans.reserveCapacity(range.count)
        starts.reserveCapacity(range.count)
        for position in range {
            starts.append(weights.count)
            if interpolates {
                // Pixel centres on pixel centres, in 1/256 of a source pixel, and no further out than the outermost.
                let centre = ((2 * position + 1) * source * 128) / target - 128
                let inside = min(max(centre, 0), (source - 1) * 256)
                columns.append(Int32(inside / 256))
                spans.append(2)
                weights.append(UInt16(inside % 256))
            } else {
                // In 1/target of a source pixel.
                let (from, to) = (position * source, (position + 1) * source)
                let (first, last) = (from / target, (to - 1) / target)
                columns.append(Int32(first))
                spans.append(Int32(last - first + 1))
                var before = 0
                for column in first...last {
                    let upTo = ((min((column + 1) * target, to) - from) * 256 + source / 2) / source
                    weights.append(UInt16(upTo - before))
                    before = upTo
                }
            }
        }
        let first = Int(columns.first ?? 0)
        let last = Int(columns.last ?? 0) + Int(spans.last ?? 1) - 1
        used = first..<min(last, source - 1) + 1
    }
}
