/// A picture of dots that are lit or not, kept as OLED controllers keep it: bytes of eight dots one below the other, the
/// uppermost in the lowest bit, in pages of eight rows.
public struct OneBitPicture: Sendable, Equatable {
    public let width: Int
    /// A multiple of 8.
    public let height: Int
    /// Page by page, each from left to right.
    public private(set) var bytes: [UInt8]

    /// All dark.
    public init(width: Int, height: Int) {
        precondition(width > 0 && height > 0 && height % 8 == 0, "pages have eight rows")
        (self.width, self.height) = (width, height)
        bytes = [UInt8](repeating: 0, count: width * height / 8)
    }

    public var pageCount: Int { height / 8 }

    /// One byte of a page.
    public subscript(page page: Int, column column: Int) -> UInt8 { bytes[page * width + column] }

    public subscript(x: Int, y: Int) -> Bool {
        get { bytes[y / 8 * width + x] >> UInt8(y % 8) & 1 == 1 }
        set {
            let bit = UInt8(1) << UInt8(y % 8)
            if newValue { bytes[y / 8 * width + x] |= bit } else { bytes[y / 8 * width + x] &= ~bit }
        }
    }

    /// How many dots are lit.
    public var litCount: Int { bytes.reduce(0) { $0 + $1.nonzeroBitCount } }
}
