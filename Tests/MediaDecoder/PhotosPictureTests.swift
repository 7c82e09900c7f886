import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

/// Each format against what ImageMagick makes of the same file at the same size.
@Suite struct PhotoPictureTests {
    struct Format: CustomTestStringConvertible, Sendable {
        var name: String
        var format: String
        /// Commands that make `name` out of `source.ppm`.
        var commands: [[String]]
        /// Decibels.
        var least = 34.0

        var testDescription: String { name }

        /// By ImageMagick.
        static func convert(_ name: String, _ format: String, _ options: String..., least: Double = 34) -> Format {
            Format(name: name, format: format, commands: [["convert", "source.ppm"] + options + [name]], least: least)
        }
    }

    static let formats: [Format] = [
        .convert("plain.jpg", "jpeg", "-quality", "92"),
        .convert("fine.jpg", "jpeg", "-quality", "92", "-sampling-factor", "1x1"),
        .convert("gray.jpg", "jpeg", "-colorspace", "Gray"),
        .convert("progressive.jpg", "jpeg", "-interlace", "Plane"),
        .convert("cmyk.jpg", "jpeg", "-colorspace", "CMYK", "-quality", "92"),
        .convert("plain.png", "png"),
        .convert("gray.png", "png", "-colorspace", "Gray"),
        .convert("deep.png", "png", "-depth", "16", "-evaluate", "Add", "0.1%", "-define", "png:bit-depth=16"),
        .convert("interlaced.png", "png", "-interlace", "PNG"),
        .convert("palette.png", "png", "-colors", "100", "-define", "png:color-type=3"),
        .convert("two.png", "png", "-colorspace", "Gray", "-threshold", "50%", "-define", "png:bit-depth=1", least: 30),
        .convert(
            "alpha.png", "png", "(", "+clone", "-colorspace", "Gray", ")", "-compose", "CopyOpacity", "-composite"),
        .convert(
            "transparent.png", "png", "-colors", "60", "-transparent", "#E6463C", "-fuzz", "20%", "-define",
            "png:color-type=3"),
        Format(
            name: "lossy.webp", format: "webp",
            commands: [["cwebp", "-quiet", "-q", "90", "source.ppm", "-o", "lossy.webp"]]),
        Format(
            name: "exact.webp", format: "webp",
            commands: [["cwebp", "-quiet", "-lossless", "source.ppm", "-o", "exact.webp"]]),
        Format(
            name: "alpha.webp", format: "webp",
            commands: [
                [
                    "convert", "source.ppm", "(", "+clone", "-colorspace", "Gray", ")", "-compose", "CopyOpacity",
                    "-composite", "alpha.png",
                ], ["cwebp", "-quiet", "-q", "90", "alpha.png", "-o", "alpha.webp"],
            ]),
        Format(
            name: "plain.heic", format: "heic",
            commands: [
                ["convert", "source.ppm", "plain.png"], ["heif-enc", "-q", "85", "plain.png", "-o", "plain.heic"],
            ]),
        Format(
            name: "plain.avif", format: "avif",
            commands: [
                ["convert", "source.ppm", "plain.png"],
                ["avifenc", "-s", "9", "--min", "5", "--max", "15", "plain.png", "plain.avif"],
            ]),
        Format(
            name: "deep.avif", format: "avif",
            commands: [
                ["convert", "source.ppm", "plain.png"],
                ["avifenc", "-s", "9", "--min", "5", "--max", "15", "-d", "10", "-y", "420", "plain.png", "deep.avif"],
            ]),
        Format(
            name: "limited.avif", format: "avif",
            commands: [
                ["convert", "source.ppm", "plain.png"],
                [
                    "avifenc", "-s", "9", "--min", "5", "--max", "15", "-r", "l", "--cicp", "1/13/1", "-y", "420",
                    "plain.png", "limited.avif",
                ],
            ]),
    ]

    @Test(arguments: formats)
    func looksLikeTheReference(format: Format) throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 500, height: 333))
        for command in format.commands { try folder.run(command) }
        for screen in [
            PixelSize(width: 320, height: 240), PixelSize(width: 133, height: 400), PixelSize(width: 700, height: 500),
        ] {
            let reader = try #require(try openPhoto(folder.file(format.name), .photo(screen.width, screen.height)))
            #expect(reader.description.format == format.format)
            #expect(reader.description.kind == .image)
            #expect(reader.description.width == 500)
            #expect(reader.description.height == 333)
            let (picture, frame) = try #require(try nextPicture(reader))
            #expect(picture.size == Fit.contain.destination(of: PixelSize(width: 500, height: 333), on: screen).size)
            #expect(frame == ReadFrame(presentationTime: 0, duration: 0))
            let similarity = picture.similarity(try folder.reference(format.name, picture.size))
            #expect(similarity >= format.least, "\(format.name) at \(screen): \(similarity) dB")
            #expect(try nextPicture(reader) == nil)
            try reader.rewind()
            #expect(try nextPicture(reader)?.0 == picture)
        }
    }

    /// What lies outside the screen is cut off on both sides.
    @Test(arguments: ["plain.jpg", "plain.png", "lossy.webp"])
    func covers(name: String) throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 500, height: 333))
        try folder.run("convert", "source.ppm", "-quality", "92", name)
        let picture = try showPhoto(folder.file(name), .photo(200, 200, fit: .cover))
        try folder.run("convert", name, "-resize", "300x200!", "-crop", "200x200+50+0", "+repage", "cut.png")
        #expect(picture.size == PixelSize(width: 200, height: 200))
        let similarity = picture.similarity(try folder.reference("cut.png", picture.size))
        #expect(similarity >= 31, "\(similarity) dB")
    }

    @Test(arguments: Orientation.allCases, ["jpg", "png", "webp"])
    func standsUpright(orientation: Orientation, suffix: String) throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 240, height: 160))
        try folder.run("convert", "source.ppm", "-quality", "95", "plain.jpg")
        let bytes = jpeg(try folder.bytes("plain.jpg"), exif: exifBlock(orientation.rawValue))
        try folder.write(bytes, "turned.jpg")
        switch suffix {
        case "png":
            try folder.run("convert", "source.ppm", "plain.png")
            let plain = try folder.bytes("plain.png")
            try folder.run("convert", "source.ppm", "-define", "png:exclude-chunks=all", "plain.png")
            // Behind the header: libpng skips the block, and its checksum with it.
            let block = PNGChunksTests.chunk("eXIf", exifBlock(orientation.rawValue))
            try folder.write(Array(plain[..<33]) + block + plain[33...], "turned.png")
        case "webp":
            try folder.run("cwebp", "-quiet", "-metadata", "exif", "-q", "95", "turned.jpg", "-o", "turned.webp")
        default: break
        }
        let reader = try #require(try openPhoto(folder.file("turned." + suffix), .photo(120, 120)))
        let size =
            orientation.swapsAxes ? PixelSize(width: 160, height: 240) : PixelSize(width: 240, height: 160)
        #expect(PixelSize(width: reader.description.width, height: reader.description.height) == size)
        let picture = try #require(try nextPicture(reader)).0
        let similarity = picture.similarity(try folder.reference("turned.jpg", picture.size))
        #expect(similarity >= 32, "\(similarity) dB")
    }

    /// libheif turns by the file's properties; the EXIF block, which says the same, must not turn it again.
    @Test(arguments: [1, 3, 6, 8])
    func turnsHEICOnce(orientation: Int) throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 240, height: 160))
        try folder.run("convert", "source.ppm", "-quality", "95", "plain.jpg")
        try folder.write(jpeg(try folder.bytes("plain.jpg"), exif: exifBlock(orientation)), "turned.jpg")
        try folder.run("heif-enc", "-q", "90", "turned.jpg", "-o", "turned.heic")
        try folder.run("heif-convert", "-q", "98", "turned.heic", "library.png")
        let picture = try showPhoto(folder.file("turned.heic"), .photo(120, 120))
        let similarity = picture.similarity(try folder.reference("library.png", picture.size))
        #expect(similarity >= 32, "\(similarity) dB")
    }
}
