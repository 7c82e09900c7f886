import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

@Suite struct CaptureTimeTests {
    /// 12:34:56 on 1 May 2024, UTC.
    private static let moment: Int64 = 1_714_566_896

    /// An EXIF block with an orientation and these texts in the EXIF directory.
    static func block(_ texts: [(tag: Int, text: String)], bigEndian: Bool = true) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let bytes = (0..<count).map { UInt8(value >> (8 * (count - 1 - $0)) & 255) }
            return bigEndian ? bytes : bytes.reversed()
        }
        // Two entries in the first directory, from 8 to 38.
        let head =
            Array((bigEndian ? "MM" : "II").utf8) + number(42, 2) + number(8, 4) + number(2, 2)
            + number(0x0112, 2) + number(3, 2) + number(1, 4) + number(6, 2) + number(0, 2)
            + number(0x8769, 2) + number(4, 2) + number(1, 4) + number(38, 4) + number(0, 4)
        var entries: [UInt8] = []
        var values: [UInt8] = []
        let start = 38 + 2 + texts.count * 12 + 4
        for (tag, text) in texts {
            let bytes = Array(text.utf8) + [0]
            entries += number(tag, 2) + number(2, 2) + number(bytes.count, 4)
            if bytes.count > 4 {
                entries += number(start + values.count, 4)
                values += bytes
            } else {
                entries += bytes + [UInt8](repeating: 0, count: 4 - bytes.count)
            }
        }
        return head + number(texts.count, 2) + entries + number(0, 4) + values
    }

    @Test(arguments: [
        ("2024:05:01 12:34:56", moment), ("2024-05-01T12:34:56.000000Z", moment), ("2024-05-01 12:34:56", moment),
        ("2024-05-01T14:34:56+0200", moment), ("2024-05-01T14:34:56+02:00", moment),
        ("2024-05-01T07:04:56.5-05:30", moment), ("2024-05-01T12:34Z", moment - 56),
        ("2024-05-01", moment - 45_296), ("1970:01:01 00:00:00", 0), ("1969-12-31T23:59:59Z", -1),
        ("2000:02:29 00:00:00", 951_782_400), ("1900:03:01 00:00:00", -2_203_891_200),
        ("9999-12-31T23:59:60Z", 253_402_300_800),
    ])
    func readsTimes(text: String, seconds: Int64) {
        #expect(CaptureTime.parse(text) == seconds)
    }

    @Test(arguments: [
        "", "2024", "2024-05", "0000:00:00 00:00:00", "2024:13:01 00:00:00", "2024:05:32 00:00:00",
        "2024:05:01 24:00:00", "    :  :     :  :  ", "2024-05-01T12:34:56Zx", "2024-05-01T12:34:56+2", "1700-01-01",
        "2024-05-01T12:34:56+99:00", "yesterday", "２０２４-05-01",
    ])
    func readsNothingElse(text: String) {
        #expect(CaptureTime.parse(text) == nil)
    }

    @Test(arguments: [true, false])
    func findsTheOriginal(bigEndian: Bool) {
        func find(_ texts: [(tag: Int, text: String)]) -> Int64? {
            CaptureTime.find(inExif: Self.block(texts, bigEndian: bigEndian))
        }
        let text = "2024:05:01 12:34:56"
        #expect(find([(0x9003, text)]) == Self.moment)
        #expect(find([(0x9003, text), (0x9011, "+02:00")]) == Self.moment - 7_200)
        #expect(find([(0x9003, text), (0x9011, "   :  ")]) == Self.moment)
        // Of no meaning: the camera's clock was not set; the digitised one counts then.
        #expect(find([(0x9003, "0000:00:00 00:00:00"), (0x9004, text)]) == Self.moment)
        #expect(find([(0x9004, text), (0x9012, "-01:00")]) == Self.moment + 3_600)
        #expect(find([(0x0132, text)]) == nil)
        #expect(find([]) == nil)
        #expect(ExifOrientation.find(in: Self.block([], bigEndian: bigEndian)) == .turned90)
        #expect(CaptureTime.find(inExif: exifBlock(6, bigEndian: bigEndian)) == nil)
    }

    @Test func survivesAnything() {
        var faults = Faults(state: 3)
        let block = Self.block([(0x9003, "2024:05:01 12:34:56"), (0x9011, "+02:00")])
        for _ in 0..<2_000 {
            var bytes = block
            for _ in 0...faults.next(below: 6) {
                bytes[faults.next(below: bytes.count)] = UInt8(faults.next(below: 256))
            }
            _ = CaptureTime.find(inExif: Array(bytes[..<faults.next(below: bytes.count + 1)]))
        }
    }

    @Test func everyKindOfPhotoTells() throws {
        let folder = try PhotoFolder()
        try folder.writeSource(PixelSize(width: 128, height: 128))
        let exif = Self.block([(0x9003, "2024:05:01 14:34:56"), (0x9011, "+02:00")])
        try folder.write(exif, "exif")
        func taken(_ name: String) throws -> Int64? {
            try #require(try openPhoto(folder.file(name), .photo(64, 64))).description.takenAt
        }
        try folder.run("convert", "source.ppm", "plain.jpg")
        #expect(try taken("plain.jpg") == nil)
        try folder.write(jpeg(try folder.bytes("plain.jpg"), exif: exif), "a.jpg")
        #expect(try taken("a.jpg") == Self.moment)
        try folder.run("convert", "source.ppm", "plain.png")
        // An eXIf chunk right behind the header, which ends at 33; nobody looks at its checksum.
        let png = try folder.bytes("plain.png")
        let length = [0, 0, UInt8(exif.count >> 8), UInt8(exif.count & 255)]
        try folder.write(png[..<33] + length + Array("eXIf".utf8) + exif + [0, 0, 0, 0] + png[33...], "a.png")
        #expect(try taken("a.png") == Self.moment)
        try folder.run("cwebp", "-quiet", "a.jpg", "-metadata", "exif", "-o", "a.webp")
        #expect(try taken("a.webp") == Self.moment)
        try folder.tiledHEIC("source.ppm", "a.heic", "--grid", "2x2", "--tile", "64x64", "--exif", "exif")
        #expect(try taken("a.heic") == Self.moment)
    }

    @Test(arguments: ["a.mp4", "a.mov", "a.mkv"])
    func videosTell(name: String) throws {
        let folder = try PhotoFolder()
        try folder.ffmpeg(
            "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=5", "-frames:v", "3", "-c:v", "mpeg4", "-metadata",
            "creation_time=2024-05-01T12:34:56Z", name)
        #expect(try openVideo(folder.file(name), .video(64, 64)).description.takenAt == Self.moment)
        try folder.ffmpeg("-i", name, "-c", "copy", "-metadata", "creation_time=1970-01-01T00:00:00Z", "unset-\(name)")
        #expect(try openVideo(folder.file("unset-\(name)"), .video(64, 64)).description.takenAt == nil)
    }
}
