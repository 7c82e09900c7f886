/// How pixels go over the wire, most significant byte first.
public enum WireFormat: Sendable, Equatable, CaseIterable {
    /// Two bytes: five bits of red, six of green, five of blue.
    case rgb565
    /// Three bytes: red, green, blue, each in the upper six bits.
    case rgb666

    public var bytesPerPixel: Int { self == .rgb565 ? 2 : 3 }

    /// Interface pixel format (COLMOD, 3Ah), for the RGB and the MCU side alike.
    var code: UInt8 { self == .rgb565 ? 0x55 : 0x66 }
}

/// Eight bits for each colour as five or six, with ordered dithering: `(value × levels + threshold) / 255`, where the
/// threshold depends on the pixel's place alone. So a pixel that stays the same stays the same on the wire, black and
/// white are exact, and the mean of an area is its colour.
package enum Dithering {
    /// Bayer's 4×4 order, by row and column modulo 4.
    static let order: [[UInt32]] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]

    /// The thresholds of sixteen evenly spread steps within 0..<255.
    package static func threshold(x: Int, y: Int) -> UInt32 { order[y & 3][x & 3] * 16 + 7 }

    /// `sum / 255`, whole part, for sums below 65,535.
    @inline(__always)
    private static func by255(_ sum: UInt32) -> UInt32 { (sum &+ 1 &+ (sum &>> 8)) &>> 8 }

    @inline(__always)
    private static func five(_ value: UInt32, _ threshold: UInt32) -> UInt32 {
        by255((value &<< 5) &- value &+ threshold)
    }

    @inline(__always)
    private static func six(_ value: UInt32, _ threshold: UInt32) -> UInt32 {
        by255((value &<< 6) &- value &+ threshold)
    }

    /// - Parameters:
    ///   - source: pixels 0xXXRRGGBB.
    ///   - thresholds: of the same columns, in their row.
    package static func rgb565(
        _ source: UnsafePointer<UInt32>, thresholds: UnsafePointer<UInt32>, into target: UnsafeMutablePointer<UInt16>,
        count: Int
    ) {
        for index in 0..<count {
            let pixel = source[index]
            let threshold = thresholds[index]
            let red = five((pixel &>> 16) & 0xFF, threshold)
            let green = six((pixel &>> 8) & 0xFF, threshold)
            let blue = five(pixel & 0xFF, threshold)
            let word = red &<< 11 | green &<< 5 | blue
            target[index] = UInt16(truncatingIfNeeded: (word &>> 8) | (word &<< 8)).littleEndian
        }
    }

    package static func rgb666(
        _ source: UnsafePointer<UInt32>, thresholds: UnsafePointer<UInt32>, into target: UnsafeMutablePointer<UInt8>,
        count: Int
    ) {
        for index in 0..<count {
            let pixel = source[index]
            let threshold = thresholds[index]
            target[3 &* index] = UInt8(truncatingIfNeeded: six((pixel &>> 16) & 0xFF, threshold) &<< 2)
            target[3 &* index &+ 1] = UInt8(truncatingIfNeeded: six((pixel &>> 8) & 0xFF, threshold) &<< 2)
            target[3 &* index &+ 2] = UInt8(truncatingIfNeeded: six(pixel & 0xFF, threshold) &<< 2)
        }
    }
}
