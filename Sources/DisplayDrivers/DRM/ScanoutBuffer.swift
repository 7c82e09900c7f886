import Frames
import KMS
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A picture that the display hardware can read: a dumb buffer, mapped, with a framebuffer on it. Owned by one output,
/// which must `destroy` it.
final class ScanoutBuffer {
    let layout: FrameLayout
    let framebuffer: UInt32
    private let buffer: KMSDumbBuffer
    let pixels: UnsafeMutableRawBufferPointer
    /// What is drawn in it; nil: nobody knows.
    var scene: Scene?

    /// - Throws: `ENOMEM` when there is no contiguous memory left.
    init(_ format: PixelFormat, size: PixelSize, on device: any KMSDevice) throws(Errno) {
        // The rows of all planes lie one below the other in a buffer as wide as the first.
        let rows =
            switch format {
            case .xrgb8888, .argb8888, .rgb565: size.height
            case .yuv420, .nv12: size.height + (size.height + 1) / 2 + (format == .yuv420 ? 1 : 0)
            }
        let buffer = try device.createDumbBuffer(
            width: (size.width + 1) / 2 * 2, height: rows, bitsPerPixel: 8 * format.bytesPerPixel)
        let layout = FrameLayout(format: format, size: size, stride: buffer.pitch)
        var mapping: UnsafeMutableRawBufferPointer?
        do throws(Errno) {
            guard layout.isValid(byteCount: buffer.byteCount) else { throw .invalidArgument }
            let mapped = try device.map(buffer)
            mapping = mapped
            framebuffer = try device.addFramebuffer(KMSFramebufferLayout(layout, handle: buffer.handle))
            pixels = mapped
        } catch {
            device.destroyDumbBuffer(buffer, mapping: mapping)
            throw error
        }
        self.buffer = buffer
        self.layout = layout
    }

    /// - Parameter keepsFramebuffer: it stays on the glass, and its memory with it, until somebody removes it.
    func destroy(on device: any KMSDevice, keepsFramebuffer: Bool = false) {
        if !keepsFramebuffer { device.removeFramebuffer(framebuffer) }
        device.destroyDumbBuffer(buffer, mapping: pixels)
    }

    /// Writes a frame of the same format and size, once, from the first row to the last.
    func fill(with frame: Frame) {
        let source = frame.layout
        frame.withPixels { bytes in
            guard let from = bytes.baseAddress, let to = pixels.baseAddress else { return }
            for (old, new) in zip(source.planes, layout.planes) {
                let count = new.size.width * (new.offset == 0 ? layout.format.bytesPerPixel : layout.chromaStep)
                let start = from + (old.offset - source.offset)
                for y in 0..<new.size.height {
                    memcpy(to + new.offset + y * new.stride, start + y * old.stride, count)
                }
            }
        }
    }
}

extension KMSFramebufferLayout {
    init(_ layout: FrameLayout, handle: UInt32) {
        let planes = layout.planes
        self.init(
            width: layout.size.width, height: layout.size.height, format: layout.format.fourCC, handle: handle,
            pitches: planes.map(\.stride), offsets: planes.map(\.offset))
    }
}

extension FrameLayout {
    /// Bytes from one sample to the next in the chroma planes.
    fileprivate var chromaStep: Int { format == .nv12 ? 2 : 1 }
}

extension PixelFormat {
    var fourCC: UInt32 {
        switch self {
        case .xrgb8888: KMSFormat.xrgb8888
        case .argb8888: KMSFormat.argb8888
        case .rgb565: KMSFormat.rgb565
        case .yuv420: KMSFormat.yuv420
        case .nv12: KMSFormat.nv12
        }
    }

    init?(fourCC: UInt32) {
        guard let format = PixelFormat.allCases.first(where: { $0.fourCC == fourCC }) else { return nil }
        self = format
    }
}
