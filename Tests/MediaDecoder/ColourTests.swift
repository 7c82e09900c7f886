import CFFmpeg
import DecoderProtocol
import Foundation
import Frames
import Testing

@testable import MediaDecoder

/// Colours against ffmpeg's, from files without loss.
@Suite struct ColourTests {
    struct Coding: CustomTestStringConvertible, Sendable {
        var matrix: String
        var range: String
        var pixels: String

        var testDescription: String { "\(matrix) \(range) \(pixels)" }
    }

    /// Every matrix, both ranges, and every kind of pixels with two matrices.
    static let codings =
        ["bt709", "smpte170m", "bt470bg", "bt2020nc", "smpte240m"].flatMap { matrix in
            ["tv", "pc"].map { Coding(matrix: matrix, range: $0, pixels: "yuv444p") }
        }
        + ["yuv420p", "yuv420p10le", "yuv422p10le", "yuv444p12le"].flatMap { pixels in
            [("bt709", "tv"), ("bt2020nc", "pc")].map { Coding(matrix: $0.0, range: $0.1, pixels: pixels) }
        }

    /// Red, green and blue go into a file in every coding, and come out as they were and as ffmpeg reads them.
    @Test(arguments: codings) func codingsAreHonoured(_ coding: Coding) throws {
        let folder = try PhotoFolder()
        let size = PixelSize(width: 96, height: 64)
        try folder.writeSource(size)
        let matrix = coding.matrix.replacing("nc", with: "")
        try folder.ffmpeg(
            "-i", "source.ppm", "-vf",
            "scale=out_color_matrix=\(matrix):out_range=\(coding.range):flags=bicubic+accurate_rnd+full_chroma_int,"
                + "format=\(coding.pixels)",
            "-c:v", "ffv1", "-colorspace", coding.matrix, "-color_range", coding.range, "a.mkv")
        let reader = try openVideo(folder.file("a.mkv"), .video(96, 64))
        let picture = try #require(try nextPicture(reader)).0
        try folder.ffmpeg(
            "-i", "a.mkv", "-vf",
            "scale=in_color_matrix=\(matrix):in_range=\(coding.range):flags=bicubic+accurate_rnd+full_chroma_int",
            "-f", "rawvideo", "-pix_fmt", "rgb24", "reference.rgb")
        let reference = RGBPicture(size: size, bytes: try folder.bytes("reference.rgb"))
        // With half the colours, edges differ by how they are interpolated.
        let isWhole = coding.pixels.hasPrefix("yuv444")
        #expect(picture.similarity(reference) >= (isWhole ? 44 : 32))
        #expect(picture.similarity(RGBPicture.photo(size)) >= (isWhole ? 42 : 28))
        // In an even area nothing is interpolated: no more than rounding.
        let (x, y) = (72, 50)
        for (one, two) in zip(picture.pixel(x, y), RGBPicture.photo(size).pixel(x, y)) {
            #expect(abs(Int(one) - Int(two)) <= 3)
        }
    }

    /// A file that says nothing is BT.709 in high definition, BT.601 otherwise; cropped films and phones held upright count
    /// as what they were made of.
    @Test(arguments: [
        (720, 576, false), (640, 480, false), (480, 576, false), (1280, 720, true), (1280, 536, true),
        (720, 1280, true), (1920, 1080, true), (960, 720, true),
    ])
    func untaggedGoesBySize(_ width: Int, _ height: Int, _ isHigh: Bool) {
        let source = SourcePixels(format: AV_PIX_FMT_YUV420P, size: PixelSize(width: width, height: height))
        #expect(source.matrix == (isHigh ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M))
        #expect(!source.fullRange)
    }

    struct Light: CustomTestStringConvertible, Sendable {
        var transfer: String
        var primaries = "bt2020"
        /// In cd/m², for the reference; nil: no tone mapping.
        var peak: Double?
        var pixels = "yuv444p10le"
        var options: [String] = []

        var testDescription: String { "\(transfer) \(primaries) \(pixels)" }
    }

    static let lights = [
        Light(transfer: "smpte2084", peak: 1000), Light(transfer: "smpte2084", peak: 1000, pixels: "yuv420p10le"),
        Light(transfer: "smpte2084", primaries: "bt709", peak: 1000), Light(transfer: "bt709"),
        Light(transfer: "bt709", pixels: "yuv420p"),
    ]

    /// High dynamic range and wide colours, against zimg and ffmpeg's tone mapping.
    @Test(arguments: lights) func lightIsMapped(_ light: Light) throws {
        let folder = try PhotoFolder()
        let size = PixelSize(width: 128, height: 96)
        let picture = try folder.shown(RGBPicture.photo(size), light)
        // With half the colours, edges differ by how they are interpolated.
        let least = light.pixels.hasPrefix("yuv420") ? 28.0 : 38
        #expect(picture.similarity(try folder.mapped("a.mkv", size, peak: light.peak)) >= least)
        // What is shown as it is looks otherwise.
        #expect(picture.similarity(RGBPicture.photo(size)) < 32)
    }

    /// zimg takes HLG channel by channel, which for greys is the same.
    @Test(arguments: ["bt2020", "bt709"]) func greysOfHybridLogGamma(_ primaries: String) throws {
        let folder = try PhotoFolder()
        let size = PixelSize(width: 128, height: 96)
        var grey = RGBPicture.photo(size)
        for index in grey.bytes.indices { grey.bytes[index] = grey.bytes[index / 3 * 3 + 1] }
        let picture = try folder.shown(grey, Light(transfer: "arib-std-b67", primaries: primaries))
        #expect(picture.similarity(try folder.mapped("a.mkv", size, peak: 1000)) >= 44)
    }

    /// Colours of HLG as the recommendations write them, in floating point: BT.2100's reference screen, the primaries of
    /// BT.2407, and BT.1886.
    @Test func coloursOfHybridLogGamma() throws {
        let mapper = ToneMapper(SourceLight(transfer: AVCOL_TRC_ARIB_STD_B67, primaries: AVCOL_PRI_BT2020))
        var faults = Faults(state: 2100)
        let samples = (0..<3).map { _ in (0..<500).map { _ in UInt16(faults.next(below: 4096)) } }
        var pixels = [UInt32](repeating: 0, count: 500)
        mapper.map(samples, into: &pixels)
        for (index, pixel) in pixels.enumerated() {
            let scene = samples.map { ToneMapper.linear(Double($0[index]) / 4095, .hybridLogGamma) }
            let (green, blue, red) = (scene[0], scene[1], scene[2])
            let system = pow(0.2627 * red + 0.6780 * green + 0.0593 * blue, 0.2) * 1000 / 203
            let light = [
                (1.6605 * red - 0.5876 * green - 0.0728 * blue) * system,
                (-0.1246 * red + 1.1329 * green - 0.0083 * blue) * system,
                (-0.0182 * red - 0.1006 * green + 1.1187 * blue) * system,
            ]
            let brightest = light.max() ?? 0
            // ffmpeg's vf_tonemap, mobius, with the knee at 0.3.
            let peak = 1000.0 / 203
            let a = -0.09 * (peak - 1) / (0.09 - 0.6 + peak)
            let b = (0.09 - 0.6 * peak + peak) / (peak - 1)
            let rolled =
                brightest <= 0.3
                ? brightest : (b * b + 0.6 * b + 0.09) / (b - a) * (brightest + a) / (brightest + b)
            let expected = light.map { light -> Double in
                let mapped = light * (brightest > 0 ? rolled / brightest : 1)
                return 255 * pow(max(0, min(1, mapped)), 1 / 2.4)
            }
            for (channel, value) in expected.enumerated() {
                let found = Double(pixel >> UInt32(16 - 8 * channel) & 255)
                #expect(abs(found - value) <= 2.5, "\(samples.map { $0[index] }) \(channel)")
            }
        }
    }

    /// A picture that says how bright it gets is rolled off from there.
    @Test func peakOfTheFileCounts() throws {
        let folder = try PhotoFolder()
        let size = PixelSize(width: 128, height: 96)
        try folder.writeSource(size)
        try folder.ffmpeg(
            "-i", "source.ppm", "-vf", "scale=out_color_matrix=bt2020:out_range=tv,format=yuv444p10le", "-c:v",
            "libx265", "-preset", "ultrafast", "-x265-params",
            "log-level=none:lossless=1:hdr10=1:max-cll=4000,400:colormatrix=bt2020nc:colorprim=bt2020:transfer=smpte2084",
            "a.mkv")
        let reader = try openVideo(folder.file("a.mkv"), .video(128, 96))
        let picture = try #require(try nextPicture(reader)).0
        let asSaid = picture.similarity(try folder.mapped("a.mkv", size, peak: 4000))
        #expect(asSaid >= 38)
        #expect(asSaid > picture.similarity(try folder.mapped("a.mkv", size, peak: 1000)) + 1)
    }

    /// Values of ITU-R BT.2100 and BT.2408: reference white is at 58 % of PQ and 75 % of HLG.
    @Test func lightOfReferenceWhite() {
        #expect(abs(ToneMapper.linear(0.5807, .perceptual) - 1) < 0.01)
        #expect(abs(ToneMapper.linear(1, .perceptual) * ToneMapper.white - 10_000) < 0.1)
        #expect(abs(ToneMapper.linear(0.75, .hybridLogGamma) - 0.265) < 0.001)
        #expect(abs(ToneMapper.linear(1, .hybridLogGamma) - 1) < 0.001)
        #expect(ToneMapper.linear(0, .perceptual) == 0)
        #expect(ToneMapper.linear(0, .hybridLogGamma) == 0)
    }

    /// Black stays black, the peak is white, and between nothing falls.
    @Test(arguments: [AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67, AVCOL_TRC_BT709])
    func greysRise(_ transfer: AVColorTransferCharacteristic) throws {
        let mapper = ToneMapper(SourceLight(transfer: transfer, primaries: AVCOL_PRI_BT2020))
        let grey = (0..<4096).map { UInt16($0) }
        var pixels = [UInt32](repeating: 0, count: 4096)
        mapper.map([grey, grey, grey], into: &pixels)
        let channels = pixels.map { [Int($0 & 255), Int($0 >> 8 & 255), Int($0 >> 16 & 255)] }
        #expect(channels[0] == [0, 0, 0])
        #expect(channels[4095] == [255, 255, 255])
        for (low, high) in zip(channels, channels.dropFirst()) {
            // Steps of the tables: one in 255 at most.
            for (one, two) in zip(low, high) { #expect(two >= one - 1) }
        }
        for pixel in channels { #expect((pixel.max() ?? 0) - (pixel.min() ?? 0) <= 1) }
    }
}

extension ToneMapper {
    /// - Parameter samples: green, blue, red.
    func map(_ samples: [[UInt16]], into pixels: inout [UInt32]) {
        let count = pixels.count
        samples[0].withUnsafeBufferPointer { green in
            samples[1].withUnsafeBufferPointer { blue in
                samples[2].withUnsafeBufferPointer { red in
                    pixels.withUnsafeMutableBufferPointer { pixels in
                        guard let green = green.baseAddress, let blue = blue.baseAddress, let red = red.baseAddress,
                            let target = pixels.baseAddress
                        else { return }
                        map(green: green, blue: blue, red: red, into: target, count: count)
                    }
                }
            }
        }
    }
}

extension PhotoFolder {
    /// What we make of a picture in a file that says that it is this light.
    func shown(_ source: RGBPicture, _ light: ColourTests.Light) throws -> RGBPicture {
        let size = source.size
        try write(Array("P6\n\(size.width) \(size.height)\n255\n".utf8) + source.bytes, "source.ppm")
        try ffmpeg(
            "-i", "source.ppm", "-vf", "scale=out_color_matrix=bt2020:out_range=tv,format=\(light.pixels)", "-c:v",
            "ffv1", "-colorspace", "bt2020nc", "-color_range", "tv", "-color_trc", light.transfer, "-color_primaries",
            light.primaries, "a.mkv")
        let reader = try openVideo(file("a.mkv"), .video(size.width, size.height))
        return try #require(try nextPicture(reader)).0
    }

    /// What zimg and ffmpeg's tone mapping make of the first frame.
    func mapped(_ name: String, _ size: PixelSize, peak: Double?) throws -> RGBPicture {
        let curve = peak.map { ",tonemap=mobius:desat=0:peak=\($0 / 203)" } ?? ""
        try ffmpeg(
            "-i", name, "-frames:v", "1", "-vf",
            "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709\(curve),zscale=t=bt709:m=gbr:r=pc,format=gbrp",
            "-f", "rawvideo", "-pix_fmt", "rgb24", "reference.rgb")
        return RGBPicture(size: size, bytes: try bytes("reference.rgb"))
    }
}
