import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

@Suite struct WebPAnimationTests {
    /// Red, green and blue, with durations of 80, 200 and 5 ms.
    static func makeColours(_ folder: PhotoFolder) throws -> String {
        for colour in ["red", "lime", "blue"] {
            try folder.run("convert", "-size", "60x40", "xc:\(colour)", "\(colour).png")
        }
        try folder.run(
            "img2webp", "-lossless", "-d", "80", "red.png", "-d", "200", "lime.png", "-d", "5", "blue.png", "-o",
            "a.webp")
        return folder.file("a.webp")
    }

    @Test func playsAndBeginsAgain() throws {
        let folder = try PhotoFolder()
        let reader = try #require(try openPhoto(try Self.makeColours(folder), .photo(30, 30)))
        #expect(reader.description.kind == .animation)
        #expect(reader.description.format == "webp")
        #expect(reader.description.width == 60)
        // What is too short to be meant counts as 100 ms.
        #expect(reader.description.durationNanoseconds == 380_000_000)
        for _ in 0..<2 {
            var frames: [ReadFrame] = []
            var colours: [[UInt8]] = []
            while let (picture, frame) = try nextPicture(reader) {
                #expect(picture.size == PixelSize(width: 30, height: 20))
                frames.append(frame)
                colours.append(picture.pixel(15, 10))
            }
            #expect(
                frames == [
                    ReadFrame(presentationTime: 0, duration: 80_000_000),
                    ReadFrame(presentationTime: 80_000_000, duration: 200_000_000),
                    ReadFrame(presentationTime: 280_000_000, duration: 100_000_000),
                ])
            #expect(colours == [[255, 0, 0], [0, 255, 0], [0, 0, 255]])
            try reader.rewind()
        }
    }

    @Test func skipsWhatIsLate() throws {
        let folder = try PhotoFolder()
        let reader = try #require(try openPhoto(try Self.makeColours(folder), .photo(30, 30)))
        let (picture, frame) = try #require(try nextPicture(reader, late: 100_000_000))
        #expect(frame.presentationTime == 80_000_000)
        #expect(picture.pixel(0, 0) == [0, 255, 0])
        // What is skipped counts.
        #expect(reader.read == (2, 80_000_000 + frame.duration))
        #expect(try nextPicture(reader, late: .max) == nil)
        #expect(reader.read.frames == 3)
        try reader.rewind()
        #expect(reader.read == (0, 0))
    }

    /// Transparent parts of a frame show the frames before, and black where there are none.
    @Test func composesOnBlack() throws {
        let folder = try PhotoFolder()
        try folder.run("convert", "-size", "40x40", "xc:none", "-fill", "red", "-draw", "rectangle 0,0 19,39", "1.png")
        try folder.run("convert", "-size", "40x40", "xc:none", "-fill", "blue", "-draw", "rectangle 0,0 19,19", "2.png")
        try folder.run("img2webp", "-lossless", "1.png", "2.png", "-o", "a.webp")
        let reader = try #require(try openPhoto(folder.file("a.webp"), .photo(40, 40)))
        let first = try #require(try nextPicture(reader)).0
        #expect(first.pixel(5, 5) == [255, 0, 0])
        #expect(first.pixel(35, 5) == [0, 0, 0])
        let second = try #require(try nextPicture(reader)).0
        #expect(second.pixel(5, 5) == [0, 0, 255])
        #expect(second.pixel(35, 5) == [0, 0, 0])
    }

    /// The container says "animated", and there is one frame.
    @Test func isAPictureWithOneFrame() throws {
        let folder = try PhotoFolder()
        try folder.run("convert", "-size", "60x40", "xc:red", "red.png")
        try folder.run("cwebp", "-quiet", "-lossless", "red.png", "-o", "red.webp")
        try folder.run("webpmux", "-frame", "red.webp", "+100", "-o", "a.webp")
        let reader = try #require(try openPhoto(folder.file("a.webp"), .photo(60, 40)))
        #expect(reader.description.kind == .image)
        #expect(reader.description.durationNanoseconds == nil)
        let (picture, frame) = try #require(try nextPicture(reader))
        #expect(frame == ReadFrame(presentationTime: 0, duration: 0))
        #expect(picture.pixel(30, 20) == [255, 0, 0])
        #expect(try nextPicture(reader) == nil)
    }
}

@Suite struct ThumbnailTests {
    /// Frames of one colour each, half a second long.
    final class Scripted: MediumReader {
        let description: MediumDescription
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 32, height: 16))
        private let grays: [UInt8]
        private var next = 0

        init(_ kind: MediumKind, grays: [UInt8]) {
            description = MediumDescription(
                kind: kind, format: "test", width: 32, height: 16, rotation: 0, durationNanoseconds: nil,
                frameRate: nil, seekable: true, streams: [])
            self.grays = grays
        }

        func nextFrame(
            into pixels: UnsafeMutableRawBufferPointer, late: Int64
        ) throws(DecodeFailure) -> ReadFrame? {
            while next < grays.count, Int64(next + 1) * 500_000_000 <= late { next += 1 }
            guard next < grays.count else { return nil }
            pixels.initializeMemory(as: UInt8.self, repeating: grays[next])
            defer { next += 1 }
            return ReadFrame(presentationTime: Int64(next) * 500_000_000, duration: 500_000_000)
        }

        var read: (frames: Int, end: Int64) { (next, Int64(next) * 500_000_000) }

        func rewind() { next = 0 }
    }

    /// The gray that a thumbnail shows.
    func gray(_ reader: Scripted) throws -> Int {
        let folder = try PhotoFolder()
        let bytes = try Thumbnails.jpeg(of: reader, capacity: 100_000)
        let picture = try showPhoto(try folder.write(bytes, "a.jpg"), .photo(32, 16))
        #expect(picture.size == PixelSize(width: 32, height: 16))
        return Int(picture.pixel(16, 8)[1])
    }

    @Test(
        arguments: [
            // The first after one second.
            (MediumKind.video, [200, 100, 60, 220], 60),
            // The first after it that is not black.
            (.video, [200, 100, 5, 16, 220], 220),
            // Black after one second: from the beginning.
            (.video, [0, 90, 5, 16, 2], 90),
            // Shorter than a second.
            (.animation, [0, 180], 180),
            // Black all along.
            (.video, [3, 3, 3, 3], 3),
            // A photo is what it is.
            (.image, [2], 2),
        ] as [(MediumKind, [UInt8], Int)])
    func choosesAFrame(kind: MediumKind, grays: [UInt8], expected: Int) throws {
        #expect(abs(try gray(Scripted(kind, grays: grays)) - expected) <= 2)
    }

    @Test func refusesAnEmptyMedium() {
        let failure = #expect(throws: DecodeFailure.self) {
            try Thumbnails.jpeg(of: Scripted(.video, grays: []), capacity: 100_000)
        }
        #expect(failure?.code == .broken)
    }

    @Test func keepsToItsCapacity() {
        let failure = #expect(throws: DecodeFailure.self) {
            try Thumbnails.jpeg(of: Scripted(.image, grays: [100]), capacity: 100)
        }
        #expect(failure?.code == .misuse)
    }
}
