import Frames
import Lettering
import LinuxSystem

/// A canvas of its own memory, and what is on it.
struct Sheet {
    static let paper: UInt32 = 0x0020_2020
    let layout: FrameLayout
    var pixels: [UInt32]

    init(_ width: Int, _ height: Int, format: PixelFormat = .xrgb8888) {
        layout = FrameLayout(format: format, size: PixelSize(width: width, height: height), stride: 4 * width)
        pixels = [UInt32](repeating: format == .argb8888 ? 0 : Self.paper, count: width * height)
    }

    init(_ frame: Frame) {
        self.init(frame.size.width, frame.size.height, format: frame.layout.format)
        frame.withPixels { bytes in
            for y in 0..<frame.size.height {
                for x in 0..<frame.size.width {
                    pixels[y * frame.size.width + x] = bytes.load(
                        fromByteOffset: y * frame.layout.stride + 4 * x, as: UInt32.self)
                }
            }
        }
    }

    mutating func draw(_ body: (Canvas) throws -> Void) rethrows {
        try pixels.withUnsafeMutableBytes { try body(Canvas($0, layout: layout)) }
    }

    /// Without the unused byte.
    subscript(x: Int, y: Int) -> UInt32 { pixels[y * layout.size.width + x] & 0xFF_FFFF }

    func alpha(_ x: Int, _ y: Int) -> UInt32 { pixels[y * layout.size.width + x] >> 24 }

    /// The smallest rectangle around all ink.
    var inked: PixelRectangle {
        var result = PixelRectangle(x: 0, y: 0, width: 0, height: 0)
        for y in 0..<layout.size.height {
            for x in 0..<layout.size.width where isInked(x, y) {
                result = result.union(PixelRectangle(x: x, y: y, width: 1, height: 1))
            }
        }
        return result
    }

    private func isInked(_ x: Int, _ y: Int) -> Bool {
        layout.format == .argb8888 ? alpha(x, y) > 0 : self[x, y] != Self.paper
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
