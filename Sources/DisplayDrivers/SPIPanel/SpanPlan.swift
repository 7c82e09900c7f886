/// Decides which windows are sent so that the panel shows a new picture: a function of the two pictures and the cost of a
/// window. Keeps its memory from frame to frame, and nothing else.
///
/// Of several ways to cover what has changed it takes the cheapest: rectangles above each other (one of which is the whole
/// picture), and the merging of neighbours by the cost of a window and by both thresholds that fbcp-ili9341 published;
/// then it improves that, as long as two windows are cheaper as one, or one is cheaper in bands. So it costs at most what
/// the best of them does.
package struct SpanPlan {
    private var changes = ChangedRuns()
    private var merging = SpanMerging()
    private var bands = RowBands()
    private var candidate: [Span] = []
    private var pieces: [Span] = []
    package private(set) var windows: [Span] = []

    /// fbcp-ili9341's, for pixels in lists and for DMA.
    static let publishedThresholds = [4, 320]
    /// More windows than that are not compared in pairs.
    private static let mostPairs = 48

    package init() {}

    /// Pixels of all windows.
    package var pixelCount: Int { windows.reduce(0) { $0 + $1.pixelCount } }
    package var changedCount: Int { changes.changedCount }

    /// What a plan costs, in pixels.
    package static func cost(_ windows: [Span], windowPixels: Int) -> Int {
        windows.reduce(0) { $0 + $1.pixelCount + windowPixels }
    }

    /// Plans anew. `windows` has the answer; it is empty when nothing has changed.
    ///
    /// - Parameters:
    ///   - new, old: rows of packed pixels, as they go over the wire.
    ///   - rows: where they may differ.
    ///   - windowPixels: `TransferCost.windowPixels`.
    package mutating func plan(
        _ new: UnsafeRawPointer, _ old: UnsafeRawPointer, rows: Range<Int>, width: Int, bytesPerPixel: Int,
        windowPixels: Int
    ) {
        windows.removeAll(keepingCapacity: true)
        changes.find(new, old, rows: rows, width: width, bytesPerPixel: bytesPerPixel)
        guard !changes.runs.isEmpty else { return }
        var cost = bands.cover(
            changes.runs[...], columns: 0..<Int32(width), windowPixels: windowPixels, into: &windows)
        // Whatever has two windows and more costs at least that.
        guard cost > 2 * windowPixels + changes.changedCount else { return }
        for threshold in Self.publishedThresholds { take(threshold, windowPixels, &cost) }
        if !Self.publishedThresholds.contains(windowPixels) { take(windowPixels, windowPixels, &cost) }
        mergePairs(windowPixels)
        splitIntoBands(windowPixels)
    }

    private mutating func take(_ threshold: Int, _ windowPixels: Int, _ cost: inout Int) {
        guard merging.merge(changes.runs, threshold: threshold, windowPixels: windowPixels, limit: cost) else { return }
        windows.removeAll(keepingCapacity: true)
        windows.append(contentsOf: merging.merged)
        cost = Self.cost(windows, windowPixels: windowPixels)
    }

    /// Makes one of two windows wherever that is cheaper.
    private mutating func mergePairs(_ windowPixels: Int) {
        guard windows.count <= Self.mostPairs else { return }
        var index = 0
        while index < windows.count {
            var other = index + 1
            var hasGrown = false
            while other < windows.count {
                let union = windows[index].union(windows[other])
                if union.pixelCount < windows[index].pixelCount + windows[other].pixelCount + windowPixels {
                    windows[index] = union
                    windows.remove(at: other)
                    hasGrown = true
                } else {
                    other += 1
                }
            }
            // What has grown may be near others now.
            index = hasGrown ? 0 : index + 1
        }
    }

    /// Makes bands of a window wherever that is cheaper.
    private mutating func splitIntoBands(_ windowPixels: Int) {
        candidate.removeAll(keepingCapacity: true)
        for window in windows {
            pieces.removeAll(keepingCapacity: true)
            let cost = bands.cover(
                runs(of: window), columns: window.x..<window.endX, windowPixels: windowPixels, into: &pieces)
            if cost < window.pixelCount + windowPixels {
                candidate.append(contentsOf: pieces)
            } else {
                candidate.append(window)
            }
        }
        swap(&windows, &candidate)
    }

    /// The runs in a window's rows, by bisection.
    private func runs(of window: Span) -> ArraySlice<ChangedRuns.Run> {
        let first = firstRun(atOrBelow: window.y)
        return changes.runs[first..<max(first, firstRun(atOrBelow: window.endY))]
    }

    private func firstRun(atOrBelow y: Int32) -> Int {
        var (low, high) = (0, changes.runs.count)
        while low < high {
            let middle = (low + high) / 2
            if changes.runs[middle].y < y { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
