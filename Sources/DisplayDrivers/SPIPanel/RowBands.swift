/// The cheapest way to cover what has changed with rectangles that lie above each other, found by dynamic programming.
struct RowBands {
    /// Columns that have changed in a row, or none.
    struct Extent: Equatable {
        var x: Int32
        var endX: Int32
    }

    private var rows: [(y: Int32, extent: Extent)] = []
    private var best: [Int] = []
    private var first: [Int32] = []

    /// - Parameters:
    ///   - runs: in their order; only what lies in `area` counts.
    ///   - windowPixels: the cost of one more rectangle.
    ///   - spans: gets the rectangles, bottom to top.
    /// - Returns: the cost in pixels, windows included.
    mutating func cover(
        _ runs: ArraySlice<ChangedRuns.Run>, columns: Range<Int32>, windowPixels: Int, into spans: inout [Span]
    ) -> Int {
        rows.removeAll(keepingCapacity: true)
        for run in runs {
            let (x, endX) = (max(run.x, columns.lowerBound), min(run.endX, columns.upperBound))
            guard x < endX else { continue }
            if let last = rows.last, last.y == run.y {
                rows[rows.count - 1].extent.endX = endX
            } else {
                rows.append((run.y, Extent(x: x, endX: endX)))
            }
        }
        guard !rows.isEmpty else { return 0 }
        return solve(windowPixels: windowPixels, into: &spans)
    }

    private mutating func solve(windowPixels: Int, into spans: inout [Span]) -> Int {
        let count = rows.count
        best.removeAll(keepingCapacity: true)
        first.removeAll(keepingCapacity: true)
        best.append(0)
        for end in 0..<count {
            // The band that ends with this row begins with some row before; the last row may end early.
            let last = rows[end]
            var (x, endX) = (last.extent.x, last.extent.endX)
            var (cost, choice) = (Int.max, end)
            var start = end
            while start >= 0 {
                let row = rows[start]
                x = min(x, row.extent.x)
                endX = max(endX, row.extent.endX)
                let body = Int(endX &- x) &* Int(last.y &- row.y)
                let area = body &+ Int(last.extent.endX &- x)
                let sum = best[start] &+ area &+ windowPixels
                if sum < cost { (cost, choice) = (sum, start) }
                // Wider bands only cost more than that.
                if area > cost { break }
                start &-= 1
            }
            best.append(cost)
            first.append(Int32(choice))
        }
        var end = count - 1
        while end >= 0 {
            let start = Int(first[end])
            var (x, endX) = (Int32.max, Int32.min)
            for row in rows[start...end] {
                x = min(x, row.extent.x)
                endX = max(endX, row.extent.endX)
            }
            let lastEndX = rows[end].extent.endX
            spans.append(
                Span(
                    x: x, y: rows[start].y, endX: start == end ? lastEndX : endX, endY: rows[end].y + 1,
                    lastEndX: lastEndX))
            end = start - 1
        }
        return best[count]
    }
}
