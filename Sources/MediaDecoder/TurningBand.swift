import CFFmpeg
import DecoderProtocol
import Frames

/// Scaled rows that go into a frame turned or mirrored: a few at a time, which stay in the processor's cache until they are
/// written, so that turning costs neither a second picture nor its memory traffic.
final class TurningBand {
    /// Pixels of a cache line: as many rows are turned together, or a multiple.
    private static let group = 16
    /// Rows that are asked for at a time, so that few pages of the target are touched for each pixel.
    private static let rows = 32

    /// Of the picture before it is turned.
    private let size: PixelSize
    private let orientation: Orientation
    private let stride: Int
    private let capacity: Int
    private let pixels: UnsafeMutableRawPointer
    /// Rows that came, and those of them that have not been written yet: the last.
    private var received = 0
    private var waiting = 0

    /// Source rows that may be scaled at a time: what they yield has room here.
    let sourceRows: Int

    /// - Parameters:
    ///   - size: what scaling yields.
    ///   - sourceHeight: how many rows that is made of.
    init(size: PixelSize, sourceHeight: Int, orientation: Orientation) throws(DecodeFailure) {
        self.size = size
        self.orientation = orientation
        (sourceRows, capacity) = Self.plan(size: size, sourceHeight: sourceHeight)
        stride = Self.stride(size)
        guard let memory = av_malloc(stride * capacity) else { throw .outOfMemory(doing: "turning") }
        pixels = memory
    }

    deinit { av_free(pixels) }

    static func byteCount(size: PixelSize, sourceHeight: Int) -> Int {
        stride(size) * plan(size: size, sourceHeight: sourceHeight).capacity
    }

    /// An odd number of cache lines, so that rows do not compete for the same places of a cache.
    private static func stride(_ size: PixelSize) -> Int { ((size.width * 4 + 63) / 64 | 1) * 64 }

    private static func plan(size: PixelSize, sourceHeight: Int) -> (sourceRows: Int, capacity: Int) {
        let scale = Double(size.height) / Double(max(1, sourceHeight))
        // Whole groups of chroma rows.
        let wanted = Int(min(1_048_576, Double(rows) / scale))
        let sourceRows = max(group, wanted / group * group)
        // The scaler holds rows back until the ones below that its filter needs have come, and gives them with those: two
        // for luma, twice as many for chroma, and not more than that many of its own where it makes the picture smaller.
        let most = Int((Double(sourceRows + 16) * scale).rounded(.up)) + 16
        return (sourceRows, min(size.height, group + most))
    }

    func begin() {
        received = 0
        waiting = 0
    }

    /// Where the scaler is to put its rows. It counts them from the top of the picture.
    var target: Scaler.Target {
        Scaler.Target(first: pixels + (waiting - received) * stride, stride: stride)
    }

    /// Writes what the scaler has put here into the frame, as far as it makes whole groups.
    ///
    /// - Parameter frame: the first pixel.
    func take(_ count: Int, into frame: UnsafeMutableRawPointer, stride frameStride: Int) {
        received += count
        waiting += count
        precondition(waiting <= capacity && received <= size.height, "the scaler gave more rows than it has")
        let ready = received == size.height ? waiting : waiting / Self.group * Self.group
        guard ready > 0 else { return }
        let first = received - waiting
        if orientation.swapsAxes {
            let column = orientation.mirrorsStoredY ? size.height - first - ready : first
            PixelTurning.transpose(
                pixels, from: PixelSize(width: size.width, height: ready), stride: stride, into: frame + column * 4,
                stride: frameStride, mirroringX: orientation.mirrorsStoredX, mirroringY: orientation.mirrorsStoredY)
        } else {
            for row in 0..<ready {
                let line = orientation.mirrorsStoredY ? size.height - 1 - first - row : first + row
                PixelTurning.mirror(pixels + row * stride, into: frame + line * frameStride, count: size.width)
            }
        }
        waiting -= ready
        if waiting > 0 { pixels.copyMemory(from: pixels + ready * stride, byteCount: waiting * stride) }
    }
}
