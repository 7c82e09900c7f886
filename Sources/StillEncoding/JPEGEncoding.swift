import CJPEG
public import Frames

extension StillEncoding {
    /// A baseline JPEG, 4:2:0, of packed pixels (xrgb8888 or argb8888, whose unused or alpha byte is dropped).
    ///
    /// - Parameter quality: from 1 to 100; what is outside is taken as the nearest.
    public static func jpeg(
        _ pixels: UnsafeRawBufferPointer, layout: FrameLayout, quality: Int
    ) throws(StillEncodingError) -> [UInt8] {
        try check(pixels, layout: layout)
        var output = EncodedBytes()
        var message = [CChar](repeating: 0, count: Int(VITRINE_JPEG_MESSAGE_SIZE))
        let outcome = withUnsafeMutablePointer(to: &output) { output in
            vitrine_jpeg_write(
                pixels.baseAddress?.assumingMemoryBound(to: UInt8.self), layout.stride, UInt32(layout.size.width),
                UInt32(layout.size.height), CInt(min(max(quality, 1), 100)),
                EncodedBytes.append, output, &message)
        }
        guard outcome == 0 else { throw .failed(reason: "libjpeg: \(String(message: message))") }
        return output.bytes
    }
}
