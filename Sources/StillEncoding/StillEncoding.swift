public import Frames

/// Writes pictures as files: for those who watch the screen, and for thumbnails. Reading is the decoder's alone.
///
/// The pixels start at the first pixel of the first row, as `Frame.withPixels` hands them out; `layout.offset` is not
/// applied again.
public enum StillEncoding {
    /// Throws unless these are packed 32-bit pixels that lie where the layout says.
    static func check(_ pixels: UnsafeRawBufferPointer, layout: FrameLayout) throws(StillEncodingError) {
        switch layout.format {
        case .xrgb8888, .argb8888: break
        case .rgb565, .yuv420, .nv12: throw .unsupported(layout.format)
        }
        let rows = FrameLayout(format: layout.format, size: layout.size, stride: layout.stride)
        guard rows.isValid(byteCount: pixels.count) else {
            throw .failed(
                reason: "a picture of \(layout.size.width)×\(layout.size.height) does not lie in \(pixels.count) bytes")
        }
    }
}

/// Why a picture could not be written.
public enum StillEncodingError: Error, Sendable, Equatable {
    /// This layout cannot be written.
    case unsupported(PixelFormat)
    /// The library failed, mostly for want of memory.
    case failed(reason: String)
}

/// What the C libraries write into: a file that grows.
struct EncodedBytes {
    var bytes: [UInt8] = []

    /// The signature that both shims give to their sinks; `context` points to the `EncodedBytes` of this call.
    static let append: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int) -> Void = {
        (context, bytes, count) in
        guard let context, let bytes else { return }
        context.assumingMemoryBound(to: EncodedBytes.self).pointee.bytes
            .append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
    }
}

extension String {
    /// Words that a C library left in a buffer, up to the zero byte.
    init(message: [CChar]) {
        self.init(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
