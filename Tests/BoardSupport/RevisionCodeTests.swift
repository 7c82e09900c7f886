import Testing

@testable import BoardSupport

/// Every code that Raspberry Pi's documentation lists ("Old-style revision codes", "New-style revision codes in
/// use", and what was added to it up to February 2025).
@Suite struct RevisionCodeTests {
    static let published = """
        0002 B,1.0,256,Egoman|0003 B,1.0,256,Egoman|0004 B,2.0,256,Sony UK|0005 B,2.0,256,Qisda|0006 B,2.0,256,Egoman
        0007 A,2.0,256,Egoman|0008 A,2.0,256,Sony UK|0009 A,2.0,256,Qisda|000d B,2.0,512,Egoman|000e B,2.0,512,Sony UK
        000f B,2.0,512,Egoman|0010 B+,1.2,512,Sony UK|0011 CM1,1.0,512,Sony UK|0012 A+,1.1,256,Sony UK
        0013 B+,1.2,512,Embest|0014 CM1,1.0,512,Embest|0015 A+,1.1,256,Embest
        900021 A+,1.1,512,Sony UK|900032 B+,1.2,512,Sony UK|900092 Zero,1.2,512,Sony UK|900093 Zero,1.3,512,Sony UK
        9000c1 Zero W,1.1,512,Sony UK|9020e0 3A+,1.0,512,Sony UK|9020e1 3A+,1.1,512,Sony UK|920092 Zero,1.2,512,Embest
        920093 Zero,1.3,512,Embest|900061 CM1,1.1,512,Sony UK|a01040 2B,1.0,1024,Sony UK|a01041 2B,1.1,1024,Sony UK
        a02082 3B,1.2,1024,Sony UK|a020a0 CM3,1.0,1024,Sony UK|a020d3 3B+,1.3,1024,Sony UK|a020d4 3B+,1.4,1024,Sony UK
        a02042 2B,1.2,1024,Sony UK|a21041 2B,1.1,1024,Embest|a22042 2B,1.2,1024,Embest|a22082 3B,1.2,1024,Embest
        a220a0 CM3,1.0,1024,Embest|a32082 3B,1.2,1024,Sony Japan|a52082 3B,1.2,1024,Stadium|a22083 3B,1.3,1024,Embest
        a02100 CM3+,1.0,1024,Sony UK|a03111 4B,1.1,1024,Sony UK|b03111 4B,1.1,2048,Sony UK|b03112 4B,1.2,2048,Sony UK
        b03114 4B,1.4,2048,Sony UK|b03115 4B,1.5,2048,Sony UK|c03111 4B,1.1,4096,Sony UK|c03112 4B,1.2,4096,Sony UK
        c03114 4B,1.4,4096,Sony UK|c03115 4B,1.5,4096,Sony UK|d03114 4B,1.4,8192,Sony UK|d03115 4B,1.5,8192,Sony UK
        c03130 400,1.0,4096,Sony UK|a03140 CM4,1.0,1024,Sony UK|b03140 CM4,1.0,2048,Sony UK|c03140 CM4,1.0,4096,Sony UK
        d03140 CM4,1.0,8192,Sony UK|902120 Zero 2 W,1.0,512,Sony UK|c04170 5,1.0,4096,Sony UK|d04170 5,1.0,8192,Sony UK
        b04180 CM5,1.0,2048,Sony UK|c04180 CM5,1.0,4096,Sony UK|d04180 CM5,1.0,8192,Sony UK|d04190 500,1.0,8192,Sony UK
        b041a0 CM5 Lite,1.0,2048,Sony UK|c041a0 CM5 Lite,1.0,4096,Sony UK|d041a0 CM5 Lite,1.0,8192,Sony UK
        """.split { $0 == "|" || $0 == "\n" }.map(String.init)

    @Test(arguments: published) func isRead(_ row: String) throws {
        let parts = row.split(separator: " ", maxSplits: 1).map(String.init)
        let fields = parts[1].split(separator: ",").map(String.init)
        let code = try #require(RevisionCode(parts[0]))
        let board = try #require(code.board)
        #expect(code.description == parts[0])
        #expect(!code.isWarrantyVoid)
        #expect([board.type, board.revision, "\(board.memoryBytes >> 20)", board.maker] == fields)
    }

    @Test func allOfThemAreDifferent() {
        #expect(Self.published.count == 68)
        #expect(Set(Self.published.compactMap { $0.split(separator: " ").first }).count == Self.published.count)
    }

    @Test(arguments: [
        ("a02082", "BCM2837"), ("a01041", "BCM2836"), ("000e", "BCM2835"), ("902120", "BCM2837"), ("c03111", "BCM2711"),
        ("d04170", "BCM2712"),
    ])
    func namesTheProcessor(_ code: String, _ processor: String) {
        #expect(RevisionCode(code)?.board?.processor == processor)
    }

    /// A voided warranty and the bits that forbid overvoltage and fuses change nothing of the board.
    @Test(arguments: [("1000002", "0002", true), ("2a02082", "a02082", true), ("e0c03111", "c03111", false)])
    func flagsAreNoPartOfTheBoard(_ code: String, _ plain: String, _ isVoid: Bool) throws {
        let flagged = try #require(RevisionCode(code))
        #expect(flagged.board == RevisionCode(plain)?.board)
        #expect(flagged.board != nil)
        #expect(flagged.description == plain)
        #expect(flagged.isWarrantyVoid == isVoid)
    }

    @Test func aRevisionThatIsYetToComeIsRead() {
        #expect(
            RevisionCode("e04177")?.board
                == PiBoard(type: "5", revision: "1.7", memoryBytes: 16 << 30, maker: "Sony UK", processor: "BCM2712"))
    }

    @Test(arguments: ["0001", "000a", "0016", "9000f0", "902ff0"]) func whatNobodyMadeIsNoBoard(_ code: String) {
        #expect(RevisionCode(code) != nil)
        #expect(RevisionCode(code)?.board == nil)
    }

    @Test(arguments: ["", "0", "0000", "xyz", "123456789", "0x902120"]) func isNoCode(_ text: String) {
        #expect(RevisionCode(text) == nil)
    }
}
