import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

@Suite struct HEIFItemsTests {
    static func items(_ bytes: [UInt8]) throws -> HEIFItems? {
        try HEIFItems { (offset, count) in
            offset < bytes.count ? Array(bytes[offset..<min(bytes.count, offset + count)]) : []
        }
    }

    static func tiling(_ bytes: [UInt8]) throws -> HEIFTiling? {
        guard let items = try items(bytes) else { return nil }
        return try HEIFTiling(items) { (offset, count) in
            offset < bytes.count ? Array(bytes[offset..<min(bytes.count, offset + count)]) : []
        }
    }

    @Test func readsBoxesOfEveryLength() {
        var boxes = BoxBytes([0, 0, 0, 9, 0x61, 0x62, 0x63, 0x64, 7, 0, 0, 0, 0, 0x65, 0x66, 0x67, 0x68, 1, 2][...])
        let first = boxes.box()
        #expect(first?.name == "abcd")
        #expect(first?.contents.bytes == [7])
        let last = boxes.box()
        #expect(last?.name == "efgh")
        #expect(last?.contents.bytes == [1, 2])
        #expect(boxes.isEmpty)
        // Longer than there is, and shorter than its own head.
        var long = BoxBytes([0, 0, 0, 10, 0x61, 0x62, 0x63, 0x64, 7][...])
        #expect(long.box() == nil)
        var short = BoxBytes([0, 0, 0, 7, 0x61, 0x62, 0x63, 0x64, 7][...])
        #expect(short.box() == nil)
        var wide = BoxBytes([0, 0, 0, 1, 0x61, 0x62, 0x63, 0x64, 0, 0, 0, 0, 0, 0, 0, 17, 9][...])
        #expect(wide.box()?.contents.bytes == [9])
        var number = BoxBytes([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF][...])
        #expect(number.number(8) == nil)
    }

    @Test func readsOnePicture() throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 150, height: 110))
        try folder.run("convert", "source.ppm", "a.png")
        try folder.run("heif-enc", "a.png", "-o", "a.heic")
        let tiling = try #require(try Self.tiling(try folder.bytes("a.heic")))
        #expect(tiling.coding == .hevc)
        #expect(tiling.size == PixelSize(width: 150, height: 110))
        #expect(tiling.tiles.count == 1)
        #expect(tiling.orientation == .upright)
        #expect(tiling.chroma == .quarter)
        #expect(tiling.bitDepth == 8)
    }

    @Test func readsAGrid() throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 512, height: 384))
        try folder.run("convert", "source.ppm", "a.png")
        try folder.run(
            "avifenc", "-s", "10", "-d", "10", "-y", "422", "--grid", "4x3", "--min", "5", "--max", "15", "a.png",
            "a.avif")
        let tiling = try #require(try Self.tiling(try folder.bytes("a.avif")))
        #expect(tiling.coding == .av1)
        #expect(tiling.columns == 4)
        #expect(tiling.rows == 3)
        #expect(tiling.tile == PixelSize(width: 128, height: 128))
        #expect(tiling.size == PixelSize(width: 512, height: 384))
        #expect(Set(tiling.tiles.map { $0[0].offset }).count == 12)
        #expect(tiling.chroma == .half)
        #expect(tiling.bitDepth == 10)

        let reader = try #require(try openPhoto(folder.file("a.avif"), .photo(300, 300)))
        #expect(reader.description.streams.map(\.codec) == ["av1"])
        let picture = try #require(try nextPicture(reader)).0
        let similarity = picture.similarity(try folder.reference("a.png", picture.size))
        #expect(similarity >= 32, "\(similarity) dB")
        // The crop begins inside a tile.
        let cut = try showPhoto(folder.file("a.avif"), .photo(100, 200, fit: .cover))
        try folder.run("convert", "a.png", "-resize", "267x200!", "-crop", "100x200+83+0", "+repage", "cut.png")
        #expect(cut.similarity(try folder.reference("cut.png", cut.size)) >= 28)
    }

    /// As phones write it: tiles that reach beyond the picture, turned by a property of the file.
    @Test func showsTilesOfAPhone() throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 512, height: 384))
        try folder.write(exifBlock(6), "exif")
        try folder.tiledHEIC(
            "source.ppm", "a.heic", "--grid", "4x3", "--tile", "128x128", "--size", "500x370", "--turns", "1", "--exif",
            "exif")
        let tiling = try #require(try Self.tiling(try folder.bytes("a.heic")))
        #expect(tiling.coding == .hevc)
        #expect(tiling.columns == 4)
        #expect(tiling.rows == 3)
        #expect(tiling.size == PixelSize(width: 500, height: 370))
        #expect(tiling.orientation == .turned270)

        let reader = try #require(try openPhoto(folder.file("a.heic"), .photo(200, 200)))
        #expect(reader.description.streams.map(\.codec) == ["hevc"])
        #expect(reader.description.width == 370)
        #expect(reader.description.height == 500)
        try folder.run("convert", "source.ppm", "-crop", "500x370+0+0", "+repage", "-rotate", "-90", "seen.png")
        let picture = try #require(try nextPicture(reader)).0
        #expect(picture.size == PixelSize(width: 148, height: 200))
        let similarity = picture.similarity(try folder.reference("seen.png", picture.size))
        #expect(similarity >= 32, "\(similarity) dB")
    }

    /// It is admitted where there is no room for its planes.
    @Test func showsManyTilesInLessMemoryThanTheirPicture() throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 512, height: 1024))
        try folder.tiledHEIC("source.ppm", "a.heic", "--grid", "2x8", "--tile", "256x128")
        let whole = 512 * 1024 * 3 / 2
        let picture = try showPhoto(folder.file("a.heic"), .photo(100, 200, memoryLimit: whole))
        try folder.run("convert", "source.ppm", "seen.png")
        #expect(picture.similarity(try folder.reference("seen.png", picture.size)) >= 32)
    }

    /// Only libheif puts alpha and picture together.
    @Test(arguments: ["heif-enc", "avifenc"])
    func leavesAlphaToTheLibrary(tool: String) throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 150, height: 110))
        try folder.run(
            "convert", "source.ppm", "(", "+clone", "-colorspace", "Gray", ")", "-compose", "CopyOpacity", "-composite",
            "alpha.png")
        if tool == "heif-enc" {
            try folder.run("heif-enc", "-q", "90", "alpha.png", "-o", "a.heif")
        } else {
            try folder.run(
                "avifenc", "-s", "9", "--min", "2", "--max", "8", "--minalpha", "0", "--maxalpha", "0", "alpha.png",
                "a.heif")
        }
        #expect(try Self.tiling(try folder.bytes("a.heif")) == nil)
        let reader = try #require(try openPhoto(folder.file("a.heif"), .photo(100, 100)))
        #expect(reader.description.streams.map(\.codec) == ["libheif"])
        let picture = try #require(try nextPicture(reader)).0
        let similarity = picture.similarity(try folder.reference("alpha.png", picture.size))
        #expect(similarity >= 31, "\(similarity) dB")
    }

    @Test func survivesAnything() throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 256, height: 128))
        try folder.run("convert", "source.ppm", "a.png")
        try folder.run("avifenc", "-s", "10", "--grid", "2x1", "a.png", "a.avif")
        let whole = Array(try folder.bytes("a.avif").prefix(900))
        var faults = Faults(state: 5)
        for _ in 0..<1_000 {
            var bytes = whole
            for _ in 0...faults.next(below: 5) { bytes[faults.next(below: 600)] = UInt8(faults.next(below: 256)) }
            _ = try Self.tiling(Array(bytes[..<(bytes.count - faults.next(below: 2) * faults.next(below: 400))]))
        }
    }
}
