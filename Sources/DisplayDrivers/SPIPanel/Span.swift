/// A rectangle of pixels that is sent with one window, whose last row may end early.
package struct Span: Sendable, Equatable {
    package var x: Int32
    package var y: Int32
    /// One past the last column of all rows but the last.
    package var endX: Int32
    /// One past the last row.
    package var endY: Int32
    /// One past the last column of the last row.
    package var lastEndX: Int32

    package init(x: Int32, y: Int32, endX: Int32, endY: Int32, lastEndX: Int32) {
        (self.x, self.y, self.endX, self.endY, self.lastEndX) = (x, y, endX, endY, lastEndX)
    }

    package var width: Int { Int(endX - x) }
    package var height: Int { Int(endY - y) }

    /// Pixels that are sent.
    package var pixelCount: Int { width * (height - 1) + Int(lastEndX - x) }

    /// The smallest that covers both; of two that end with the same row, the last row ends where the further one does.
    func union(_ other: Span) -> Span {
        let last =
            endY > other.endY ? lastEndX : endY < other.endY ? other.lastEndX : max(lastEndX, other.lastEndX)
        return Span(
            x: min(x, other.x), y: min(y, other.y), endX: max(endX, other.endX), endY: max(endY, other.endY),
            lastEndX: last)
    }
}
