public import Frames
import LinuxSystem
import Synchronization
import SystemPackage

/// Sets text in the shipped font and draws it. Any thread may use it.
///
/// The libraries' objects are made when they are first needed and stay until `freeResources()`.
public final class Typesetter: Sendable {
    /// The C objects are not for two threads at once: whoever uses them holds the lock.
    private let engine = Mutex<FontEngine?>(nil)

    public init() {}

    /// Sets a paragraph. Line ends and other control characters in it are shown as signs.
    ///
    /// - Parameters:
    ///   - size: pixels of the em square, at least 1.
    ///   - width: pixels that a line may take.
    ///   - maximumLines: what is over is cut off, and "…" says so.
    ///   - isBalanced: makes lines about equally long, where it takes no more of them.
    public func set(
        _ text: String, size: Int, width: Int, maximumLines: Int = 1, isBalanced: Bool = false,
        edges: TextEdges = .smooth
    ) throws(LetteringError) -> TextBlock {
        try withEngine { (engine) throws(LetteringError) in
            try engine.use(size: max(1, size), edges: edges)
            return TextSetting(text, engine: engine)
                .block(
                    size: max(1, size), width: width, maximumLines: maximumLines, isBalanced: isBalanced, edges: edges)
        }
    }

    /// Sets a paragraph in the largest of these sizes in which all of it has room; when there is none, in the smallest,
    /// shortened.
    public func set(
        _ text: String, sizes: ClosedRange<Int>, width: Int, maximumLines: Int = 1, edges: TextEdges = .smooth
    ) throws(LetteringError) -> TextBlock {
        var (low, high) = (sizes.lowerBound, sizes.upperBound)
        var best = try set(text, size: high, width: width, maximumLines: maximumLines, edges: edges)
        if !best.isShortened { return best }
        best = try set(text, size: low, width: width, maximumLines: maximumLines, edges: edges)
        while high - low > 1 {
            let middle = (low + high) / 2
            let block = try set(text, size: middle, width: width, maximumLines: maximumLines, edges: edges)
            if block.isShortened {
                high = middle
            } else {
                low = middle
                best = block
            }
        }
        return best
    }

    /// Draws a block.
    ///
    /// - Parameters:
    ///   - x: left end, in the canvas's pixels.
    ///   - y: top of the first line.
    ///   - width: in which the lines are aligned; nil: the block's own.
    public func draw(
        _ block: TextBlock, x: Int, y: Int, width: Int? = nil, alignment: TextAlignment = .left, colour: Colour,
        on canvas: Canvas
    ) throws(LetteringError) {
        let width = width ?? block.size.width
        let lean = block.fontSize / 8
        let box = PixelRectangle(x: x - lean, y: y, width: width + 2 * lean, height: block.size.height)
        let clip = box.intersection(canvas.bounds)
        guard !clip.isEmpty else { return }
        try withEngine { (engine) throws(LetteringError) in
            try engine.use(size: block.fontSize, edges: block.edges)
            for (index, line) in block.lines.enumerated() {
                let space = Double(width) - line.width
                let left =
                    switch alignment {
                    case .left: 0.0
                    case .centre: (space / 2).rounded(.down)
                    case .right: space
                    }
                let baseline = y + index * block.lineHeight + block.ascent
                for glyph in line.glyphs {
                    engine.draw(
                        glyph.id, x: Double(x) + left + glyph.x, y: Double(baseline) + glyph.y, colour: colour,
                        on: canvas, clip: clip)
                }
            }
        }
    }

    /// A block as a picture of its own, argb8888, to be laid over others: its box with room for what leans out of it.
    public func frame(of block: TextBlock, colour: Colour) throws(LetteringError) -> Frame {
        let lean = block.fontSize / 8
        let size = PixelSize(width: max(1, block.size.width + 2 * lean), height: max(1, block.size.height))
        return try makeFrame(FrameLayout(packed: .argb8888, size: size), name: "text") {
            (canvas) throws(LetteringError) in
            canvas.clear()
            try draw(block, x: lean, y: 0, colour: colour, on: canvas)
        }
    }

    /// Frees what the libraries hold; it is made again when it is needed.
    public func freeResources() {
        engine.withLock { $0 = nil }
    }

    private func withEngine<Result: Sendable>(
        _ body: (FontEngine) throws(LetteringError) -> Result
    ) throws(LetteringError) -> Result {
        try engine.withLock { (current) throws(LetteringError) in
            if let existing = current { return try body(existing) }
            let made = try FontEngine()
            current = made
            return try body(made)
        }
    }
}

/// Paints a frame in a buffer of its own, whose memory goes with the frame.
func makeFrame(
    _ layout: FrameLayout, name: String, paint: (Canvas) throws(LetteringError) -> Void
) throws(LetteringError) -> Frame {
    let buffer: FrameBuffer
    do throws(Errno) {
        buffer = try FrameBuffer(name: name, byteCount: layout.byteCount)
    } catch {
        throw .noMemory(error)
    }
    try buffer.memory.withBytes { (bytes) throws(LetteringError) in
        try paint(
            Canvas(UnsafeMutableRawBufferPointer(rebasing: bytes[layout.offset..<layout.byteCount]), layout: layout))
    }
    return Frame(buffer: buffer, layout: layout)
}
