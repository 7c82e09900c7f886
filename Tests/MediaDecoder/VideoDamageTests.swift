import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

/// Files that are cut off, damaged, or not what they say.
@Suite struct VideoDamageTests {
    static func makeAll(_ folder: PhotoFolder) throws -> [String] {
        try folder.writeFrames(PixelSize(width: 96, height: 64), count: 12)
        let source = ["-framerate", "25", "-i", "frame-%04d.ppm"]
        try folder.ffmpeg(source + VideoFormatTests.x264 + ["-bf", "2", "-g", "6", "a.mp4"])
        try folder.ffmpeg(source + VideoFormatTests.x265 + ["-pix_fmt", "yuv420p", "hevc.mkv"])
        try folder.ffmpeg(source + ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "a.webm"])
        try folder.ffmpeg(source + ["-c:v", "mpeg4", "a.avi"])
        try folder.ffmpeg(source + ["a.gif"])
        try folder.ffmpeg(source + ["-f", "apng", "a.png"])
        try folder.run("convert", "frame-0000.ppm", "a.bmp")
        try folder.run("convert", "frame-0000.ppm", "-compress", "LZW", "a.tiff")
        return ["a.mp4", "hevc.mkv", "a.webm", "a.avi", "a.gif", "a.png", "a.bmp", "a.tiff"]
    }

    /// A refusal has words; what plays, plays to an end.
    static func tryOut(_ path: String, threads: Int = 2) throws {
        do throws(DecodeFailure) {
            let reader = try openVideo(path, .video(64, 64, memoryLimit: 80_000_000, threads: threads))
            let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: reader.layout.byteCount, alignment: 64)
            defer { pixels.deallocate() }
            var frames = 0
            while frames < 100, try reader.nextFrame(into: pixels, late: 0) != nil { frames += 1 }
            try reader.rewind()
            _ = try reader.nextFrame(into: pixels, late: 0)
        } catch {
            #expect(!error.reason.isEmpty)
            #expect(!error.suggestion.isEmpty)
        }
    }

    @Test func survivesFlippedBits() throws {
        let folder = try PhotoFolder()
        var faults = Faults(state: 20_261_121)
        for name in try Self.makeAll(folder) {
            let whole = try folder.bytes(name)
            for _ in 0..<12 {
                var bytes = whole
                for _ in 0...faults.next(below: 8) {
                    let bound = faults.next(below: 2) == 0 ? min(600, bytes.count) : bytes.count
                    bytes[faults.next(below: bound)] ^= UInt8(1 << faults.next(below: 8))
                }
                try Self.tryOut(try folder.write(bytes, "flipped"))
            }
        }
    }

    @Test func survivesEveryEnd() throws {
        let folder = try PhotoFolder()
        for name in try Self.makeAll(folder) {
            let whole = try folder.bytes(name)
            for part in 0..<8 { try Self.tryOut(try folder.write(Array(whole[..<(whole.count * part / 8)]), "cut")) }
        }
    }

    static func refusal(_ bytes: [UInt8], _ name: String) throws -> DecodeFailure? {
        let folder = try PhotoFolder()
        let path = try folder.write(bytes, name)
        return #expect(throws: DecodeFailure.self) {
            let reader = try openVideo(path, .video(64, 64))
            _ = try nextPicture(reader)
        }
    }

    @Test func saysWhatAFileIsNot() throws {
        #expect(try Self.refusal([], "empty.mp4")?.code == .broken)
        #expect(try Self.refusal([], "empty.mp4")?.reason == "The file is empty.")
        let text = Array(String(repeating: "This is a letter, not a film. ", count: 300).utf8)
        #expect(try Self.refusal(text, "letter.mp4")?.code == .notMedia)
        #expect(try Self.refusal([UInt8](repeating: 0, count: 4096), "zeros.mkv")?.code == .notMedia)
        // A playlist names other files: none is opened.
        let playlist = Array("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n".utf8)
        #expect(try Self.refusal(playlist, "list.mp4")?.code == .notMedia)
        let concat = Array("ffconcat version 1.0\nfile '/etc/passwd'\n".utf8)
        #expect(try Self.refusal(concat, "list.mp4")?.code == .notMedia)
    }

    @Test func soundAloneIsNoMedium() throws {
        let folder = try PhotoFolder()
        try folder.ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", "-c:a", "aac", "sound.mp4")
        let refusal = #expect(throws: DecodeFailure.self) {
            try openVideo(folder.file("sound.mp4"), .video(64, 64))
        }
        #expect(refusal?.code == .notMedia)
    }

    @Test func aFilmWithoutItsIndexIsBroken() throws {
        let folder = try PhotoFolder()
        try folder.writeFrames(PixelSize(width: 96, height: 64), count: 5)
        try folder.ffmpeg(["-framerate", "25", "-i", "frame-%04d.ppm"] + VideoFormatTests.x264 + ["a.mp4"])
        let bytes = try folder.bytes("a.mp4")
        #expect(try Self.refusal(Array(bytes[..<(bytes.count / 2)]), "cut.mp4")?.code == .broken)
    }

    /// What came before the cut plays.
    @Test func halfAFilmPlaysHalf() throws {
        let folder = try PhotoFolder()
        try folder.writeFrames(PixelSize(width: 96, height: 64), count: 40)
        try folder.ffmpeg(
            ["-framerate", "25", "-i", "frame-%04d.ppm"] + VideoFormatTests.x264
                + ["-g", "5", "-movflags", "+faststart", "a.mp4"])
        let bytes = try folder.bytes("a.mp4")
        let reader = try openVideo(try folder.write(Array(bytes[..<(bytes.count * 2 / 3)]), "cut.mp4"), .video(64, 64))
        var count = 0
        while try nextPicture(reader) != nil { count += 1 }
        #expect((10..<40).contains(count))
    }

    @Test func absurdSizesAreRefusedBeforeAnythingIsAllocated() throws {
        func long(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * UInt32($0)) & 255) } }
        let bmp =
            Array("BM".utf8) + long(1 << 20) + long(0) + long(54) + long(40) + long(60_000) + long(60_000) + [
                1, 0, 24, 0,
            ]
            + [UInt8](repeating: 0, count: 2000)
        #expect(try Self.refusal(bmp, "huge.bmp")?.code == .tooLarge)
        var negative = bmp
        negative[21] = 0xA0
        #expect(try Self.refusal(negative, "beyond.bmp")?.code == .tooLarge)
        // 60,000 is EA60.
        var gif = Array("GIF89a".utf8) + [0x60, 0xEA, 0x60, 0xEA, 0x80, 0, 0] + [0, 0, 0, 255, 255, 255]
        gif += [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
        let refusal = try Self.refusal(gif, "huge.gif")
        #expect(refusal?.code == .tooLarge)
        #expect(refusal?.reason.contains("60000×60000") == true)
    }

    @Test func theMemoryLimitIsNamed() throws {
        let folder = try PhotoFolder()
        try folder.ffmpeg(
            ["-f", "lavfi", "-i", "color=red:size=1920x1080:rate=25:duration=0.08"] + VideoFormatTests.x264 + ["a.mp4"])
        let refusal = #expect(throws: DecodeFailure.self) {
            try openVideo(folder.file("a.mp4"), .video(64, 64, memoryLimit: 20_000_000))
        }
        #expect(refusal?.code == .tooLarge)
        #expect(refusal?.reason.contains("1920×1080") == true)
        #expect(refusal?.reason.contains("20 MB") == true)
    }
}
