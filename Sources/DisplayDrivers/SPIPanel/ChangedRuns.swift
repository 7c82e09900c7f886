/// What differs between two pictures, as runs of columns in rows, top to bottom and left to right. Keeps its memory from
/// frame to frame.
package struct ChangedRuns {
    package struct Run: Equatable {
        var y: Int32
        var x: Int32
        var endX: Int32
    }

    /// Gaps of so many equal pixels are no gaps: no window is cheaper than the eleven bytes that open it.
    static let closedGap = 4

    package private(set) var runs: [Run] = []
    /// Pixels that differ.
    package private(set) var changedCount = 0

    package init() {}

    /// Looks at rows of packed pixels.
    ///
    /// - Parameters:
    ///   - rows: which rows are looked at; nothing else has changed.
    ///   - width: pixels of a row.
    ///   - bytesPerPixel: 2 or 3.
    package mutating func find(
        _ new: UnsafeRawPointer, _ old: UnsafeRawPointer, rows: Range<Int>, width: Int, bytesPerPixel: Int
    ) {
        runs.removeAll(keepingCapacity: true)
        changedCount = 0
        let stride = width * bytesPerPixel
        for y in rows {
            row(new + y * stride, old + y * stride, y: Int32(y), width: width, bytesPerPixel: bytesPerPixel)
        }
    }

    private mutating func row(
        _ new: UnsafeRawPointer, _ old: UnsafeRawPointer, y: Int32, width: Int, bytesPerPixel: Int
    ) {
        let end = width &* bytesPerPixel
        var byte = 0
        var open = Run(y: y, x: -1, endX: -1)
        while byte < end {
            // Equal stretches go by eight bytes at a time.
            while byte &+ 8 <= end,
                new.loadUnaligned(fromByteOffset: byte, as: UInt64.self)
                    == old.loadUnaligned(fromByteOffset: byte, as: UInt64.self)
            {
                byte &+= 8
            }
            while byte < end,
                new.load(fromByteOffset: byte, as: UInt8.self) == old.load(fromByteOffset: byte, as: UInt8.self)
            {
                byte &+= 1
            }
            guard byte < end else { break }
            let first = byte / bytesPerPixel
            var pixel = first &+ 1
            // Different stretches go pixel by pixel.
            while pixel < width, Self.differs(new, old, at: pixel &* bytesPerPixel, bytesPerPixel) { pixel &+= 1 }
            changedCount &+= pixel &- first
            if open.x >= 0, first &- Int(open.endX) <= Self.closedGap {
                open.endX = Int32(truncatingIfNeeded: pixel)
            } else {
                if open.x >= 0 { runs.append(open) }
                open.x = Int32(truncatingIfNeeded: first)
                open.endX = Int32(truncatingIfNeeded: pixel)
            }
            byte = pixel &* bytesPerPixel
        }
        if open.x >= 0 { runs.append(open) }
    }

    @inline(__always)
    private static func differs(
        _ new: UnsafeRawPointer, _ old: UnsafeRawPointer, at byte: Int, _ bytesPerPixel: Int
    ) -> Bool {
        new.loadUnaligned(fromByteOffset: byte, as: UInt16.self)
            != old.loadUnaligned(fromByteOffset: byte, as: UInt16.self)
            || bytesPerPixel == 3
                && new.load(fromByteOffset: byte &+ 2, as: UInt8.self)
                    != old.load(fromByteOffset: byte &+ 2, as: UInt8.self)
    }
}
