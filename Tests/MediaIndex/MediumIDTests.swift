import Testing

@testable import MediaIndex

@Suite struct MediumIDTests {
    @Test func isUUIDv7() throws {
        var random = SystemRandomNumberGenerator()
        let id = MediumID.make(at: 0x0123_4567_89ab, random: &random)
        #expect(id.rawValue.hasPrefix("0123456789ab7"))
        #expect("89ab".contains(id.rawValue.dropFirst(16).first ?? " "))
        #expect(MediumID(rawValue: id.rawValue) == id)
        #expect(id.milliseconds == 0x0123_4567_89ab)
    }

    @Test(arguments: [[1, 1, 1, 1], [5, 4, 3, 2, 1], [1, 2, 1, 3, 0], [-7, 0, 1 << 60, 1 << 60, 3]])
    func grows(times: [Int64]) {
        let source = MediumIDSource()
        let ids = times.flatMap { time in (0..<200).map { _ in source.next(at: time) } }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { MediumID(rawValue: $0.rawValue) != nil })
    }

    @Test func carriesIntoTheTime() throws {
        var random = SystemRandomNumberGenerator()
        let last = try #require(MediumID(rawValue: "00000000000a7fffbfffffffffffffff"))
        let next = MediumID.make(at: 10, after: last, random: &random)
        #expect(next > last)
        #expect(next.milliseconds == 11)
    }

    @Test(arguments: [
        "", "x", "0123456789abcdef0123456789abcde", "0123456789ABCDEF0123456789ABCDEF", "../../etc/passwd",
    ])
    func refuses(text: String) { #expect(MediumID(rawValue: text) == nil) }
}

@Suite struct MediumNameTests {
    @Test(arguments: [
        ("plain.jpg", "plain.jpg"), ("../../etc/passwd", "../../etc/passwd"), ("a\nb\t\"c\".gif", "a\nb\t\"c\".gif"),
        ("🏖️ été.mov", "🏖️ été.mov"), ("שלום.png", "שלום.png"), ("", "untitled"), ("a\0b", "a\u{FFFD}b"),
    ])
    func keeps(name: String, kept: String) throws { #expect(try MediumName.clean(name) == kept) }

    @Test func replacesWhatIsNoText() throws {
        #expect(try MediumName.clean([0x61, 0xff, 0x62] as [UInt8]) == "a\u{FFFD}b")
    }

    @Test func bounds() throws {
        #expect(try MediumName.clean(String(repeating: "x", count: 255)).utf8.count == 255)
        #expect(throws: MediaFault.self) { try MediumName.clean(String(repeating: "x", count: 256)) }
        #expect(throws: MediaFault.self) { try MediumName.clean(String(repeating: "é", count: 128)) }
    }

    @Test(arguments: [
        ("a.JPG", "jpg"), ("a.tar.gz", "gz"), ("a", nil), (".hidden", nil), ("a.", nil), ("a.toolongsuffix", nil),
        ("a.j/g", nil), ("a.jé", nil), ("x.mp4", "mp4"),
    ])
    func findsSuffix(name: String, suffix: String?) { #expect(MediumName.suffix(of: name) == suffix) }
}
