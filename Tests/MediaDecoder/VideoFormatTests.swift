import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

/// Each video format and container against what ffmpeg makes of the same file.
@Suite struct VideoFormatTests {
    struct Format: CustomTestStringConvertible, Sendable {
        var name: String
        var options: [String]
        var codec: String
        var kind = MediumKind.video

        var testDescription: String { name }
    }

    static let x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p"]
    static let x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-x265-params", "log-level=none"]
    static let formats = [
        Format(name: "h264.mp4", options: x264 + ["-bf", "2"], codec: "h264"),
        Format(name: "h264.mov", options: x264, codec: "h264"),
        Format(name: "h264.mkv", options: x264, codec: "h264"),
        Format(name: "h264.ts", options: x264, codec: "h264"),
        Format(name: "hevc.mp4", options: x265 + ["-tag:v", "hvc1", "-pix_fmt", "yuv420p"], codec: "hevc"),
        Format(name: "deep.mkv", options: x265 + ["-pix_fmt", "yuv420p10le"], codec: "hevc"),
        Format(name: "vp8.webm", options: ["-c:v", "libvpx", "-b:v", "2M", "-deadline", "realtime"], codec: "vp8"),
        Format(
            name: "vp9.webm", options: ["-c:v", "libvpx-vp9", "-b:v", "2M", "-deadline", "realtime", "-cpu-used", "8"],
            codec: "vp9"),
        Format(name: "av1.mp4", options: ["-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "20"], codec: "av1"),
        Format(
            name: "av1.webm", options: ["-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "20", "-usage", "realtime"],
            codec: "av1"),
        Format(name: "mpeg4.mp4", options: ["-c:v", "mpeg4", "-q:v", "2", "-bf", "2"], codec: "mpeg4"),
        Format(name: "mpeg4.avi", options: ["-c:v", "mpeg4", "-q:v", "2"], codec: "mpeg4"),
        Format(
            name: "moving.gif", options: ["-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse"], codec: "gif",
            kind: .animation),
        Format(name: "moving.png", options: ["-c:v", "apng", "-f", "apng"], codec: "apng", kind: .animation),
    ]

    @Test(arguments: formats) func playsEveryFrameInOrder(_ format: Format) throws {
        let folder = try PhotoFolder()
        let size = PixelSize(width: 160, height: 96)
        try folder.writeFrames(size, count: 10)
        try folder.ffmpeg(["-framerate", "25", "-i", "frame-%04d.ppm"] + format.options + [format.name])
        let reader = try openVideo(folder.file(format.name), .video(320, 240))
        #expect(reader.description.kind == format.kind)
        #expect(reader.description.streams.map(\.codec) == [format.codec])
        #expect(reader.description.width == 160)
        #expect(reader.description.height == 96)
        #expect(reader.description.frameRate == 25)
        #expect(reader.description.durationNanoseconds == 400_000_000)
        #expect(reader.layout.size == PixelSize(width: 320, height: 192))

        // The second time through must be like the first.
        for round in 0..<2 {
            var times: [Int64] = []
            var bars: [Double] = []
            while let (picture, frame) = try nextPicture(reader) {
                if times.isEmpty, round == 0 {
                    let reference = try folder.videoReference(format.name, picture.size)
                    #expect(picture.similarity(reference) >= 30)
                }
                times.append(frame.presentationTime)
                bars.append(picture.bar)
                #expect(frame.duration > 0)
            }
            // Containers round to a millisecond at worst.
            #expect(times.map { Int((Double($0) / 1_000_000).rounded()) } == (0..<10).map { $0 * 40 })
            #expect(bars == bars.sorted())
            #expect(Set(bars).count == 10)
            try reader.rewind()
        }
    }

    @Test(arguments: [("still.bmp", "bmp"), ("still.tiff", "tiff"), ("deflated.tiff", "tiff"), ("one.gif", "gif")])
    func showsStills(_ name: String, codec: String) throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 150, height: 110))
        let options = name == "deflated.tiff" ? ["-compress", "Zip"] : []
        try folder.run(["convert", "source.ppm"] + options + [name])
        let reader = try openVideo(folder.file(name), .video(300, 300))
        #expect(reader.description.kind == .image)
        #expect(reader.description.durationNanoseconds == nil)
        #expect(reader.description.streams.map(\.codec) == [codec])
        let (picture, frame) = try #require(try nextPicture(reader))
        #expect(frame == ReadFrame(presentationTime: 0, duration: 0))
        #expect(picture.similarity(try folder.reference(name, PixelSize(width: 300, height: 220))) >= 34)
        #expect(try nextPicture(reader) == nil)
    }

    @Test(arguments: Orientation.allCases) func turnsTIFF(_ orientation: Orientation) throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 120, height: 80))
        let names = [
            "TopLeft", "TopRight", "BottomRight", "BottomLeft", "LeftTop", "RightTop", "RightBottom", "LeftBottom",
        ]
        try folder.run("convert", "source.ppm", "-orient", names[orientation.rawValue - 1], "a.tiff")
        let reader = try openVideo(folder.file("a.tiff"), .video(120, 120))
        #expect(reader.description.rotation == orientation.rotation)
        let picture = try #require(try nextPicture(reader)).0
        #expect(picture.similarity(try folder.reference("a.tiff", picture.size)) >= 34)
    }

    /// As phones do it: a matrix in the track's header.
    @Test(arguments: [0, 90, 180, 270]) func turnsVideo(_ degrees: Int) throws {
        let folder = try PhotoFolder()
        try folder.writeFrames(PixelSize(width: 160, height: 96), count: 3)
        try folder.ffmpeg(["-framerate", "25", "-i", "frame-%04d.ppm"] + Self.x264 + ["flat.mp4"])
        try folder.write(try turned(folder.bytes("flat.mp4"), degrees), "turned.mp4")
        let reader = try openVideo(folder.file("turned.mp4"), .video(200, 200))
        #expect(reader.description.rotation == degrees)
        #expect((reader.description.width == 160) == (degrees % 180 == 0))
        let picture = try #require(try nextPicture(reader)).0
        // ffmpeg turns by itself.
        #expect(picture.similarity(try folder.videoReference("turned.mp4", picture.size)) >= 30)
    }

    @Test func honoursThePixelAspect() throws {
        let folder = try PhotoFolder()
        try folder.writeFrames(PixelSize(width: 120, height: 96), count: 2)
        try folder.ffmpeg(
            ["-framerate", "25", "-i", "frame-%04d.ppm", "-vf", "setsar=64/45"] + Self.x264 + ["wide.mp4"])
        let reader = try openVideo(folder.file("wide.mp4"), .video(342, 400))
        #expect(reader.description.width == 171)
        #expect(reader.description.height == 96)
        let picture = try #require(try nextPicture(reader)).0
        #expect(picture.size == PixelSize(width: 342, height: 192))
        #expect(picture.similarity(try folder.videoReference("wide.mp4", picture.size)) >= 30)
    }

    /// Colours come out as they went in, whatever matrix and range the file uses. `unknown`: by size.
    @Test(arguments: ["bt709", "smpte170m", "bt2020nc", "unknown"], ["tv", "pc"])
    func colourIsRight(matrix: String, range: String) throws {
        let folder = try PhotoFolder()
        let size = PixelSize(width: 128, height: 96)
        try folder.writeSource(size)
        let scale = matrix == "unknown" ? "smpte170m" : matrix.replacing("bt2020nc", with: "bt2020")
        let tag = matrix == "unknown" ? [] : ["-colorspace", matrix]
        try folder.ffmpeg(
            [
                "-i", "source.ppm", "-vf", "scale=out_color_matrix=\(scale):out_range=\(range),format=yuv444p",
                "-c:v", "libx264", "-crf", "5", "-color_range", range,
            ] + tag + ["a.mkv"])
        let reader = try openVideo(folder.file("a.mkv"), .video(128, 96))
        let picture = try #require(try nextPicture(reader)).0
        #expect(picture.similarity(RGBPicture.photo(size)) >= 34)
    }

    @Test func otherStreamsAreNamedAndLeftAlone() throws {
        let folder = try PhotoFolder()
        try folder.writeFrames(PixelSize(width: 96, height: 64), count: 5)
        try folder.write(Array("1\n00:00:00,000 --> 00:00:00,100\nHello\n".utf8), "words.srt")
        try folder.ffmpeg(
            [
                "-f", "lavfi", "-i", "sine=duration=0.2", "-framerate", "25", "-i", "frame-%04d.ppm", "-i", "words.srt",
                "-map", "0", "-map", "1", "-map", "2", "-c:a", "aac", "-c:s", "srt", "-metadata:s:a:0", "language=deu",
            ] + Self.x264 + ["all.mkv"])
        let reader = try openVideo(folder.file("all.mkv"), .video(96, 64))
        #expect(
            reader.description.streams == [
                StreamDescription(kind: .audio, codec: "aac", language: "deu"),
                StreamDescription(kind: .video, codec: "h264", language: ""),
                StreamDescription(kind: .subtitle, codec: "subrip", language: ""),
            ])
        var count = 0
        while try nextPicture(reader) != nil { count += 1 }
        #expect(count == 5)
    }

    /// A GIF that asks for 0 or 10 ms gets 100 ms, as in browsers; 20 ms are taken at their word.
    @Test func delaysThatAreTooShortToBeMeant() throws {
        let folder = try PhotoFolder()
        try folder.run(
            "convert", "-size", "32x32", "-delay", "0", "xc:red", "-delay", "1", "xc:lime", "-delay", "2", "xc:blue",
            "-delay", "50", "xc:white", "-loop", "0", "a.gif")
        let reader = try openVideo(folder.file("a.gif"), .video(32, 32))
        #expect(reader.description.kind == .animation)
        var frames: [ReadFrame] = []
        while let (_, frame) = try nextPicture(reader) { frames.append(frame) }
        #expect(frames.map { $0.presentationTime / 1_000_000 } == [0, 100, 200, 220])
        #expect(frames.map { $0.duration / 1_000_000 } == [100, 100, 20, 500])
    }

    /// Transparent parts of a GIF are black, and frames are laid over those before them.
    @Test func transparencyIsBlack() throws {
        let folder = try PhotoFolder()
        try folder.run(
            "convert", "-size", "40x40", "xc:none", "-fill", "red", "-draw", "rectangle 0,0 19,39", "-delay", "10",
            "(", "-size", "40x40", "xc:none", "-fill", "blue", "-draw", "rectangle 0,0 39,9", ")", "-loop", "0",
            "a.gif")
        let reader = try openVideo(folder.file("a.gif"), .video(40, 40))
        let first = try #require(try nextPicture(reader)).0
        #expect(first.pixel(5, 30) == [255, 0, 0])
        #expect(first.pixel(30, 30) == [0, 0, 0])
        let second = try #require(try nextPicture(reader)).0
        #expect(second.pixel(30, 5) == [0, 0, 255])
        #expect(second.pixel(5, 30) == [255, 0, 0])
    }

    @Test func coverFillsTheScreen() throws {
        let folder = try PhotoFolder()
        try folder.writeFrames(PixelSize(width: 160, height: 96), count: 2)
        try folder.ffmpeg(["-framerate", "25", "-i", "frame-%04d.ppm"] + Self.x264 + ["a.mp4"])
        let reader = try openVideo(folder.file("a.mp4"), .video(192, 192, fit: .cover))
        let picture = try #require(try nextPicture(reader)).0
        #expect(picture.size == PixelSize(width: 192, height: 192))
        try folder.ffmpeg(
            "-i", "a.mp4", "-vf", "scale=320:192:flags=bicubic,crop=192:192", "-frames:v", "1", "-f", "rawvideo",
            "-pix_fmt", "rgb24", "reference.rgb")
        let reference = RGBPicture(size: picture.size, bytes: try folder.bytes("reference.rgb"))
        #expect(picture.similarity(reference) >= 30)
    }

    /// What lies between the key frame before and the place that is asked for is decoded and not shown: after a decoder was
    /// killed, nothing is shown again. One of the files has a key frame at its beginning only.
    @Test(arguments: [10, 250]) func beginsWhereAsked(keyFrameEvery interval: Int) throws {
        let folder = try PhotoFolder()
        try folder.writeFrames(PixelSize(width: 96, height: 64), count: 50)
        try folder.ffmpeg(
            ["-framerate", "25", "-i", "frame-%04d.ppm"] + Self.x264 + ["-bf", "0", "-g", "\(interval)", "a.mp4"])
        let reader = try openVideo(folder.file("a.mp4"), .video(96, 64, start: 1_200_000_000))
        #expect(reader.description.seekable)
        let (picture, frame) = try #require(try nextPicture(reader))
        #expect(frame.presentationTime == 1_200_000_000)
        let whole = try openVideo(folder.file("a.mp4"), .video(96, 64))
        var last: RGBPicture?
        for _ in 0...30 { last = try #require(try nextPicture(whole)).0 }
        #expect(picture.bytes == last?.bytes)
        try reader.rewind()
        #expect(try #require(try nextPicture(reader)).1.presentationTime == 0)
    }

    /// Frames that come too late are left out, and the next is the one that is wanted.
    @Test(arguments: [1_000_000_000, 120_000_000] as [Int64]) func skipsWhatIsLate(_ late: Int64) throws {
        let folder = try PhotoFolder()
        try folder.writeFrames(PixelSize(width: 96, height: 64), count: 50)
        try folder.ffmpeg(["-framerate", "25", "-i", "frame-%04d.ppm"] + Self.x264 + ["-bf", "0", "a.mp4"])
        let reader = try openVideo(folder.file("a.mp4"), .video(96, 64))
        _ = try #require(try nextPicture(reader))
        let frame = try #require(try nextPicture(reader, late: late)).1
        #expect(frame.presentationTime == late)
    }
}
