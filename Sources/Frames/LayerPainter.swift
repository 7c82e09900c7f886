#if canImport(Glibc)
    import Glibc
#endif

/// One layer of a scene, ready to be painted row by row.
final class LayerPainter {
    /// What shows of the layer, in the picture's pixels; never empty.
    let visible: PixelRectangle
    /// Nothing below it shows where it is.
    let isOpaque: Bool

    private let hasAlpha: Bool
    private let alpha: UInt8
    private let rows: RowReader
    /// What row of the frame the picture's row 0 would be, when the layer is not scaled.
    private let firstRow: Int
    private let scaler: RowScaler?

    /// - Parameters:
    ///   - destination: where the layer goes, in the picture's pixels.
    ///   - clip: what is painted of the picture.
    /// - Returns: nil when nothing of the layer shows.
    init?(_ layer: Layer, destination: PixelRectangle, clip: PixelRectangle) {
        let source = layer.source.intersection(PixelRectangle(layer.frame.size))
        visible = destination.intersection(clip)
        guard layer.alpha > 0, !source.isEmpty, !visible.isEmpty else { return nil }
        hasAlpha = layer.frame.layout.format == .argb8888
        alpha = layer.alpha
        isOpaque = !hasAlpha && alpha == 255
        firstRow = source.y - destination.y
        if source.size == destination.size {
            scaler = nil
            let left = source.x + visible.x - destination.x
            rows = RowReader(layer.frame, columns: left..<left + visible.width, premultiplies: false)
        } else {
            let left = visible.x - destination.x
            let top = visible.y - destination.y
            let across = ScaleAxis(
                source: source.width, target: destination.width, range: left..<left + visible.width)
            let down = ScaleAxis(
                source: source.height, target: destination.height, range: top..<top + visible.height)
            rows = RowReader(
                layer.frame, columns: source.x + across.used.lowerBound..<source.x + across.used.upperBound,
                premultiplies: hasAlpha)
            scaler = RowScaler(across: across, down: down, firstRow: source.y)
        }
    }

    /// Paints one row.
    ///
    /// - Parameters:
    ///   - y: the row of the picture; nothing happens when the layer does not reach it.
    ///   - row: its first pixel.
    func paint(y: Int, row: UnsafeMutablePointer<UInt32>) {
        guard y >= visible.y, y < visible.maxY else { return }
        let target = row + visible.x
        let count = visible.width
        guard let scaler else {
            let source = UnsafeRawPointer(rows.row(firstRow + y))
            if hasAlpha {
                Kernels.blend(source.assumingMemoryBound(to: UInt32.self), over: target, count: count, alpha: alpha)
            } else {
                lay(source, over: target, count: count)
            }
            return
        }
        if isOpaque {
            scaler.scale(rows, row: y - visible.y, into: target)
            return
        }
        scaler.scale(rows, row: y - visible.y, into: scaler.scratch)
        if hasAlpha {
            Kernels.blendPremultiplied(scaler.scratch, over: target, count: count, alpha: alpha)
        } else {
            lay(UnsafeRawPointer(scaler.scratch), over: target, count: count)
        }
    }

    private func lay(_ source: UnsafeRawPointer, over target: UnsafeMutablePointer<UInt32>, count: Int) {
        if alpha == 255 {
            memcpy(target, source, 4 * count)
        } else {
            Kernels.mix(
                source.assumingMemoryBound(to: UInt8.self),
                into: UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt8.self), count: 4 * count,
                alpha: alpha)
        }
    }
}

/// Scales rows: first down, as a weighted sum of rows, then across.
final class RowScaler {
    /// Room for one row of the visible part.
    let scratch: UnsafeMutablePointer<UInt32>

    private let across: ScaleAxis
    private let down: ScaleAxis
    private let firstRow: Int
    private let usedColumns: Int
    /// 256 times the value of each channel; one pixel longer than used, because interpolation touches one more.
    private let sums: UnsafeMutablePointer<UInt16>
    private let columns: [Int32]

    init(across: ScaleAxis, down: ScaleAxis, firstRow: Int) {
        self.across = across
        self.down = down
        self.firstRow = firstRow
        let first = Int32(across.used.lowerBound)
        columns = across.columns.map { $0 - first }
        usedColumns = across.used.count
        sums = .allocate(capacity: 4 * (usedColumns + 1))
        sums.initialize(repeating: 0, count: 4 * (usedColumns + 1))
        scratch = .allocate(capacity: columns.count)
    }

    deinit {
        sums.deallocate()
        scratch.deallocate()
    }

    /// - Parameter row: counted from the first visible one.
    func scale(_ rows: RowReader, row: Int, into target: UnsafeMutablePointer<UInt32>) {
        sum(rows, row: row)
        columns.withUnsafeBufferPointer { columns in
            across.weights.withUnsafeBufferPointer { weights in
                across.spans.withUnsafeBufferPointer { spans in
                    guard let first = columns.baseAddress, let spans = spans.baseAddress,
                        let weights = weights.baseAddress
                    else { return }
                    if across.interpolates {
                        Kernels.interpolate(sums, columns: first, weights: weights, into: target, count: columns.count)
                    } else {
                        Kernels.average(
                            sums, columns: first, spans: spans, weights: weights, into: target, count: columns.count)
                    }
                }
            }
        }
    }

    private func sum(_ rows: RowReader, row: Int) {
        let bytes = 4 * usedColumns
        let first = firstRow + Int(down.columns[row])
        if down.interpolates {
            let second = down.weights[row]
            Kernels.weigh(rows.row(first), into: sums, count: bytes, weight: 256 - second)
            if second > 0 { Kernels.addWeighed(rows.row(first + 1), to: sums, count: bytes, weight: second) }
            return
        }
        let start = down.starts[row]
        Kernels.weigh(rows.row(first), into: sums, count: bytes, weight: down.weights[start])
        for index in 1..<Int(down.spans[row]) where down.weights[start + index] > 0 {
            Kernels.addWeighed(rows.row(first + index), to: sums, count: bytes, weight: down.weights[start + index])
        }
    }
}
