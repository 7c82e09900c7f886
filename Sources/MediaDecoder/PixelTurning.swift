import Frames

/// Turning and mirroring of 32-bit pixels.
enum PixelTurning {
    /// Turns rows into columns, four by four in registers.
    ///
    /// Best for few rows that lie in a cache, and a multiple of 16: each row of the target then gets whole cache lines, one
    /// after the other, and is never read.
    ///
    /// - Parameters:
    ///   - size: of the source; the target is as wide as it is high.
    ///   - mirroringX: the target's rows come from the source's columns, the last first.
    ///   - mirroringY: the target's columns come from the source's rows, the last first.
    static func transpose(
        _ source: UnsafeRawPointer, from size: PixelSize, stride: Int, into target: UnsafeMutableRawPointer,
        stride targetStride: Int, mirroringX: Bool, mirroringY: Bool
    ) {
        let rowStep = mirroringY ? 0 &- stride : stride
        let firstRow = mirroringY ? source + (size.height - 1) * stride : source
        let lineStep = mirroringX ? 0 &- targetStride : targetStride
        let firstLine = mirroringX ? target + (size.width - 1) * targetStride : target
        let wholeColumns = size.width & ~3
        let wholeRows = size.height & ~3
        var column = 0
        while column < wholeColumns {
            let line = firstLine + column &* lineStep
            var read = firstRow + column &* 4
            var row = 0
            while row < wholeRows {
                square(read, rowStep, into: line + row &* 4, lineStep)
                read += rowStep &* 4
                row &+= 4
            }
            column &+= 4
        }
        // What is left on the right and below.
        for column in 0..<size.width {
            let line = firstLine + column &* lineStep
            var row = column < wholeColumns ? wholeRows : 0
            while row < size.height {
                let pixel = (firstRow + row &* rowStep + column &* 4).load(as: UInt32.self)
                (line + row &* 4).storeBytes(of: pixel, as: UInt32.self)
                row &+= 1
            }
        }
    }

    /// Four pixels of four rows.
    @inline(__always)
    private static func square(
        _ source: UnsafeRawPointer, _ stride: Int, into target: UnsafeMutableRawPointer, _ targetStride: Int
    ) {
        let a = source.loadUnaligned(as: SIMD4<UInt32>.self)
        let b = (source + stride).loadUnaligned(as: SIMD4<UInt32>.self)
        let c = (source + 2 &* stride).loadUnaligned(as: SIMD4<UInt32>.self)
        let d = (source + 3 &* stride).loadUnaligned(as: SIMD4<UInt32>.self)
        // The compiler makes interleaving instructions of these.
        target.storeBytes(of: SIMD4(a[0], b[0], c[0], d[0]), as: SIMD4<UInt32>.self)
        (target + targetStride).storeBytes(of: SIMD4(a[1], b[1], c[1], d[1]), as: SIMD4<UInt32>.self)
        (target + 2 &* targetStride).storeBytes(of: SIMD4(a[2], b[2], c[2], d[2]), as: SIMD4<UInt32>.self)
        (target + 3 &* targetStride).storeBytes(of: SIMD4(a[3], b[3], c[3], d[3]), as: SIMD4<UInt32>.self)
    }

    /// Copies a row from right to left.
    static func mirror(_ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer, count: Int) {
        let read = source.assumingMemoryBound(to: UInt32.self)
        let write = target.assumingMemoryBound(to: UInt32.self)
        for index in 0..<count { write[index] = read[count &- 1 &- index] }
    }
}
