public import LinuxSystem
import Synchronization
public import SystemPackage

/// Memory that holds one picture and can be lent to a decoder: a memfd, or what a display reads by itself.
///
/// The object says nothing about what is in it; `Frame` does.
public final class FrameBuffer: Sendable {
    /// Number by which both ends of a lending call it; unique in this process.
    public let id: UInt32
    public let memory: MemoryFile
    /// nil: *cpuReadable*, as what is composed, cached or watched must be.
    public let scanout: (any ScanoutMemory)?

    public init(id: UInt32, memory: MemoryFile, scanout: (any ScanoutMemory)? = nil) {
        self.id = id
        self.memory = memory
        self.scanout = scanout
    }

    /// The same for a number that another buffer had, of which nobody knows any more.
    public convenience init(id: UInt32, name: String, byteCount: Int) throws(Errno) {
        self.init(id: id, memory: try MemoryFile(name: name, byteCount: byteCount))
    }

    /// Allocates a zeroed buffer with an id that no other made in this way has. Throws when there is no memory for it.
    public convenience init(name: String, byteCount: Int) throws(Errno) {
        self.init(
            id: Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue,
            memory: try MemoryFile(name: name, byteCount: byteCount))
    }

    private static let lastID = Atomic<UInt32>(0)
}

/// A finished picture in a buffer. Its pixels do not change as long as the frame is referenced;
/// when the last reference goes, `onRelease` gives the buffer back to whoever lent it.
public final class Frame: Sendable {
    public let buffer: FrameBuffer
    public let layout: FrameLayout
    private let onRelease: (@Sendable (FrameBuffer) -> Void)?

    /// - Parameter layout: must be valid for the buffer; what a decoder says is checked with `FrameLayout.isValid` first.
    public init(buffer: FrameBuffer, layout: FrameLayout, onRelease: (@Sendable (FrameBuffer) -> Void)? = nil) {
        precondition(layout.isValid(byteCount: buffer.memory.byteCount), "the layout does not fit the buffer")
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
