import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

@Suite struct PhotoFormatTests {
    @Test(
        arguments: [
            ([0xFF, 0xD8, 0xFF, 0xE0], PhotoFormat.jpeg),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
            (Array("RIFF0000WEBPVP8 ".utf8), .webp),
            (Array("0000ftypheic0000".utf8), .heif),
            (Array("0000ftypmif10000".utf8), .heif),
            (Array("0000ftypavif0000".utf8), .heif),
        ] as [([UInt8], PhotoFormat)])
    func knowsPhotos(start: [UInt8], format: PhotoFormat) { #expect(PhotoFormat(start) == format) }

    @Test(
        arguments: [
            [], [0xFF, 0xD8], Array("RIFF0000WAVE".utf8), Array("RIFF".utf8), Array("GIF89a".utf8), Array("BM".utf8),
            Array("0000ftypisom0000".utf8), Array("0000ftypavis0000".utf8), Array("0000ftyp".utf8),
            Array("hello, this is text".utf8),
        ] as [[UInt8]])
    func leavesTheRest(start: [UInt8]) { #expect(PhotoFormat(start) == nil) }
}

@Suite struct PNGChunksTests {
    static func chunk(_ name: String, _ contents: [UInt8]) -> [UInt8] {
        let count = contents.count
        let length = [UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
        return length + Array(name.utf8) + contents + [0, 0, 0, 0]
    }

    static func png(_ width: UInt32, _ height: UInt32, interlaced: Bool = false, _ rest: [UInt8]...) -> [UInt8] {
        func long(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * UInt32($0)) & 255) } }
        let header = long(width) + long(height) + [8, 2, 0, 0, interlaced ? 1 : 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + rest.joined()
    }

    static func read(_ bytes: [UInt8]) throws -> PNGChunks {
        try PNGChunks { (offset, count) in
            offset < bytes.count ? Array(bytes[offset..<min(bytes.count, offset + count)]) : []
        }
    }

    @Test func readsTheHeader() throws {
        let chunks = try Self.read(Self.png(300, 200, interlaced: true))
        #expect(chunks.size == PixelSize(width: 300, height: 200))
        #expect(chunks.isInterlaced)
        #expect(!chunks.isAnimated)
        #expect(chunks.exif == nil)
    }

    @Test func findsExifBehindThePicture() throws {
        let bytes = Self.png(
            3, 2, Self.chunk("tEXt", [1, 2, 3]), Self.chunk("IDAT", Array(repeating: 7, count: 1_000)),
            Self.chunk("eXIf", exifBlock(6)), Self.chunk("IEND", []))
        #expect(try Self.read(bytes).exif == exifBlock(6))
    }

    @Test func tellsAnimations() throws {
        let animated = Self.png(3, 2, Self.chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0]), Self.chunk("IDAT", []))
        #expect(try Self.read(animated).isAnimated)
        let still = Self.png(3, 2, Self.chunk("acTL", [0, 0, 0, 1, 0, 0, 0, 0]), Self.chunk("IDAT", []))
        #expect(try !Self.read(still).isAnimated)
    }

    @Test func survivesLengthsThatLieAndFilesThatEnd() throws {
        var bytes = Self.png(3, 2, Self.chunk("IDAT", [1, 2, 3]), Self.chunk("eXIf", exifBlock(3)))
        for length in 33..<bytes.count { _ = try Self.read(Array(bytes[..<length])) }
        bytes.replaceSubrange(33..<37, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try Self.read(bytes).exif == nil)
        for length in 0..<33 {
            #expect(throws: DecodeFailure.self) { try Self.read(Array(bytes[..<length])) }
        }
    }
}

@Suite struct PhotoCostTests {
    static func cost(_ width: Int, _ height: Int, bytes: Int) -> PhotoCost {
        PhotoCost(
            size: PixelSize(width: width, height: height), bytes: bytes, what: "progressive JPEG",
            suggestion: "Shrink it.")
    }

    @Test func admitsWhatFits() throws { try Self.cost(12_000, 9_000, bytes: 160_000_000).admit(limit: 160_000_000) }

    @Test func refusesWithBothNumbers() throws {
        let failure = #expect(throws: DecodeFailure.self) {
            try Self.cost(12_000, 9_000, bytes: 324_000_000).admit(limit: 160_000_000)
        }
        #expect(failure?.code == .tooLarge)
        #expect(failure?.reason.contains("12000 × 9000") == true)
        #expect(failure?.reason.contains("324 MB") == true)
        #expect(failure?.reason.contains("160 MB") == true)
        #expect(failure?.suggestion == "Shrink it.")
    }

    @Test func refusesWhatWouldTakeForEver() throws {
        let failure = #expect(throws: DecodeFailure.self) {
            try Self.cost(60_000, 60_000, bytes: 1_000).admit(limit: 160_000_000)
        }
        #expect(failure?.code == .tooLarge)
        #expect(failure?.reason.contains("3600 million") == true)
        #expect(failure?.reason.contains("250 million") == true)
    }

    @Test func refusesNothingAtAll() {
        #expect(throws: DecodeFailure.self) { try Self.cost(0, 10, bytes: 0).admit(limit: 1_000) }
    }
}
