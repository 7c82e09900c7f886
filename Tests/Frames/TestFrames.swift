import Frames
import LinuxSystem

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

/// A frame of 32-bit pixels, made by a function of the place.
func frame(
    _ format: PixelFormat, _ width: Int, _ height: Int, offset: Int = 0, pixel: (Int, Int) -> UInt32
) throws -> Frame {
    var layout = FrameLayout(packed: format, size: PixelSize(width: width, height: height))
    layout.offset = offset
    let buffer = try FrameBuffer(name: "test", byteCount: layout.byteCount)
    buffer.memory.withBytes { bytes in
        for y in 0..<height {
            for x in 0..<width {
                bytes.storeBytes(of: pixel(x, y), toByteOffset: offset + y * layout.stride + 4 * x, as: UInt32.self)
            }
        }
    }
    return Frame(buffer: buffer, layout: layout)
}

/// A picture that scenes are composed into. What nobody painted is `untouched`.
struct Canvas {
    static let untouched: UInt32 = 0x00AB_CDEF
    let size: PixelSize
    var pixels: [UInt32]

    init(_ width: Int, _ height: Int) {
        size = PixelSize(width: width, height: height)
        pixels = [UInt32](repeating: Self.untouched, count: width * height)
    }

    /// Without the unused byte.
    subscript(x: Int, y: Int) -> UInt32 { pixels[y * size.width + x] & 0xFF_FFFF }

    var colours: [UInt32] { pixels.map { $0 & 0xFF_FFFF } }

    mutating func compose(_ scene: Scene, screen: PixelSize? = nil, clip: PixelRectangle? = nil) {
        let layout = FrameLayout(format: .xrgb8888, size: size, stride: 4 * size.width)
        let screen = screen ?? size
        pixels.withUnsafeMutableBytes { bytes in
            Compositor.compose(scene, screen: screen, into: bytes, layout: layout, clip: clip)
        }
    }
}

/// Channels of a pixel: blue, green, red, alpha.
func channels(_ pixel: UInt32) -> [Int] { (0..<4).map { Int(pixel >> (8 * $0)) & 0xFF } }
