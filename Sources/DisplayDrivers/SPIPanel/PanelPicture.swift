package import Frames

/// The picture of a panel in the wire's format: what the panel shows, and what it is to show next. All memory is taken
/// once.
package final class PanelPicture {
    package let size: PixelSize
    package let format: WireFormat
    /// Windows that bring the panel from what it shows to the scene that was drawn last.
    package private(set) var plan = SpanPlan()

    private let stride: Int
    private let shown: UnsafeMutableRawBufferPointer
    private let next: UnsafeMutableRawBufferPointer
    /// The pixels of a window without those beside it.
    private let gathered: UnsafeMutableRawBufferPointer
    /// One row of 32-bit pixels.
    private let row: UnsafeMutablePointer<UInt32>
    /// The dither thresholds of four rows.
    private let thresholds: UnsafeMutablePointer<UInt32>
    /// 32-bit pixels of a scene that does not compose row by row.
    private var composed: UnsafeMutableRawBufferPointer?
    private let composedLayout: FrameLayout
    /// What lies in `next`; nil: the panel's memory was cleared.
    private var drawn: Scene?
    /// The rows in which `next` may differ from `shown`.
    private var stale: Range<Int> = 0..<0

    package init(size: PixelSize, format: WireFormat) {
        (self.size, self.format) = (size, format)
        stride = size.width * format.bytesPerPixel
        func memory() -> UnsafeMutableRawBufferPointer { .zeroed(size.height * size.width * format.bytesPerPixel) }
        (shown, next, gathered) = (memory(), memory(), memory())
        row = .allocate(capacity: size.width)
        row.initialize(repeating: 0, count: size.width)
        thresholds = .allocate(capacity: 4 * size.width)
        for y in 0..<4 {
            for x in 0..<size.width {
                (thresholds + y * size.width + x).initialize(to: Dithering.threshold(x: x, y: y))
            }
        }
        composedLayout = FrameLayout(packed: .xrgb8888, size: size)
    }

    deinit {
        shown.deallocate()
        next.deallocate()
        gathered.deallocate()
        row.deallocate()
        thresholds.deallocate()
        composed?.deallocate()
    }

    /// All of it, black: what the panel's memory is filled with when it is opened.
    package var blackBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(shown) }

    /// Draws a scene, where it differs from the one drawn before. The panel still shows what it did.
    package func draw(_ scene: Scene) {
        drawChanges(from: drawn ?? .black, to: scene)
        drawn = scene
    }

    /// Plans what is sent, at the cost that a window has now.
    package func makePlan(windowPixels: Int) {
        guard let new = next.baseAddress, let old = shown.baseAddress else { return }
        plan.plan(
            new, old, rows: stale, width: size.width, bytesPerPixel: format.bytesPerPixel, windowPixels: windowPixels)
    }

    /// What is to be shown and what is, in the wire's format, all rows without a gap.
    package var wire: (next: UnsafeRawBufferPointer, shown: UnsafeRawBufferPointer) {
        (UnsafeRawBufferPointer(next), UnsafeRawBufferPointer(shown))
    }

    /// The pixels of a window, one after the other; valid until the next call.
    package func pixels(of window: Span) -> UnsafeRawBufferPointer {
        let pixel = format.bytesPerPixel
        let first = Int(window.y) * stride + Int(window.x) * pixel
        let count = window.pixelCount * pixel
        if window.width == size.width || window.height == 1 {
            return UnsafeRawBufferPointer(rebasing: next[first..<first + count])
        }
        copy(window, from: next, at: first, to: gathered, at: 0, stride: window.width * pixel)
        return UnsafeRawBufferPointer(rebasing: gathered[0..<count])
    }

    /// The panel shows what was planned.
    package func sent() {
        for window in plan.windows {
            let first = Int(window.y) * stride + Int(window.x) * format.bytesPerPixel
            copy(window, from: next, at: first, to: shown, at: first, stride: stride)
        }
        stale = 0..<0
    }

    /// Holds no frame any more.
    package func forget() { drawn = nil }

    private func copy(
        _ window: Span, from source: UnsafeMutableRawBufferPointer, at first: Int,
        to target: UnsafeMutableRawBufferPointer, at start: Int, stride targetStride: Int
    ) {
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        let pixel = format.bytesPerPixel
        for index in 0..<window.height {
            let endX = index == window.height - 1 ? window.lastEndX : window.endX
            (target + start + index * targetStride).copyMemory(
                from: source + first + index * stride, byteCount: Int(endX - window.x) * pixel)
        }
    }

    private func draw(_ scene: Scene, _ changed: PixelRectangle) {
        let area = changed.intersection(PixelRectangle(size))
        guard !area.isEmpty else { return }
        stale =
            stale.isEmpty
            ? area.y..<area.maxY : min(stale.lowerBound, area.y)..<max(stale.upperBound, area.maxY)
        if Compositor.composesByRow(scene) {
            for y in area.y..<area.maxY {
                Compositor.composeRow(scene, y: y, columns: area.x..<area.maxX, into: row)
                convert(row, x: area.x, y: y, count: area.width)
            }
            return
        }
        let pixels = composed ?? .zeroed(composedLayout.byteCount)
        composed = pixels
        Compositor.compose(scene, screen: size, into: pixels, layout: composedLayout, clip: area)
        guard let base = pixels.baseAddress else { return }
        for y in area.y..<area.maxY {
            let row = (base + composedLayout.stride * y).assumingMemoryBound(to: UInt32.self)
            convert(row + area.x, x: area.x, y: y, count: area.width)
        }
    }

    private func convert(_ pixels: UnsafePointer<UInt32>, x: Int, y: Int, count: Int) {
        guard let base = next.baseAddress else { return }
        let target = base + stride * y + format.bytesPerPixel * x
        let thresholds = UnsafePointer(thresholds + (y & 3) * size.width + x)
        switch format {
        case .rgb565:
            Dithering.rgb565(
                pixels, thresholds: thresholds, into: target.assumingMemoryBound(to: UInt16.self), count: count)
        case .rgb666:
            Dithering.rgb666(
                pixels, thresholds: thresholds, into: target.assumingMemoryBound(to: UInt8.self), count: count)
        }
    }
}

extension PanelPicture {
    /// Draws where two scenes can differ. `Damage` says the same; this needs no memory as long as the number of layers
    /// stays, as it does from frame to frame of a video, and through a crossfade.
    private func drawChanges(from old: Scene, to new: Scene) {
        guard old.layers.count == new.layers.count else {
            for area in Damage.between(old, new).rectangles { draw(new, area) }
            return
        }
        var whole = PixelRectangle(x: 0, y: 0, width: 0, height: 0)
        var pixels = 0
        for index in new.layers.indices where !old.layers[index].isShown(as: new.layers[index]) {
            let (before, after) = (old.layers[index].area, new.layers[index].area)
            whole = whole.union(before).union(after)
            pixels += before.size.pixelCount + after.size.pixelCount
        }
        guard whole.size.pixelCount > pixels else { return draw(new, whole) }
        for index in new.layers.indices where !old.layers[index].isShown(as: new.layers[index]) {
            draw(new, old.layers[index].area)
            draw(new, new.layers[index].area)
        }
    }
}

extension Layer {
    /// Where it can be seen; empty when it cannot.
    fileprivate var area: PixelRectangle {
        alpha > 0 ? destination : PixelRectangle(x: 0, y: 0, width: 0, height: 0)
    }

    fileprivate func isShown(as other: Layer) -> Bool {
        frame === other.frame && source == other.source && destination == other.destination && alpha == other.alpha
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate static func zeroed(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        let memory = allocate(byteCount: byteCount, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        return memory
    }
}
