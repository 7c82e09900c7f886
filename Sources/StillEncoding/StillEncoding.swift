public import Frames

/// Writes pictures as files: for those who watch the screen, and for thumbnails. Reading is the decoder's alone.
public enum StillEncoding {
    /// A PNG of packed pixels (xrgb8888 or argb8888, whose unused or alpha byte is dropped).
    public static func png(_ pixels: UnsafeRawBufferPointer, layout: FrameLayout) throws(StillEncodingError) -> [UInt8] {
        throw .failed(reason: "not written yet")
    }

    /// A baseline JPEG, 4:2:0, of packed pixels. `quality` from 1 to 100.
    public static func jpeg(
        _ pixels: UnsafeRawBufferPointer, layout: FrameLayout, quality: Int
    ) throws(StillEncodingError) -> [UInt8] {
        throw .failed(reason: "not written yet")
    }
}

public enum StillEncodingError: Error, Sendable, Equatable {
    /// This layout cannot be written.
    case unsupported(PixelFormat)
    /// The library failed, mostly for want of memory.
    case failed(reason: String)
}
