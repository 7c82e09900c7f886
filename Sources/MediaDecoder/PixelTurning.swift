import CFFmpeg
import DecoderProtocol
import Frames

/// Turning and mirroring of 32-bit pixels.
enum PixelTurning {
    /// Rows that are read together fit a first-level cache line by line: 16 pixels are 64 bytes.
    private static let block = 16

    /// Turns rows into columns.
    ///
    /// - Parameters:
    ///   - size: of the source; the target is as wide as it is high.
    ///   - mirroringX: the target's rows come from the source's columns, the last first.
    ///   - mirroringY: the target's columns come from the source's rows, the last first.
    static func transpose(
        _ source: UnsafeRawPointer, from size: PixelSize, stride: Int, into target: UnsafeMutableRawPointer,
        stride targetStride: Int, mirroringX: Bool, mirroringY: Bool
    ) {
        let rowStep = mirroringY ? -stride : stride
        let firstRow = mirroringY ? source + (size.height - 1) * stride : source
        for top in Swift.stride(from: 0, to: size.width, by: block) {
            let bottom = min(top + block, size.width)
            for left in Swift.stride(from: 0, to: size.height, by: block) {
                let right = min(left + block, size.height)
                for y in top..<bottom {
                    let column = (mirroringX ? size.width - 1 - y : y) * 4
                    var read = firstRow + left * rowStep + column
                    var write = target + y * targetStride + left * 4
                    for _ in left..<right {
                        write.storeBytes(of: read.load(as: UInt32.self), as: UInt32.self)
                        read += rowStep
                        write += 4
                    }
                }
            }
        }
    }

    /// Exchanges left and right, in place.
    static func mirrorRows(_ pixels: UnsafeMutableRawPointer, size: PixelSize, stride: Int) {
        for y in 0..<size.height {
            let row = (pixels + y * stride).assumingMemoryBound(to: UInt32.self)
            var pixels = UnsafeMutableBufferPointer(start: row, count: size.width)
            pixels.reverse()
        }
    }
}

/// Pixels that are scaled and still to be turned by 90° or 270°.
final class TurningBuffer {
    let stride: Int
    let pixels: UnsafeMutableRawPointer

    init(size: PixelSize) throws(DecodeFailure) {
        stride = (size.width * 4 + 63) / 64 * 64
        guard let memory = av_malloc(stride * size.height) else { throw .outOfMemory(doing: "turning") }
        pixels = memory
    }

    deinit { av_free(pixels) }

    var target: Scaler.Target { Scaler.Target(first: pixels, stride: stride) }
}
