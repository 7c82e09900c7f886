import CPNG
public import Frames

extension StillEncoding {
    /// A PNG of packed pixels (xrgb8888 or argb8888, whose unused or alpha byte is dropped).
    public static func png(_ pixels: UnsafeRawBufferPointer, layout: FrameLayout) throws(StillEncodingError) -> [UInt8]
    {
        try check(pixels, layout: layout)
        var output = EncodedBytes()
        var message = [CChar](repeating: 0, count: Int(VITRINE_PNG_MESSAGE_SIZE))
        let outcome = withUnsafeMutablePointer(to: &output) { output in
            vitrine_png_write(
                pixels.baseAddress?.assumingMemoryBound(to: UInt8.self), layout.stride, UInt32(layout.size.width),
                UInt32(layout.size.height),
                EncodedBytes.append, output, &message)
        }
        guard outcome == 0 else { throw .failed(reason: "libpng: \(String(message: message))") }
        return output.bytes
    }
}
