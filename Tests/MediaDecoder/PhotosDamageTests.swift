import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

/// Files that are cut off, damaged, too large, or lie about themselves.
@Suite struct PhotoDamageTests {
    static let screen = OpenRequest.photo(100, 100)

    /// Makes one small file of each format, all of the same picture.
    static func makeAll(_ folder: PhotoFolder) throws -> [String] {
        try folder.writeSource(PixelSize(width: 150, height: 110))
        try folder.run("convert", "source.ppm", "a.jpg")
        try folder.run("convert", "source.ppm", "-interlace", "Plane", "progressive.jpg")
        try folder.run("convert", "source.ppm", "a.png")
        try folder.run("convert", "source.ppm", "-interlace", "PNG", "interlaced.png")
        try folder.run("cwebp", "-quiet", "source.ppm", "-o", "a.webp")
        try folder.run("cwebp", "-quiet", "-lossless", "source.ppm", "-o", "exact.webp")
        try folder.run("convert", "source.ppm", "-flip", "second.ppm")
        try folder.run("img2webp", "-d", "80", "source.ppm", "second.ppm", "-o", "moving.webp")
        try folder.run("heif-enc", "a.png", "-o", "a.heic")
        try folder.run("avifenc", "-s", "10", "a.png", "a.avif")
        return [
            "a.jpg", "progressive.jpg", "a.png", "interlaced.png", "a.webp", "exact.webp", "moving.webp", "a.heic",
            "a.avif",
        ]
    }

    /// A refusal has words; a picture has the right size.
    static func tryOut(_ path: String) throws {
        do throws(DecodeFailure) {
            let file = try PhotoFolder.descriptor(path)
            guard let reader = try PhotoReaders.open(file: file, request: screen) else { return }
            for _ in 0..<3 {
                let pixels = UnsafeMutableRawBufferPointer.allocate(
                    byteCount: reader.layout.byteCount, alignment: 64)
                defer { pixels.deallocate() }
                if try reader.nextFrame(into: pixels, late: 0) == nil { break }
            }
        } catch {
            #expect(!error.reason.isEmpty)
            #expect(!error.suggestion.isEmpty)
        }
    }

    @Test func survivesFlippedBits() throws {
        let folder = try PhotoFolder()
        PhotoReaders.prepare()
        var faults = Faults(state: 20_261_120)
        for name in try Self.makeAll(folder) {
            let whole = try folder.bytes(name)
            for _ in 0..<100 {
                var bytes = whole
                for _ in 0...faults.next(below: 4) {
                    // Half of the faults hit the headers.
                    let bound = faults.next(below: 2) == 0 ? min(400, bytes.count) : bytes.count
                    bytes[faults.next(below: bound)] ^= UInt8(1 << faults.next(below: 8))
                }
                try Self.tryOut(try folder.write(bytes, "flipped"))
            }
        }
    }

    @Test func survivesEveryEnd() throws {
        let folder = try PhotoFolder()
        PhotoReaders.prepare()
        for name in try Self.makeAll(folder) {
            let whole = try folder.bytes(name)
            for part in 0..<24 { try Self.tryOut(try folder.write(Array(whole[..<(whole.count * part / 24)]), "cut")) }
        }
    }

    /// What came is shown in its place, whatever the format.
    @Test(arguments: ["a.jpg", "a.png", "a.webp"])
    func showsWhatCame(name: String) throws {
        let folder = try PhotoFolder()
        let size = PixelSize(width: 400, height: 300)
        try folder.writeSource(size)
        // Noise makes the bytes spread evenly over the rows.
        try folder.run("convert", "source.ppm", "-seed", "1", "+noise", "Uniform", "-quality", "90", name)
        let whole = try showPhoto(folder.file(name), .photo(400, 300))
        let bytes = try folder.bytes(name)
        let cut = try showPhoto(try folder.write(Array(bytes[..<(bytes.count * 6 / 10)]), "cut"), .photo(400, 300))
        #expect(cut.size == whole.size)
        let upper = size.width * 3 * 100
        #expect(cut.bytes[..<upper] == whole.bytes[..<upper])
        #expect(cut != whole)
        if name != "a.jpg" { #expect(cut.pixel(399, 299) == [0, 0, 0]) }
    }

    @Test(arguments: ["a.jpg", "a.png", "a.webp"])
    func refusesWhatHasNoRow(name: String) throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 400, height: 300))
        try folder.run("convert", "source.ppm", "-seed", "1", "+noise", "Uniform", "-quality", "90", name)
        let bytes = try folder.bytes(name)
        // Behind the headers, and a few bytes more.
        let start = name == "a.jpg" ? 330 : 100
        let path = try folder.write(Array(bytes[..<start]), "cut")
        let failure = #expect(throws: DecodeFailure.self) { try showPhoto(path, .photo(400, 300)) }
        #expect(failure?.code == .broken)
        #expect(failure?.suggestion.isEmpty == false)
    }

    @Test func refusesAHugePNGAtOnce() throws {
        let folder = try PhotoFolder()
        let path = try folder.write(
            PNGChunksTests.png(60_000, 60_000, PNGChunksTests.chunk("IDAT", [1, 2, 3])), "huge.png")
        let failure = #expect(throws: DecodeFailure.self) { try openPhoto(path, Self.screen) }
        #expect(failure?.code == .tooLarge)
        #expect(failure?.reason.contains("60000 × 60000") == true)
    }

    /// An interlaced PNG is held whole: 12,000 × 9,000 × 3 bytes.
    @Test func refusesALargeInterlacedPNG() throws {
        let folder = try PhotoFolder()
        let plain = try folder.write(PNGChunksTests.png(12_000, 9_000), "plain.png")
        #expect(try openPhoto(plain, Self.screen) != nil)
        let interlaced = try folder.write(PNGChunksTests.png(12_000, 9_000, interlaced: true), "interlaced.png")
        let failure = #expect(throws: DecodeFailure.self) { try openPhoto(interlaced, Self.screen) }
        #expect(failure?.code == .tooLarge)
        #expect(failure?.suggestion.contains("interlac") == true)
    }

    /// The header alone decides, so that a small file with another size written into it does.
    @Test func refusesALargeProgressiveJPEG() throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 64, height: 48))
        for (options, isRefused) in [(["-interlace", "Plane"], true), (["-interlace", "None"], false)] {
            try folder.run(["convert", "source.ppm", "-sampling-factor", "2x2"] + options + ["small.jpg"])
            var bytes = try folder.bytes("small.jpg")
            let frame = try #require(
                bytes.indices.dropLast(9).first { bytes[$0] == 0xFF && [0xC0, 0xC2].contains(bytes[$0 + 1]) })
            // 9,000 rows of 12,000 pixels.
            bytes.replaceSubrange(frame + 5..<frame + 9, with: [0x23, 0x28, 0x2E, 0xE0])
            let path = try folder.write(bytes, "large.jpg")
            if isRefused {
                let failure = #expect(throws: DecodeFailure.self) { try openPhoto(path, Self.screen) }
                #expect(failure?.code == .tooLarge)
                #expect(failure?.reason.contains("progressive JPEG of 12000 × 9000") == true)
                #expect(failure?.reason.contains("limit is 160 MB") == true)
                #expect(failure?.suggestion.contains("baseline") == true)
            } else {
                #expect(try openPhoto(path, Self.screen)?.description.width == 12_000)
            }
        }
    }

    /// Each estimate is held against the limit of the request.
    @Test func heedsTheLimit() throws {
        let folder = try PhotoFolder()
        for name in try Self.makeAll(folder) {
            let failure = #expect(throws: DecodeFailure.self, "\(name)") {
                try openPhoto(folder.file(name), .photo(100, 100, memoryLimit: 2_000))
            }
            #expect(failure?.code == .tooLarge, "\(name)")
        }
    }

    @Test func leavesTheRestToOthers() throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 20, height: 10))
        try folder.run("convert", "source.ppm", "-flip", "second.ppm")
        try folder.run("convert", "source.ppm", "a.bmp")
        try folder.run("convert", "source.ppm", "a.tiff")
        try folder.run("convert", "source.ppm", "second.ppm", "a.gif")
        try folder.run("ffmpeg", "-v", "error", "-i", "a.gif", "-f", "apng", "a.png")
        try folder.write([], "empty")
        for name in ["a.bmp", "a.tiff", "a.gif", "a.png", "empty", "source.ppm"] {
            #expect(try openPhoto(folder.file(name), Self.screen) == nil, "\(name)")
        }
    }
}
