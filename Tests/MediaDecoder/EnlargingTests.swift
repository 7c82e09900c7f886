import CFFmpeg
import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

/// Video that is made larger as XRGB, by way of rows of YUV in the final size.
@Suite struct EnlargingTests {
    static let sizes = [
        PixelSize(width: 160, height: 90), PixelSize(width: 161, height: 92), PixelSize(width: 239, height: 136),
        PixelSize(width: 480, height: 270), PixelSize(width: 160, height: 302), PixelSize(width: 1279, height: 720),
    ]

    /// What it should look like is what one careful step makes of it: bicubic, with colour interpolated. Colour may be
    /// off at edges, by as little as this on average; nothing is shifted, and both ranges are right.
    @Test(arguments: sizes, PlanarPicture.colours) func looksLikeOneCarefulStep(
        _ size: PixelSize, _ colour: PlanarPicture.Colour
    ) throws {
        let stored = size == Self.sizes[1] ? PixelSize(width: 161, height: 77) : PixelSize(width: 160, height: 90)
        let picture = try PlanarPicture(.photo(stored), colour)
        let isTaken = EnlargedRows.isNeeded(picture.source, size, stride: stride(size), .xrgb)
        #expect(isTaken == (size != stored), "the way that is tested is taken")
        let ours = try picture.written(size, .fast, band: stored.height)
        let reference = try picture.written(size, .best, band: stored.height)
        let differences = zip(ours.bytes, reference.bytes).map { abs(Int($0) - Int($1)) }
        let mean = Double(differences.reduce(0, +)) / Double(differences.count)
        #expect(mean < 2.5, "\(mean) on average")
    }

    /// Readers of large pictures feed bands.
    @Test(arguments: sizes, [2, 16, 34]) func bandsMakeNoDifference(_ size: PixelSize, _ band: Int) throws {
        let picture = try PlanarPicture(.photo(PixelSize(width: 160, height: 90)), PlanarPicture.colours[0])
        #expect(try picture.written(size, .fast, band: band) == picture.written(size, .fast, band: 90))
    }

    @Test func onlyWhatGrowsAndHasRoomGoesThisWay() {
        let source = SourcePixels(format: AV_PIX_FMT_YUV420P, size: PixelSize(width: 160, height: 90))
        let full = SourcePixels(format: AV_PIX_FMT_YUV444P, size: PixelSize(width: 160, height: 90))
        func isNeeded(
            _ source: SourcePixels, _ width: Int, _ height: Int, stride: Int = 1280, _ output: Scaler.Output = .xrgb
        ) -> Bool {
            EnlargedRows.isNeeded(source, PixelSize(width: width, height: height), stride: stride, output)
        }
        #expect(isNeeded(source, 161, 90))
        #expect(!isNeeded(source, 160, 90))
        #expect(!isNeeded(source, 320, 89))
        #expect(!isNeeded(source, 320, 180, .deepPlanes))
        #expect(!isNeeded(full, 320, 180))
        #expect(isNeeded(source, 305, 180))
        #expect(!isNeeded(source, 305, 180, stride: 1276))
    }

    /// Whole vectors are converted, and nothing is written before or behind the picture's rows.
    @Test(arguments: [false, true]) func nothingIsWrittenBesideTheRows(_ upwards: Bool) throws {
        let picture = try PlanarPicture(.photo(PixelSize(width: 160, height: 90)), PlanarPicture.colours[0])
        let size = PixelSize(width: 239, height: 136)
        let rows = stride(size) * size.height
        let scaler = try Scaler(
            source: picture.source, target: size, stride: stride(size), output: .xrgb, quality: .fast)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: rows + 2 * 256, alignment: 64)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
        let base = try #require(memory.baseAddress) + 256
        try picture.withPlanes { planes in
            let last = base + (size.height - 1) * stride(size)
            let target = Scaler.Target(first: upwards ? last : base, stride: upwards ? -stride(size) : stride(size))
            let made = try scaler.scale(planes, row: 0, count: 90, into: target)
            #expect(made == size.height)
        }
        #expect(memory.prefix(256).allSatisfy { $0 == 0xA5 } && memory.suffix(256).allSatisfy { $0 == 0xA5 })
        let lastColumn = (0..<size.height).map { UnsafeRawPointer(base + $0 * stride(size) + (size.width - 1) * 4) }
        #expect(lastColumn.allSatisfy { $0.load(as: UInt32.self) != 0xA5A5_A5A5 })
    }

    private func stride(_ size: PixelSize) -> Int { FrameLayout(packed: .xrgb8888, size: size).stride }
}

/// A picture as a decoder of video gives it.
struct PlanarPicture {
    fileprivate let source: SourcePixels
    private var bytes: [UInt8]
    private let strides: (luma: Int, chroma: Int)
    private let offsets: (Int, Int)

    struct Colour {
        var matrix: AVColorSpace
        var range: AVColorRange
    }

    static let colours = [
        Colour(matrix: AVCOL_SPC_SMPTE170M, range: AVCOL_RANGE_MPEG),
        Colour(matrix: AVCOL_SPC_SMPTE170M, range: AVCOL_RANGE_JPEG),
        Colour(matrix: AVCOL_SPC_BT709, range: AVCOL_RANGE_MPEG),
        Colour(matrix: AVCOL_SPC_BT2020_NCL, range: AVCOL_RANGE_JPEG),
    ]

    init(_ picture: RGBPicture, _ colour: Colour) throws {
        let (width, height) = (picture.size.width, picture.size.height)
        source = SourcePixels(
            format: AV_PIX_FMT_YUV420P, size: picture.size, matrix: colour.matrix, range: colour.range)
        strides = ((width + 127) / 64 * 64, ((width + 1) / 2 + 127) / 64 * 64)
        let half = (height + 1) / 2 * strides.chroma
        offsets = (height * strides.luma, height * strides.luma + half)
        bytes = [UInt8](repeating: 0, count: height * strides.luma + 2 * half + 64)
        let context = try #require(
            sws_getContext(
                CInt(width), CInt(height), AV_PIX_FMT_RGB24, CInt(width), CInt(height), AV_PIX_FMT_YUV420P,
                SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP, nil, nil, nil))
        defer { sws_freeContext(context) }
        sws_setColorspaceDetails(
            context, sws_getCoefficients(SWS_CS_DEFAULT), 1, source.coefficients, source.fullRange ? 1 : 0, 0, 1 << 16,
            1 << 16)
        try bytes.withUnsafeMutableBufferPointer { target in
            let base = try #require(target.baseAddress)
            // 16 bytes more: whole registers are read.
            _ = (picture.bytes + [UInt8](repeating: 0, count: 16)).withUnsafeBufferPointer { pixels in
                sws_scale(
                    context, [pixels.baseAddress, nil, nil, nil], [CInt(3 * width), 0, 0, 0], 0,
                    CInt(height), [base, base + offsets.0, base + offsets.1, nil],
                    [CInt(strides.luma), CInt(strides.chroma), CInt(strides.chroma), 0])
            }
        }
    }

    func written(_ size: PixelSize, _ quality: PictureWriter.Quality, band: Int) throws -> RGBPicture {
        var placement = FramePlacement(
            stored: source.size, orientation: .upright, screen: PixelSize(width: 1, height: 1), fit: .contain)
        placement.crop = PixelRectangle(source.size)
        placement.layout = FrameLayout(packed: .xrgb8888, size: size)
        let writer = try PictureWriter(source: source, placement: placement, quality: quality)
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: placement.layout.byteCount, alignment: 64)
        defer { pixels.deallocate() }
        try withPlanes { planes in
            writer.begin(into: pixels)
            var row = 0
            while row < source.size.height {
                let end = min(row + band, source.size.height)
                try writer.feed(planes.moved(x: 0, y: row, of: source), rows: row..<end)
                row = end
            }
            writer.finish()
        }
        return RGBPicture(UnsafeRawBufferPointer(pixels), layout: placement.layout)
    }

    func withPlanes(_ body: (PixelPlanes) throws -> Void) throws {
        try bytes.withUnsafeBufferPointer { buffer in
            let base = try #require(buffer.baseAddress)
            try body(
                PixelPlanes(
                    (base, base + offsets.0, base + offsets.1, nil),
                    strides: (CInt(strides.luma), CInt(strides.chroma), CInt(strides.chroma), 0)))
        }
    }
}
