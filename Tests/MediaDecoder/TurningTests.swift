import CFFmpeg
import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

/// Turning and mirroring against definitions that go pixel by pixel.
@Suite struct TurningTests {
    /// Memory for pixels with room around them.
    struct Pixels {
        static let untouched: UInt32 = 0xA7A7_A7A7
        let size: PixelSize
        let stride: Int
        var words: [UInt32]

        /// - Parameter padding: pixels between the end of a row and the next.
        init(_ size: PixelSize, padding: Int) {
            self.size = size
            stride = (size.width + padding) * 4
            words = [UInt32](repeating: Self.untouched, count: (size.width + padding) * size.height)
        }

        subscript(x: Int, y: Int) -> UInt32 {
            get { words[y * stride / 4 + x] }
            set { words[y * stride / 4 + x] = newValue }
        }
    }

    @Test(arguments: 0..<4) func transposesExactly(_ mirrors: Int) throws {
        var faults = Faults(state: 4711 + UInt64(mirrors))
        for _ in 0..<60 {
            var source = Pixels(
                PixelSize(width: 1 + faults.next(below: 70), height: 1 + faults.next(below: 70)),
                padding: faults.next(below: 7))
            for index in source.words.indices { source.words[index] = UInt32(faults.next(below: 1 << 31)) }
            let (width, height) = (source.size.width, source.size.height)
            var target = Pixels(PixelSize(width: height, height: width), padding: faults.next(below: 7))
            let untouched = target
            try source.words.withUnsafeBytes { read in
                try target.words.withUnsafeMutableBytes { write in
                    PixelTurning.transpose(
                        try #require(read.baseAddress), from: source.size, stride: source.stride,
                        into: try #require(write.baseAddress), stride: target.stride, mirroringX: mirrors & 1 != 0,
                        mirroringY: mirrors & 2 != 0)
                }
            }
            var expected = untouched
            for y in 0..<width {
                for x in 0..<height {
                    expected[x, y] =
                        source[
                            mirrors & 1 != 0 ? width - 1 - y : y, mirrors & 2 != 0 ? height - 1 - x : x]
                }
            }
            // What lies between rows included.
            #expect(target.words == expected.words, "\(width)×\(height)")
        }
    }

    @Test func mirrorsRows() throws {
        for count in 1...40 {
            let source = (0..<UInt32(count)).map { $0 &* 0x0101_0307 }
            var target = [UInt32](repeating: Pixels.untouched, count: count + 1)
            try source.withUnsafeBytes { read in
                try target.withUnsafeMutableBytes { write in
                    PixelTurning.mirror(
                        try #require(read.baseAddress), into: try #require(write.baseAddress), count: count)
                }
            }
            #expect(target == source.reversed() + [Pixels.untouched])
        }
    }

    static let formats = [
        AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_BGRA, AV_PIX_FMT_YUV420P10LE,
    ]
    static let light = SourceLight(transfer: AVCOL_TRC_ARIB_STD_B67, primaries: AVCOL_PRI_BT2020)

    /// Enlarged and made smaller by every ratio that comes: what is turned is exactly what is scaled otherwise.
    @Test(arguments: Orientation.allCases) func turnsWhatIsScaled(_ orientation: Orientation) throws {
        var faults = Faults(state: 99 + UInt64(orientation.rawValue))
        for round in 0..<24 {
            let stored = PixelSize(width: 2 + faults.next(below: 130), height: 2 + faults.next(below: 130))
            let scaled = PixelSize(width: 1 + faults.next(below: 160), height: 1 + faults.next(below: 160))
            let quality = round % 2 == 0 ? PictureWriter.Quality.fast : .best
            let format = Self.formats[round % Self.formats.count]
            let picture = try StoredPicture(
                format, stored, light: format == AV_PIX_FMT_YUV420P10LE ? Self.light : .standard, &faults)

            let plain = try picture.written(scaled, .upright, quality)
            let turned = try picture.written(scaled, orientation, quality)
            let size = orientation.swapsAxes ? PixelSize(width: scaled.height, height: scaled.width) : scaled
            #expect(turned.size == size)
            var expected = RGBPicture(size: size, bytes: [])
            for y in 0..<size.height {
                for x in 0..<size.width {
                    let (along, down) = orientation.swapsAxes ? (y, x) : (x, y)
                    expected.bytes += plain.pixel(
                        orientation.mirrorsStoredX ? scaled.width - 1 - along : along,
                        orientation.mirrorsStoredY ? scaled.height - 1 - down : down)
                }
            }
            #expect(turned == expected, "\(picture.source.format) \(stored) to \(scaled), \(quality)")
        }
    }

    /// Tall and narrow pictures, so that the band holds a small part: the scaler never gives more than there is room for.
    @Test(arguments: [1, 2, 3, 7, 16, 40, 97, 300]) func scalersGiveNoMoreThanAskedFor(_ height: Int) throws {
        var faults = Faults(state: 5)
        for scaledHeight in [1, 2, 15, 17, 33, 257, 2001] {
            for (index, format) in Self.formats.enumerated() {
                let stored = PixelSize(width: 8, height: height)
                let scaled = PixelSize(width: 6, height: scaledHeight)
                let picture = try StoredPicture(format, stored, &faults)
                for quality in [PictureWriter.Quality.fast, .best] {
                    let turned = try picture.written(scaled, index % 2 == 0 ? .turned90 : .turned270, quality)
                    #expect(turned.size == PixelSize(width: scaledHeight, height: 6))
                }
            }
        }
    }
}

/// Random pixels as a decoder gives them.
struct StoredPicture {
    let source: SourcePixels
    private var bytes: [UInt8]
    private var offsets: [Int] = []
    private var strides: [CInt] = []

    init(
        _ format: AVPixelFormat, _ size: PixelSize, light: SourceLight = .standard, _ faults: inout Faults
    ) throws {
        source = SourcePixels(format: format, size: size, light: light)
        var count = 0
        for plane in 0..<4 {
            // 32 bytes more in a row: libswscale reads whole registers.
            let line = Int(av_image_get_linesize(format, CInt(size.width), CInt(plane)))
            offsets.append(count)
            strides.append(line > 0 ? CInt((line + 63) / 32 * 32) : 0)
            count += Int(strides[plane]) * source.planeRows(size.height, plane: plane)
        }
        // Soft, so that the arithmetic of filters matters and does not clip everywhere.
        var value = 128
        bytes = (0..<count + 64).map { _ in
            value = max(0, min(255, value + faults.next(below: 61) - 30))
            return UInt8(value)
        }
    }

    /// As a frame of this size, before it is turned.
    func written(
        _ scaled: PixelSize, _ orientation: Orientation, _ quality: PictureWriter.Quality
    ) throws -> RGBPicture {
        var placement = FramePlacement(
            stored: source.size, orientation: orientation, screen: PixelSize(width: 1, height: 1), fit: .contain)
        placement.crop = PixelRectangle(source.size)
        placement.layout = FrameLayout(
            packed: .xrgb8888,
            size: orientation.swapsAxes ? PixelSize(width: scaled.height, height: scaled.width) : scaled)
        let writer = try PictureWriter(source: source, placement: placement, quality: quality)
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: placement.layout.byteCount, alignment: 64)
        defer { pixels.deallocate() }
        try bytes.withUnsafeBufferPointer { buffer in
            let base = try #require(buffer.baseAddress)
            func plane(_ index: Int) -> UnsafePointer<UInt8>? { strides[index] > 0 ? base + offsets[index] : nil }
            try writer.write(
                PixelPlanes(
                    (plane(0), plane(1), plane(2), plane(3)), strides: (strides[0], strides[1], strides[2], strides[3])),
                into: pixels)
        }
        return RGBPicture(UnsafeRawBufferPointer(pixels), layout: placement.layout)
    }
}
