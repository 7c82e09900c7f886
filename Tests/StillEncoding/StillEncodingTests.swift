import CJPEG
import CPNG
import Frames
import LinuxSystem
import StillEncoding
import Testing

/// Packed pixels with their layout, made by a function of the place.
private struct Picture {
    let layout: FrameLayout
    let bytes: [UInt8]

    init(_ format: PixelFormat, _ width: Int, _ height: Int, stride: Int? = nil, pixel: (Int, Int) -> UInt32) {
        let size = PixelSize(width: width, height: height)
        layout = FrameLayout(format: format, size: size, stride: stride ?? 4 * width)
        var bytes = [UInt8](repeating: 0xA5, count: layout.byteCount)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<4 {
                    bytes[y * layout.stride + 4 * x + channel] = UInt8(
                        truncatingIfNeeded: pixel(x, y) >> (8 * channel))
                }
            }
        }
        self.bytes = bytes
    }

    /// Red, green, blue of each pixel, row by row without gaps.
    var rgb: [UInt8] {
        (0..<layout.size.height).flatMap { y in
            (0..<layout.size.width).flatMap { x in
                let start = y * layout.stride + 4 * x
                return [bytes[start + 2], bytes[start + 1], bytes[start]]
            }
        }
    }
}

private func file(_ bytes: [UInt8]) throws -> MemoryFile {
    let file = try MemoryFile(name: "test", byteCount: bytes.count)
    file.withBytes { $0.copyBytes(from: bytes) }
    return file
}

private func decodedPNG(_ bytes: [UInt8]) throws -> (size: PixelSize, rgb: [UInt8]) {
    let file = try file(bytes)
    let reader = try #require(vitrine_png_open(file.descriptor.rawValue))
    defer { vitrine_png_close(reader) }
    var (width, height, passes) = (UInt32(0), UInt32(0), CInt(0))
    #expect(vitrine_png_start(reader, &width, &height, &passes) == 0)
    var row = [UInt8](repeating: 0, count: 3 * Int(width))
    var rgb: [UInt8] = []
    for _ in 0..<height {
        #expect(vitrine_png_read_row(reader, &row) == 0)
        rgb += row
    }
    return (PixelSize(width: Int(width), height: Int(height)), rgb)
}

private func decodedJPEG(_ bytes: [UInt8]) throws -> (size: PixelSize, rgb: [UInt8], progressive: Bool) {
    let file = try file(bytes)
    let reader = try #require(vitrine_jpeg_open(file.descriptor.rawValue, 64 << 20))
    defer { vitrine_jpeg_close(reader) }
    var header = vitrine_jpeg_header()
    #expect(vitrine_jpeg_read_header(reader, &header) == 0)
    var (width, height) = (CInt(0), CInt(0))
    #expect(vitrine_jpeg_start(reader, 8, &width, &height) == 0)
    var rgb = [UInt8](repeating: 0, count: 3 * Int(width * height))
    var done = 0
    while done < height {
        let count = rgb.withUnsafeMutableBufferPointer { buffer -> Int in
            guard let base = buffer.baseAddress else { return 0 }
            return Int(
                vitrine_jpeg_read_rows(reader, base + 3 * Int(width) * done, 3 * Int(width), height - CInt(done)))
        }
        try #require(count > 0)
        done += count
    }
    return (PixelSize(width: Int(width), height: Int(height)), rgb, header.progressive != 0)
}

@Suite struct StillEncodingTests {
    @Test(arguments: [PixelFormat.xrgb8888, .argb8888])
    func aPNGHoldsEveryPixelAsItWas(format: PixelFormat) throws {
        // The fourth byte is anything, and rows are longer than their pixels.
        let picture = Picture(format, 61, 37, stride: 61 * 4 + 20) { x, y in
            UInt32(truncatingIfNeeded: (x * 7919 + y * 104_729) &* 2_654_435_761)
        }
        let png = try picture.bytes.withUnsafeBytes { pixels in
            try StillEncoding.png(pixels, layout: picture.layout)
        }
        let decoded = try decodedPNG(png)
        #expect(decoded.size == picture.layout.size)
        #expect(decoded.rgb == picture.rgb)
    }

    @Test func aJPEGIsBaselineAndNearThePicture() throws {
        let picture = Picture(.xrgb8888, 67, 45, stride: 67 * 4 + 4) { x, y in
            UInt32(x * 3) | UInt32(y * 5) << 8 | UInt32(200 - x - y) << 16
        }
        let jpeg = try picture.bytes.withUnsafeBytes { pixels in
            try StillEncoding.jpeg(pixels, layout: picture.layout, quality: 95)
        }
        let decoded = try decodedJPEG(jpeg)
        #expect(decoded.size == picture.layout.size)
        #expect(!decoded.progressive)
        let worst = zip(decoded.rgb, picture.rgb).map { abs(Int($0) - Int($1)) }.max()
        #expect((worst ?? 255) <= 12)
    }

    @Test func lowerQualityMakesASmallerFileAndAnyNumberIsTaken() throws {
        let picture = Picture(.xrgb8888, 128, 128) { x, y in
            UInt32(truncatingIfNeeded: (x &* 31 &+ y &* 17) &* 2_654_435_761)
        }
        let sizes = try [-5, 20, 80, 1000].map { quality in
            try picture.bytes.withUnsafeBytes { pixels in
                try StillEncoding.jpeg(pixels, layout: picture.layout, quality: quality).count
            }
        }
        #expect(sizes == sizes.sorted())
        #expect(Set(sizes).count == 4)
    }

    @Test(arguments: [PixelFormat.rgb565, .yuv420, .nv12])
    func otherFormatsAreRefused(format: PixelFormat) {
        let layout = FrameLayout(packed: format, size: PixelSize(width: 8, height: 8))
        let bytes = [UInt8](repeating: 0, count: layout.byteCount)
        bytes.withUnsafeBytes { pixels in
            #expect(throws: StillEncodingError.unsupported(format)) { try StillEncoding.png(pixels, layout: layout) }
            #expect(throws: StillEncodingError.unsupported(format)) {
                try StillEncoding.jpeg(pixels, layout: layout, quality: 80)
            }
        }
    }

    @Test(arguments: [
        FrameLayout(format: .xrgb8888, size: PixelSize(width: 0, height: 4), stride: 16),
        FrameLayout(format: .xrgb8888, size: PixelSize(width: 4, height: 5), stride: 16),
        FrameLayout(format: .xrgb8888, size: PixelSize(width: 5, height: 4), stride: 16),
        FrameLayout(format: .xrgb8888, size: PixelSize(width: 4, height: -1), stride: 16),
    ])
    func aPictureThatDoesNotLieInItsBytesIsRefused(layout: FrameLayout) {
        let bytes = [UInt8](repeating: 0, count: 64)
        bytes.withUnsafeBytes { pixels in
            #expect(throws: StillEncodingError.self) { try StillEncoding.png(pixels, layout: layout) }
            #expect(throws: StillEncodingError.self) { try StillEncoding.jpeg(pixels, layout: layout, quality: 80) }
        }
    }

    @Test func whatLibjpegCannotWriteIsAnErrorInItsWords() throws {
        // JPEG counts to 65,500 in libjpeg.
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 65_536, height: 1))
        let bytes = [UInt8](repeating: 0, count: layout.byteCount)
        let error = bytes.withUnsafeBytes { pixels -> StillEncodingError? in
            do throws(StillEncodingError) {
                _ = try StillEncoding.jpeg(pixels, layout: layout, quality: 80)
                return nil
            } catch {
                return error
            }
        }
        guard case .failed(let reason) = try #require(error) else {
            Issue.record("not refused for its size")
            return
        }
        #expect(reason.contains("65500"))
    }
}
