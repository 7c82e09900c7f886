/// What is sent so that a glass shows another picture: for each run of changed bytes one transfer, which sets page and
/// column and carries the bytes.
struct OLEDUpdate: Equatable {
    /// Changed bytes of one page.
    struct Span: Equatable {
        var page: Int
        var columns: Range<Int>
    }

    /// What a span costs beside its bytes: the address, three commands with a control byte each, and the control byte of
    /// the data. Unchanged bytes between two spans are sent as well when they are fewer.
    static let overhead = 8

    /// - Parameter shown: what the glass shows; nil where nobody knows, and everything is sent.
    static func spans(from shown: OneBitPicture?, to wanted: OneBitPicture) -> [Span] {
        (0..<wanted.pageCount).flatMap { page -> [Span] in
            guard let shown else { return [Span(page: page, columns: 0..<wanted.width)] }
            var spans: [Span] = []
            for column in 0..<wanted.width
            where shown[page: page, column: column] != wanted[page: page, column: column] {
                if let last = spans.last, column - last.columns.upperBound <= overhead {
                    spans[spans.count - 1].columns = last.columns.lowerBound..<(column + 1)
                } else {
                    spans.append(Span(page: page, columns: column..<(column + 1)))
                }
            }
            return spans
        }
    }

    /// The bytes of one transfer. 80h announces one command byte, 40h data to the end (SSD1306 §8.1.5.2).
    static func bytes(_ span: Span, of picture: OneBitPicture, on model: OLEDModel) -> [UInt8] {
        let column = UInt8(span.columns.lowerBound + model.firstColumn)
        let place: [UInt8] = [
            0x80, 0xB0 | UInt8(span.page), 0x80, column & 0x0F, 0x80, 0x10 | column >> 4, 0x40,
        ]
        return place + span.columns.map { picture[page: span.page, column: $0] }
    }
}
