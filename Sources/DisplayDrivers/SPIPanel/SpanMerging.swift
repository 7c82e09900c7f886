/// Merging of runs that lie on the same or on adjacent rows, as fbcp-ili9341 published it (juj/fbcp-ili9341, `diff.cpp`,
/// `DiffFramebuffersToScanlineSpansExact` and `MergeScanlineSpanList`; `diff.h` has a threshold of 4 pixels, and of 320
/// where all transfers go by DMA): two become one when that sends at most `threshold` pixels more. With the cost of a
/// window as the threshold it is a greedy merging by cost.
package struct SpanMerging {
    private var spans: [Span] = []
    /// Index of the next span that was not merged into an earlier one.
    private var next: [Int32] = []
    package private(set) var merged: [Span] = []

    package init() {}

    /// - Parameters:
    ///   - windowPixels: the cost of one more window.
    ///   - limit: more than that it must not cost.
    /// - Returns: whether it costs less; if not, `merged` is unfinished.
    @discardableResult
    package mutating func merge(
        _ runs: [ChangedRuns.Run], threshold: Int, windowPixels: Int = 0, limit: Int = .max
    ) -> Bool {
        spans.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        merged.removeAll(keepingCapacity: true)
        for run in runs {
            if let last = spans.last, last.y == run.y, Int(run.x - last.endX) <= threshold {
                spans[spans.count - 1].endX = run.endX
                spans[spans.count - 1].lastEndX = run.endX
            } else {
                spans.append(Span(x: run.x, y: run.y, endX: run.endX, endY: run.y + 1, lastEndX: run.endX))
                next.append(Int32(spans.count))
            }
        }
        var cost = 0
        var index = 0
        while index < spans.count {
            absorb(into: index, threshold: threshold)
            merged.append(spans[index])
            cost += spans[index].pixelCount + windowPixels
            // Most of what is not worth it shows early.
            guard cost < limit else { return false }
            index = Int(next[index])
        }
        return true
    }

    /// Takes later spans into one, as long as they touch its rows.
    private mutating func absorb(into index: Int, threshold: Int) {
        var grown = spans[index]
        var size = grown.pixelCount
        var previous = index
        var candidate = Int(next[index])
        while candidate < spans.count, spans[candidate].y <= grown.endY {
            let other = spans[candidate]
            let union = grown.union(other)
            let unionSize = union.pixelCount
            if unionSize &- size &- other.pixelCount <= threshold {
                (grown, size) = (union, unionSize)
                next[previous] = next[candidate]
            } else {
                previous = candidate
            }
            candidate = Int(next[candidate])
        }
        spans[index] = grown
    }
}
