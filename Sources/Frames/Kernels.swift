/// The loops over pixels. Plain and without branches, with arithmetic that cannot overflow, so that the compiler makes
/// SIMD code of them; pointers because the bounds were settled before. Pixels are 32-bit words 0xAARRGGBB.
enum Kernels {
    /// `value / 255` rounded to the nearest, for products of two bytes.
    @inline(__always)
    private static func dividedBy255(_ value: UInt32) -> UInt32 {
        let rounded = value &+ 128
        return (rounded &+ (rounded &>> 8)) &>> 8
    }

    /// The same for two values at once, in the lower and the upper half of a word.
    @inline(__always)
    private static func pairDividedBy255(_ value: UInt32) -> UInt32 {
        let rounded = value &+ 0x0080_0080
        return ((rounded &+ ((rounded &>> 8) & 0x00FF_00FF)) &>> 8) & 0x00FF_00FF
    }

    /// Mixes opaque pixels into others, all channels by one alpha. `count` is in bytes.
    static func mix(
        _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, count: Int, alpha: UInt8
    ) {
        let alpha = UInt16(alpha)
        let rest = 255 &- alpha
        for index in 0..<count {
            let sum = UInt16(source[index]) &* alpha &+ UInt16(target[index]) &* rest &+ 128
            target[index] = UInt8(truncatingIfNeeded: (sum &+ (sum &>> 8)) &>> 8)
        }
    }

    /// Lays pixels with alpha of their own over others.
    static func blend(
        _ source: UnsafePointer<UInt32>, over target: UnsafeMutablePointer<UInt32>, count: Int, alpha: UInt8
    ) {
        let layerAlpha = UInt32(alpha)
        for index in 0..<count {
            let above = source[index]
            let below = target[index]
            let alpha = dividedBy255((above &>> 24) &* layerAlpha)
            let rest = 255 &- alpha
            let redBlue = pairDividedBy255((above & 0x00FF_00FF) &* alpha &+ (below & 0x00FF_00FF) &* rest)
            let green = dividedBy255(((above &>> 8) & 0xFF) &* alpha &+ ((below &>> 8) & 0xFF) &* rest)
            target[index] = redBlue | (green &<< 8)
        }
    }

    /// Lays pixels whose colours are already multiplied by their alpha over others.
    static func blendPremultiplied(
        _ source: UnsafePointer<UInt32>, over target: UnsafeMutablePointer<UInt32>, count: Int, alpha: UInt8
    ) {
        let layerAlpha = UInt32(alpha)
        for index in 0..<count {
            let above = source[index]
            let below = target[index]
            let rest = 255 &- dividedBy255((above &>> 24) &* layerAlpha)
            let redBlue =
                pairDividedBy255((above & 0x00FF_00FF) &* layerAlpha)
                &+ pairDividedBy255((below & 0x00FF_00FF) &* rest)
            let green =
                dividedBy255(((above &>> 8) & 0xFF) &* layerAlpha) &+ dividedBy255(((below &>> 8) & 0xFF) &* rest)
            target[index] = redBlue | (green &<< 8)
        }
    }

    /// Multiplies colours by their alpha.
    static func premultiply(_ source: UnsafePointer<UInt32>, into target: UnsafeMutablePointer<UInt32>, count: Int) {
        for index in 0..<count {
            let pixel = source[index]
            let alpha = pixel &>> 24
            let redBlue = pairDividedBy255((pixel & 0x00FF_00FF) &* alpha)
            let green = dividedBy255(((pixel &>> 8) & 0xFF) &* alpha)
            target[index] = redBlue | (green &<< 8) | (pixel & 0xFF00_0000)
        }
    }

    /// Begins a weighted sum of rows. `count` is in bytes, `weight` at most 256.
    static func weigh(
        _ source: UnsafePointer<UInt8>, into sums: UnsafeMutablePointer<UInt16>, count: Int, weight: UInt16
    ) {
        for index in 0..<count { sums[index] = UInt16(source[index]) &* weight }
    }

    /// Goes on with a weighted sum of rows; all weights together make 256.
    static func addWeighed(
        _ source: UnsafePointer<UInt8>, to sums: UnsafeMutablePointer<UInt16>, count: Int, weight: UInt16
    ) {
        for index in 0..<count { sums[index] = sums[index] &+ UInt16(source[index]) &* weight }
    }

    /// Makes pixels of row sums: each of two neighbouring columns of them.
    ///
    /// - Parameters:
    ///   - columns: for each pixel the first of its two columns.
    ///   - weights: for each pixel the second column's weight, of 256.
    static func interpolate(
        _ sums: UnsafePointer<UInt16>, columns: UnsafePointer<Int32>, weights: UnsafePointer<UInt16>,
        into target: UnsafeMutablePointer<UInt32>, count: Int
    ) {
        for index in 0..<count {
            let pair = sums + 4 &* Int(columns[index])
            let second = UInt32(weights[index])
            let first = 256 &- second
            let blue = UInt32(pair[0]) &* first &+ UInt32(pair[4]) &* second
            let green = UInt32(pair[1]) &* first &+ UInt32(pair[5]) &* second
            let red = UInt32(pair[2]) &* first &+ UInt32(pair[6]) &* second
            let alpha = UInt32(pair[3]) &* first &+ UInt32(pair[7]) &* second
            target[index] = pixel(blue, green, red, alpha)
        }
    }

    /// Makes pixels of row sums: each of a span of columns.
    ///
    /// - Parameters:
    ///   - columns: for each pixel its first column.
    ///   - spans: for each pixel the number of its columns.
    ///   - weights: of all spans one after the other; those of one span together make 256.
    static func average(
        _ sums: UnsafePointer<UInt16>, columns: UnsafePointer<Int32>, spans: UnsafePointer<Int32>,
        weights: UnsafePointer<UInt16>, into target: UnsafeMutablePointer<UInt32>, count: Int
    ) {
        var weight = weights
        for index in 0..<count {
            var column = sums + 4 &* Int(columns[index])
            var (blue, green, red, alpha) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
            for _ in 0..<Int(spans[index]) {
                let share = UInt32(weight.pointee)
                blue = blue &+ UInt32(column[0]) &* share
                green = green &+ UInt32(column[1]) &* share
                red = red &+ UInt32(column[2]) &* share
                alpha = alpha &+ UInt32(column[3]) &* share
                column += 4
                weight += 1
            }
            target[index] = pixel(blue, green, red, alpha)
        }
    }

    /// A pixel of four sums that are 65,536 times the values.
    @inline(__always)
    private static func pixel(_ blue: UInt32, _ green: UInt32, _ red: UInt32, _ alpha: UInt32) -> UInt32 {
        (blue &+ 0x8000) &>> 16 | ((green &+ 0x8000) &>> 16) &<< 8 | ((red &+ 0x8000) &>> 16) &<< 16
            | ((alpha &+ 0x8000) &>> 16) &<< 24
    }
}
