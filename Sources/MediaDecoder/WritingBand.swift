import CFFmpeg
import DecoderProtocol
import Frames

/// Scaled rows on their way into a frame, where they do not go straight into it: turned, mirrored, or with other light. A
/// few at a time, which stay in the processor's cache until they are written, so that this costs neither a second picture
/// nor its memory traffic.
final class WritingBand {
    /// Pixels of a cache line: as many rows are turned together, or a multiple.
    private static let group = 16
    /// Rows that are asked for at a time, so that few pages of the target are touched for each pixel.
    private static let rows = 32

    /// Of the picture before it is turned.
    private let size: PixelSize
    private let orientation: Orientation
    /// Makes pixels of three planes, each a third of a row's bytes.
    private let mapper: ToneMapper?
    /// Bytes from one row to the next.
    let stride: Int
    private let capacity: Int
    private let pixels: UnsafeMutableRawPointer
    /// Room for one row.
    private let scratch: UnsafeMutablePointer<UInt32>
    /// Rows that came, and those of them that have not been written yet: the last.
    private var received = 0
    private var waiting = 0

    /// Source rows that may be scaled at a time: what they yield has room here.
    let sourceRows: Int

    /// - Parameters:
    ///   - size: what scaling yields.
    ///   - sourceHeight: how many rows that is made of.
    ///   - light: of what scaling yields: planes for `ToneMapper` where it needs mapping, pixels otherwise.
    init(
        size: PixelSize, sourceHeight: Int, orientation: Orientation, light: SourceLight
    ) throws(DecodeFailure) {
        self.size = size
        self.orientation = orientation
        mapper = light.needsMapping ? ToneMapper(light) : nil
        (sourceRows, capacity) = Self.plan(size: size, sourceHeight: sourceHeight)
        stride = Self.stride(size, light)
        // Behind the rows, one more.
        guard let memory = av_malloc(stride * capacity + size.width * 4) else {
            throw .outOfMemory(doing: "converting")
        }
        pixels = memory
        scratch = (memory + stride * capacity).bindMemory(to: UInt32.self, capacity: size.width)
    }

    deinit { av_free(pixels) }

    /// Whether rows cannot go straight into a frame.
    static func isNeeded(_ orientation: Orientation, _ light: SourceLight) -> Bool {
        orientation.swapsAxes || orientation.mirrorsStoredX || light.needsMapping
    }

    static func byteCount(size: PixelSize, sourceHeight: Int, light: SourceLight) -> Int {
        stride(size, light) * plan(size: size, sourceHeight: sourceHeight).capacity + size.width * 4
    }

    /// Bytes of one plane's row.
    private static func planeStride(_ size: PixelSize) -> Int { (size.width * 2 + 63) / 64 * 64 }

    /// An odd number of cache lines, so that rows do not compete for the same places of a cache.
    private static func stride(_ size: PixelSize, _ light: SourceLight) -> Int {
        let row = light.needsMapping ? 3 * planeStride(size) : size.width * 4
        return ((row + 63) / 64 | 1) * 64
    }

    private static func plan(size: PixelSize, sourceHeight: Int) -> (sourceRows: Int, capacity: Int) {
        let (sourceRows, most) = Scaler.band(of: rows, height: size.height, sourceHeight: sourceHeight)
        return (sourceRows, min(size.height, group + most))
    }

    func begin() {
        received = 0
        waiting = 0
    }

    /// Where the scaler is to put its rows. It counts them from the top of the picture.
    var target: Scaler.Target {
        let first = pixels + (waiting - received) * stride
        let count = mapper == nil ? 1 : 3
        return Scaler.Target(planes: (0..<count).map { (first + $0 * Self.planeStride(size), stride) })
    }

    /// Writes what the scaler has put here into the frame, as far as it makes whole groups.
    ///
    /// - Parameter frame: the first pixel.
    func take(_ count: Int, into frame: UnsafeMutableRawPointer, stride frameStride: Int) {
        received += count
        precondition(waiting + count <= capacity && received <= size.height, "the scaler gave more rows than it has")
        let turns = orientation.swapsAxes
        if turns, let mapper {
            // In place, by way of one row: pixels take less room than planes.
            for row in waiting..<waiting + count {
                map(pixels + row * stride, by: mapper, into: scratch)
                (pixels + row * stride).copyMemory(from: scratch, byteCount: size.width * 4)
            }
        }
        waiting += count
        let ready = received == size.height || !turns ? waiting : waiting / Self.group * Self.group
        guard ready > 0 else { return }
        let first = received - waiting
        if turns {
            let column = orientation.mirrorsStoredY ? size.height - first - ready : first
            PixelTurning.transpose(
                pixels, from: PixelSize(width: size.width, height: ready), stride: stride, into: frame + column * 4,
                stride: frameStride, mirroringX: orientation.mirrorsStoredX, mirroringY: orientation.mirrorsStoredY)
        } else {
            for row in 0..<ready {
                let line = orientation.mirrorsStoredY ? size.height - 1 - first - row : first + row
                write(pixels + row * stride, into: frame + line * frameStride)
            }
        }
        waiting -= ready
        if waiting > 0 { pixels.copyMemory(from: pixels + ready * stride, byteCount: waiting * stride) }
    }

    /// A row that is not turned.
    private func write(_ row: UnsafeMutableRawPointer, into line: UnsafeMutableRawPointer) {
        guard let mapper else {
            PixelTurning.mirror(row, into: line, count: size.width)
            return
        }
        guard orientation.mirrorsStoredX else {
            map(row, by: mapper, into: line.assumingMemoryBound(to: UInt32.self))
            return
        }
        map(row, by: mapper, into: scratch)
        PixelTurning.mirror(scratch, into: line, count: size.width)
    }

    private func map(
        _ row: UnsafeMutableRawPointer, by mapper: ToneMapper, into line: UnsafeMutablePointer<UInt32>
    ) {
        let step = Self.planeStride(size)
        mapper.map(
            green: UnsafePointer(row.assumingMemoryBound(to: UInt16.self)),
            blue: UnsafePointer((row + step).assumingMemoryBound(to: UInt16.self)),
            red: UnsafePointer((row + 2 * step).assumingMemoryBound(to: UInt16.self)), into: line, count: size.width)
    }
}
