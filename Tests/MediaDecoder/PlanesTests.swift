import CFFmpeg
import DecoderProtocol
import Frames
import LinuxSystem
import SystemPackage
import Testing

@testable import MediaDecoder

/// Video as planes of YUV, for displays that take it so.
@Suite struct PlanesTests {
    /// Lossless, so that every byte is known.
    private func film(_ folder: PhotoFolder, _ size: PixelSize, pixels: String = "yuv420p", options: [String] = [])
        throws
    {
        try folder.writeFrames(size, count: 3)
        try folder.ffmpeg(
            ["-framerate", "25", "-i", "frame-%04d.ppm", "-c:v", "ffv1", "-pix_fmt", pixels] + options + ["a.mkv"])
    }

    private func request(_ width: Int, _ height: Int, _ formats: [PixelFormat], fit: Fit = .contain) -> OpenRequest {
        var request = OpenRequest.video(width, height, fit: fit)
        request.formats = formats
        return request
    }

    /// The planes of the next frame one after the other, without what lies between rows.
    private func planes(_ reader: LibavReader) throws -> [UInt8]? {
        let layout = reader.layout
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.byteCount, alignment: 64)
        defer { pixels.deallocate() }
        pixels.initializeMemory(as: UInt8.self, repeating: 0xA7)
        guard try reader.nextFrame(into: pixels, late: 0) != nil else { return nil }
        return packed(UnsafeRawBufferPointer(pixels), reader.layout)
    }

    private func packed(_ pixels: UnsafeRawBufferPointer, _ layout: FrameLayout) -> [UInt8] {
        layout.planes.enumerated().flatMap { index, plane in
            let width = plane.size.width * (layout.format == .nv12 && index == 1 ? 2 : 1)
            return (0..<plane.size.height).flatMap { y in
                pixels[plane.offset + y * plane.stride..<plane.offset + y * plane.stride + width]
            }
        }
    }

    /// What is decoded is what lies in the frame, byte for byte: odd sides included.
    @Test(
        arguments: [PixelFormat.yuv420, .nv12], [PixelSize(width: 160, height: 96), PixelSize(width: 75, height: 49)])
    func bytesAreTheDecodersOwn(_ format: PixelFormat, _ size: PixelSize) throws {
        let folder = try PhotoFolder()
        try film(folder, size)
        try folder.ffmpeg(
            "-i", "a.mkv", "-f", "rawvideo", "-pix_fmt", format == .nv12 ? "nv12" : "yuv420p", "reference.yuv")
        let reader = try openVideo(folder.file("a.mkv"), request(320, 240, [format, .xrgb8888]))
        // A plane scales by itself: the frame is as large as the film, not as the screen.
        #expect(reader.layout.format == format)
        #expect(reader.layout.size == size)
        var bytes: [UInt8] = []
        while let next = try planes(reader) { bytes += next }
        #expect(bytes == (try folder.bytes("reference.yuv")))
    }

    @Test(arguments: [
        (["-colorspace", "bt709", "-color_range", "tv"], ColourCoding(matrix: .bt709, isFullRange: false)),
        (["-colorspace", "smpte170m", "-color_range", "pc"], ColourCoding(matrix: .bt601, isFullRange: true)),
        (["-colorspace", "bt2020nc", "-color_range", "tv"], ColourCoding(matrix: .bt2020, isFullRange: false)),
        ([], ColourCoding(matrix: .bt601, isFullRange: false)),
    ])
    func codingIsTold(_ options: [String], _ coding: ColourCoding) throws {
        let folder = try PhotoFolder()
        try film(folder, PixelSize(width: 96, height: 64), options: options)
        let reader = try openVideo(folder.file("a.mkv"), request(96, 64, [.nv12]))
        #expect(reader.layout.colour == coding)
        _ = try planes(reader)
        #expect(reader.layout.colour == coding)
    }

    /// Deep and finely coloured pixels become 8 bits and 4:2:0, what is too large becomes smaller, and what is cut off is not
    /// there: the same picture as in XRGB.
    @Test(arguments: ["yuv420p10le", "yuv444p", "yuv422p"], [Fit.contain, .cover])
    func everythingElseIsConverted(_ pixels: String, _ fit: Fit) throws {
        let folder = try PhotoFolder()
        try film(folder, PixelSize(width: 320, height: 192), pixels: pixels)
        let reader = try openVideo(folder.file("a.mkv"), request(160, 120, [.yuv420, .xrgb8888], fit: fit))
        let size = PixelSize(width: 160, height: fit == .contain ? 96 : 120)
        #expect(reader.layout.format == .yuv420)
        #expect(reader.layout.size == size)
        let shown = try FrameBuffer(name: "test", byteCount: reader.layout.byteCount)
        try shown.memory.withBytes { _ = try #require(try reader.nextFrame(into: $0, late: 0)) }
        let composed = Composed(Frame(buffer: shown, layout: reader.layout))
        let plain = try openVideo(folder.file("a.mkv"), request(160, 120, [.xrgb8888], fit: fit))
        #expect(composed.picture.similarity(try #require(try nextPicture(plain)).0) >= 26)
    }

    /// Frames of xrgb8888 where the display prefers those, and where YUV could not be right.
    @Test func otherMediaComeAsXRGB() throws {
        let folder = try PhotoFolder()
        let size = PixelSize(width: 96, height: 64)
        func format(_ name: String, _ formats: [PixelFormat] = [.nv12, .xrgb8888]) throws -> PixelFormat {
            try openVideo(folder.file(name), request(96, 64, formats)).layout.format
        }
        try film(folder, size)
        #expect(try format("a.mkv", [.xrgb8888, .nv12]) == .xrgb8888)
        #expect(try format("a.mkv", [.rgb565, .yuv420]) == .yuv420)
        try film(folder, size, pixels: "bgr0")
        #expect(try format("a.mkv") == .xrgb8888)
        try film(folder, size, pixels: "yuva420p")
        #expect(try format("a.mkv") == .xrgb8888)
        try film(folder, size, pixels: "yuv420p10le", options: ["-color_trc", "smpte2084", "-colorspace", "bt2020nc"])
        #expect(try format("a.mkv") == .xrgb8888)
        try folder.ffmpeg(["-framerate", "25", "-i", "frame-%04d.ppm"] + VideoFormatTests.x264 + ["flat.mp4"])
        #expect(try format("flat.mp4") == .nv12)
        try folder.write(try turned(folder.bytes("flat.mp4"), 90), "turned.mp4")
        #expect(try format("turned.mp4") == .xrgb8888)
        try folder.ffmpeg("-i", "a.mkv", "a.gif")
        #expect(try format("a.gif") == .xrgb8888)
    }

    /// Through the process and its messages.
    @Test func aProcessDeliversPlanes() throws {
        let folder = try PhotoFolder()
        let path = try DecoderProcessTests.film(folder, count: 5)
        try folder.ffmpeg("-i", "a.mp4", "-f", "rawvideo", "-pix_fmt", "nv12", "reference.yuv")
        let decoder = try DecoderHarness()
        _ = try decoder.greet()
        let opened = try decoder.open(path, request(320, 240, [.nv12, .xrgb8888]))
        try decoder.lend(1, byteCount: opened.bufferByteCount)
        var bytes: [UInt8] = []
        loop: while true {
            switch try decoder.answer() {
            case .frame(_, let report):
                #expect(report.layout.format == .nv12)
                #expect(report.layout.colour == ColourCoding(matrix: .bt601, isFullRange: false))
                let all = try decoder.bytes(1, count: report.layout.byteCount)
                bytes += all.withUnsafeBytes { packed($0, report.layout) }
                try decoder.lend(1, byteCount: opened.bufferByteCount)
            case .ended: break loop
            case let other:
                Issue.record("unexpected: \(other)")
                break loop
            }
        }
        #expect(bytes == (try folder.bytes("reference.yuv")))
        // A thumbnail of it is a picture like any other.
        let opened2 = try decoder.open(path, session: 2, request(320, 240, [.nv12, .xrgb8888]))
        try decoder.send(
            .thumbnail(session: 2, buffer: 9, byteCount: 65_536, size: PixelSize(width: 40, height: 40)),
            with: MemoryFile(name: "test", byteCount: 65_536).descriptor)
        #expect(opened2.bufferByteCount == opened.bufferByteCount)
        guard case .thumbnail(2, 9, let count) = try decoder.answer() else {
            Issue.record("no thumbnail")
            return
        }
        #expect(count > 100)
    }
}

/// A frame as the software composition shows it.
struct Composed {
    let picture: RGBPicture

    init(_ frame: Frame) {
        let layout = FrameLayout(packed: .xrgb8888, size: frame.size)
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.byteCount, alignment: 64)
        defer { pixels.deallocate() }
        Compositor.compose(
            Scene(layers: [Layer(frame: frame, destination: PixelRectangle(frame.size))]), screen: frame.size,
            into: pixels, layout: layout)
        picture = RGBPicture(UnsafeRawBufferPointer(pixels), layout: layout)
    }
}
