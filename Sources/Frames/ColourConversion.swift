/// Rows of other formats as xrgb8888.
enum ColourConversion {
    static func rgb565(_ source: UnsafePointer<UInt16>, into target: UnsafeMutablePointer<UInt32>, count: Int) {
        for index in 0..<count {
            let pixel = UInt32(source[index])
            let red = pixel &>> 11
            let green = (pixel &>> 5) & 0x3F
            let blue = pixel & 0x1F
            target[index] =
                (red &<< 3 | red &>> 2) &<< 16 | (green &<< 2 | green &>> 4) &<< 8 | (blue &<< 3 | blue &>> 2)
        }
    }

    /// One row of Y with its chroma, each sample of which serves two pixels.
    ///
    /// - Parameters:
    ///   - first: index of the first pixel in the row; `target` begins with it.
    ///   - step: bytes from one U (or V) to the next: 1 in planes, 2 when they alternate.
    static func yuv(
        _ luma: UnsafePointer<UInt8>, _ u: UnsafePointer<UInt8>, _ v: UnsafePointer<UInt8>, step: Int, first: Int,
        by factors: ColourFactors, into target: UnsafeMutablePointer<UInt32>, count: Int
    ) {
        for index in 0..<count {
            let column = first &+ index
            let chroma = (column &>> 1) &* step
            let y = factors.luma &* (Int32(luma[column]) &- factors.black) &+ 128
            let u = Int32(u[chroma]) &- 128
            let v = Int32(v[chroma]) &- 128
            let red = clamped((y &+ factors.redOfV &* v) &>> 8)
            let green = clamped((y &- factors.greenOfU &* u &- factors.greenOfV &* v) &>> 8)
            let blue = clamped((y &+ factors.blueOfU &* u) &>> 8)
            target[index] = red &<< 16 | green &<< 8 | blue
        }
    }

    @inline(__always)
    private static func clamped(_ value: Int32) -> UInt32 { UInt32(truncatingIfNeeded: max(0, min(255, value))) }
}
