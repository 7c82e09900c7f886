/// How pixels lie in memory. Names and byte order are those of the kernel's drm_fourcc.h (little-endian words).
public enum PixelFormat: UInt8, Sendable, CaseIterable {
    /// 32 bits: blue, green, red, unused, in this order in memory.
    case xrgb8888 = 1
    /// 32 bits: blue, green, red, alpha; colours not multiplied by alpha.
    case argb8888 = 2
    /// 16 bits: red in the upper five, then six of green, five of blue.
    case rgb565 = 3
    /// Three planes: Y, then U and V at half the width and height.
    case yuv420 = 4
    /// Two planes: Y, then interleaved U and V at half the width and height.
    case nv12 = 5

    /// Bytes of one pixel in the first plane.
    public var bytesPerPixel: Int {
        switch self {
        case .xrgb8888, .argb8888: 4
        case .rgb565: 2
        case .yuv420, .nv12: 1
        }
    }

    /// Brightness and colour apart; `FrameLayout.colour` says how.
    public var isYUV: Bool { self == .yuv420 || self == .nv12 }
}
