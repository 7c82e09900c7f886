/// Where the pixels of a picture lie in its buffer.
public struct FrameLayout: Sendable, Hashable {
    public var format: PixelFormat
    public var size: PixelSize
    /// Bytes from one row to the next, at least `size.width * format.bytesPerPixel`.
    public var stride: Int
    /// Bytes from the start of the buffer to the first pixel.
    public var offset: Int
    /// What yuv420 and nv12 mean; of no meaning for other formats.
    public var colour: ColourCoding

    public init(
        format: PixelFormat, size: PixelSize, stride: Int, offset: Int = 0, colour: ColourCoding = .highDefinition
    ) {
        self.format = format
        self.size = size
        self.stride = stride
        self.offset = offset
        self.colour = colour
    }

    /// Rows start at multiples of 64 bytes, a cache line and the widest SIMD store.
    public init(packed format: PixelFormat, size: PixelSize, colour: ColourCoding = .highDefinition) {
        self.init(
            format: format, size: size, stride: (size.width * format.bytesPerPixel + 63) / 64 * 64, colour: colour)
    }

    /// Bytes that a buffer needs, with all planes.
    public var byteCount: Int {
        let first = offset + stride * size.height
        return switch format {
        case .xrgb8888, .argb8888, .rgb565: first
        case .yuv420: first + stride / 2 * 2 * ((size.height + 1) / 2)
        case .nv12: first + stride * ((size.height + 1) / 2)
        }
    }

    /// Where each plane lies: one for packed formats; Y, U, V for yuv420; Y, UV for nv12. They follow each other
    /// without a gap; a row of U or of V has half the stride of Y, a row of UV the same.
    public var planes: [FramePlane] {
        let first = FramePlane(offset: offset, stride: stride, size: size)
        let half = PixelSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2)
        let next = offset + stride * size.height
        switch format {
        case .xrgb8888, .argb8888, .rgb565:
            return [first]
        case .yuv420:
            return [
                first, FramePlane(offset: next, stride: stride / 2, size: half),
                FramePlane(offset: next + stride / 2 * half.height, stride: stride / 2, size: half),
            ]
        case .nv12:
            return [first, FramePlane(offset: next, stride: stride, size: half)]
        }
    }

    /// Whether this makes sense and lies in a buffer of this many bytes, whoever wrote it: sides of 1 to 65,536
    /// pixels, rows long enough, not overlapping, and beginning at a multiple of a pixel's size.
    public func isValid(byteCount available: Int) -> Bool {
        let sides = 1...65_536
        guard sides.contains(size.width), sides.contains(size.height), (0...available).contains(offset) else {
            return false
        }
        // Chroma comes in pairs.
        let columns = format.isYUV ? (size.width + 1) / 2 * 2 : size.width
        let unit = max(2, format.bytesPerPixel)
        guard (columns * format.bytesPerPixel...1 << 24).contains(stride), stride % unit == 0, offset % unit == 0 else {
            return false
        }
        return byteCount <= available
    }
}

/// One plane of a picture.
public struct FramePlane: Sendable, Hashable {
    /// Bytes from the start of the buffer.
    public var offset: Int
    /// Bytes from one row to the next.
    public var stride: Int
    /// In samples of this plane; one of nv12's second plane is a pair of U and V.
    public var size: PixelSize

    public init(offset: Int, stride: Int, size: PixelSize) {
        self.offset = offset
        self.stride = stride
        self.size = size
    }
}
