public import LinuxSystem

/// Memory that holds one picture. It is *cpuReadable*: a memfd that can be lent to a decoder.
///
/// The object says nothing about what is in it; `Frame` does.
public final class FrameBuffer: Sendable {
    /// Number by which both ends of a lending call it; unique in this process.
    public let id: UInt32
    public let memory: MemoryFile

    public init(id: UInt32, memory: MemoryFile) {
        self.id = id
        self.memory = memory
    }
}

/// Where the pixels of a packed picture lie in its buffer.
public struct FrameLayout: Sendable, Hashable {
    public var format: PixelFormat
    public var size: PixelSize
    /// Bytes from one row to the next, at least `size.width * format.bytesPerPixel`.
    public var stride: Int
    /// Bytes from the start of the buffer to the first pixel.
    public var offset: Int

    public init(format: PixelFormat, size: PixelSize, stride: Int, offset: Int = 0) {
        self.format = format
        self.size = size
        self.stride = stride
        self.offset = offset
    }

    /// Rows start at multiples of 64 bytes, a cache line and the widest SIMD store.
    public init(packed format: PixelFormat, size: PixelSize) {
        self.init(format: format, size: size, stride: (size.width * format.bytesPerPixel + 63) / 64 * 64)
    }

    /// Bytes that a buffer needs. Packed formats only.
    public var byteCount: Int { offset + stride * size.height }
}

/// A finished picture in a buffer. Its pixels do not change as long as the frame is referenced;
/// when the last reference goes, `onRelease` gives the buffer back to whoever lent it.
public final class Frame: Sendable {
    public let buffer: FrameBuffer
    public let layout: FrameLayout
    private let onRelease: (@Sendable (FrameBuffer) -> Void)?

    public init(buffer: FrameBuffer, layout: FrameLayout, onRelease: (@Sendable (FrameBuffer) -> Void)? = nil) {
        precondition(layout.byteCount <= buffer.memory.byteCount)
        self.buffer = buffer
        self.layout = layout
        self.onRelease = onRelease
    }

    deinit { onRelease?(buffer) }

    public var size: PixelSize { layout.size }

    /// The rows, from the first pixel on: `layout.stride` bytes each.
    public func withPixels<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.memory.withBytes { (bytes) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[layout.offset..<layout.byteCount]))
        }
    }
}
