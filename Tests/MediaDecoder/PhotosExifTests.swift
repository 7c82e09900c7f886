import Testing

@testable import MediaDecoder

@Suite struct ExifOrientationTests {
    @Test(arguments: Orientation.allCases, [true, false])
    func findsTheTag(orientation: Orientation, bigEndian: Bool) {
        let block = exifBlock(orientation.rawValue, bigEndian: bigEndian)
        #expect(ExifOrientation.find(in: block) == orientation)
        #expect(ExifOrientation.find(in: Array("Exif\0\0".utf8) + block) == orientation)
    }

    @Test(arguments: [0, 9, 65_535])
    func ignoresValuesThatDoNotExist(value: Int) {
        #expect(ExifOrientation.find(in: exifBlock(value)) == nil)
    }

    @Test func ignoresWhatIsCutOff() {
        let block = exifBlock(6)
        // The tag's value ends behind the second entry.
        for length in 0..<(10 + 22) { #expect(ExifOrientation.find(in: Array(block[..<length])) == nil) }
        #expect(ExifOrientation.find(in: Array(block[..<(10 + 24)])) == .turned90)
    }

    @Test func ignoresContradictions() {
        var wrongOrder = exifBlock(6)
        wrongOrder[1] = 0x49
        #expect(ExifOrientation.find(in: wrongOrder) == nil)

        var wrongMagic = exifBlock(6)
        wrongMagic[3] = 43
        #expect(ExifOrientation.find(in: wrongMagic) == nil)

        var farAway = exifBlock(6)
        farAway.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(ExifOrientation.find(in: farAway) == nil)

        var manyEntries = exifBlock(6)
        manyEntries.replaceSubrange(8..<10, with: [0xFF, 0xFF])
        #expect(ExifOrientation.find(in: manyEntries) == .turned90)

        var twoValues = exifBlock(6)
        twoValues[10 + 12 + 7] = 2
        #expect(ExifOrientation.find(in: twoValues) == nil)

        var asText = exifBlock(6)
        asText[10 + 12 + 3] = 2
        #expect(ExifOrientation.find(in: asText) == nil)
    }

    @Test func survivesAnything() {
        var faults = Faults(state: 11)
        for _ in 0..<2_000 {
            var block = exifBlock(6, bigEndian: faults.next(below: 2) == 0)
            for _ in 0...faults.next(below: 6) {
                block[faults.next(below: block.count)] = UInt8(faults.next(below: 256))
            }
            _ = ExifOrientation.find(in: Array(block[..<faults.next(below: block.count + 1)]))
        }
    }
}
