import Frames
import Lettering
import LinuxSystem
import Testing

@Suite struct TypesetterTests {
    private let typesetter = Typesetter()

    @Test(arguments: ["Vitrine", "Grüße, jj", "Привет", "Γειά", "שלום עולם", "مرحبا بالعالم", "Å̊̊̊̊̊̊gg"])
    func inkIsInTheBoxAndNowhereElse(text: String) throws {
        let block = try typesetter.set(text, size: 32, width: 1000)
        #expect(!block.isShortened)
        #expect(block.size.height == block.lineHeight)
        var sheet = Sheet(block.size.width + 80, block.size.height + 60)
        try sheet.draw { try typesetter.draw(block, x: 40, y: 30, colour: .white, on: $0) }
        let box = PixelRectangle(x: 36, y: 30, width: block.size.width + 8, height: block.size.height)
        #expect(sheet.inked.intersection(box) == sheet.inked)
        // All of the width is used: the first and the last letter are there.
        #expect(sheet.inked.width >= block.size.width * 9 / 10 - 4)
        #expect(sheet.inked.height >= 15)
    }

    @Test func lettersStandOnTheBaseline() throws {
        let block = try typesetter.set("HHH", size: 40, width: 500)
        var sheet = Sheet(200, 80)
        try sheet.draw { try typesetter.draw(block, x: 10, y: 5, colour: .white, on: $0) }
        #expect(sheet.inked.maxY == 5 + block.ascent)
        // Capitals of this font are 1493 of 2048 units high.
        #expect(abs(sheet.inked.height - 29) <= 1)
    }

    @Test func whatIsCoveredWhollyHasTheColourExactly() throws {
        let block = try typesetter.set("█", size: 40, width: 100)
        var sheet = Sheet(60, 60)
        try sheet.draw { try typesetter.draw(block, x: 10, y: 0, colour: Colour(0x12_AB_EF), on: $0) }
        #expect(sheet[10 + block.size.width / 2, 20] == 0x12ABEF)
        #expect(sheet[0, 0] == Sheet.paper)
    }

    @Test func linesFitTheirWidthAndKeepAllWords() throws {
        let text = "Drop photos, GIFs and videos there and they loop for years on this screen"
        for width in [80, 120, 200, 333] {
            for isBalanced in [false, true] {
                let block = try typesetter.set(
                    text, size: 16, width: width, maximumLines: 50, isBalanced: isBalanced)
                #expect(!block.isShortened)
                #expect(block.size.width <= width)
                #expect(block.lineTexts.joined(separator: " ") == text)
                #expect(block.size.height == block.lineTexts.count * block.lineHeight)
            }
        }
    }

    @Test func balancedTextHasNoMoreLinesAndNoLonelyWord() throws {
        let text = "Drop photos, GIFs and videos there"
        let full = try typesetter.set(text, size: 20, width: 2000)
        let width = full.size.width - 5
        let plain = try typesetter.set(text, size: 20, width: width, maximumLines: 3)
        let balanced = try typesetter.set(text, size: 20, width: width, maximumLines: 3, isBalanced: true)
        #expect(plain.lineTexts.last == "there")
        #expect(balanced.lineTexts.count == 2)
        #expect(balanced.size.width < plain.size.width * 3 / 4)
    }

    @Test func textWithoutSpacesIsBrokenWhereItMust() throws {
        let block = try typesetter.set(
            String(repeating: "W", count: 50), size: 20, width: 100, maximumLines: 40)
        #expect(!block.isShortened)
        #expect(block.size.width <= 100)
        #expect(block.lineTexts.joined() == String(repeating: "W", count: 50))
        // A width in which not even one letter has room shortens to nothing, and ends.
        let narrow = try typesetter.set("WWW", size: 20, width: 3, maximumLines: 2)
        #expect(narrow.isShortened)
        #expect(narrow.size.width <= 3)
    }

    @Test func marksStayWithTheirLetters() throws {
        let text = String(repeating: "e\u{301}", count: 40)
        let block = try typesetter.set(text, size: 20, width: 90, maximumLines: 40)
        #expect(block.lineTexts.count > 2)
        #expect(block.lineTexts.joined() == text)
        #expect(block.lineTexts.allSatisfy { $0.unicodeScalars.first == "e" })
    }

    @Test(arguments: ["Holiday at the sea with everybody and the dog.mp4", "חופשה ליד הים עם כולם ועם הכלב הגדול.mp4"])
    func tooMuchTextEndsInAnEllipsisThatFits(text: String) throws {
        for width in 20...140 {
            let block = try typesetter.set(text, size: 15, width: width, maximumLines: 2)
            #expect(block.isShortened)
            #expect(block.size.width <= width)
            #expect(block.lineTexts.count == 2)
            #expect(block.lineTexts[1].hasSuffix("…"))
        }
    }

    @Test func theLargestSizeThatFitsIsTaken() throws {
        let block = try typesetter.set("http://vitrine.local", sizes: 10...100, width: 300)
        #expect(block.size.width <= 300)
        let next = try typesetter.set("http://vitrine.local", size: block.fontSize + 1, width: 300)
        #expect(next.isShortened)
        let tiny = try typesetter.set("http://vitrine.local", sizes: 10...100, width: 20)
        #expect(tiny.fontSize == 10)
        #expect(tiny.isShortened)
    }

    @Test func rightToLeftTextStartsAtTheRight() throws {
        // The wide letter comes first in memory: in Hebrew it stands right.
        let latin = try typesetter.set("WWiiii", size: 30, width: 500)
        let hebrew = try typesetter.set("שששוווו", size: 30, width: 500)
        #expect(!latin.isRightToLeft)
        #expect(hebrew.isRightToLeft)
        func inkOfHalves(_ block: TextBlock) throws -> (left: Int, right: Int) {
            var sheet = Sheet(block.size.width, block.size.height)
            try sheet.draw { try typesetter.draw(block, x: 0, y: 0, colour: .white, on: $0) }
            let half = block.size.width / 2
            func count(_ columns: Range<Int>) -> Int {
                columns.reduce(0) { sum, x in
                    sum + (0..<block.size.height).count { sheet[x, $0] != Sheet.paper }
                }
            }
            return (count(0..<half), count(half..<block.size.width))
        }
        let (hebrewLeft, hebrewRight) = try inkOfHalves(hebrew)
        #expect(hebrewRight > hebrewLeft)
        let (latinLeft, latinRight) = try inkOfHalves(latin)
        #expect(latinLeft > latinRight)
    }

    @Test func arabicLettersAreJoined() throws {
        // Joined, the letters take less room than each by itself.
        let joined = try typesetter.set("ببب", size: 40, width: 500)
        let apart = try typesetter.set("ب\u{200C}ب\u{200C}ب", size: 40, width: 500)
        #expect(joined.size.width < apart.size.width)
    }

    @Test func aFrameOfTextIsTransparentAround() throws {
        let block = try typesetter.set("O", size: 64, width: 200)
        let frame = try typesetter.frame(of: block, colour: Colour(0xFF_80_00))
        let sheet = Sheet(frame)
        #expect(frame.layout.format == .argb8888)
        #expect(sheet.alpha(0, 0) == 0)
        #expect(sheet.alpha(frame.size.width / 2, block.ascent - 24) == 0)
        for y in 0..<frame.size.height {
            for x in 0..<frame.size.width where sheet.alpha(x, y) > 0 { #expect(sheet[x, y] == 0xFF8000) }
        }
        #expect((0..<frame.size.width).contains { sheet.alpha($0, block.ascent - 24) == 255 })
    }

    @Test func drawingOverTheEdgeIsCutOff() throws {
        let block = try typesetter.set("Å█Wg", size: 24, width: 200)
        for x in stride(from: -120, through: 60, by: 7) {
            for y in stride(from: -40, through: 40, by: 5) {
                var sheet = Sheet(50, 30)
                try sheet.draw { try typesetter.draw(block, x: x, y: y, colour: .white, on: $0) }
                let box = PixelRectangle(x: x - 3, y: y, width: block.size.width + 6, height: block.size.height)
                #expect(sheet.inked.isEmpty || sheet.inked.intersection(box) == sheet.inked)
            }
        }
    }

    @Test func alignmentPutsLinesLeftMiddleOrRight() throws {
        let block = try typesetter.set("III", size: 20, width: 300)
        func inked(_ alignment: TextAlignment) throws -> PixelRectangle {
            var sheet = Sheet(320, 40)
            try sheet.draw {
                try typesetter.draw(block, x: 10, y: 5, width: 300, alignment: alignment, colour: .white, on: $0)
            }
            return sheet.inked
        }
        #expect(try inked(.left).x < 15)
        #expect(try inked(.right).maxX > 305)
        let middle = try inked(.centre)
        #expect(abs((middle.x - 10) - (310 - middle.maxX)) <= 3)
    }

    @Test func anyCharactersAreTakenWithoutHarm() throws {
        var random = SeededGenerator(seed: 5)
        let names = [
            "", " ", "   ", "\0", "a\nb\r\nc", "\u{202E}gpj.exe", "👩‍👩‍👧🎉🏳️‍🌈", "日本語のファイル.png", "\u{301}\u{301}", "\u{FEFF}x",
            String(repeating: "🎉", count: 3000), "נתון 12.5% (א) abc", "‏‎؜", "ﷺ﷽", "क्षि नि", "ไทย",
        ]
        let noise = (0..<50).map { _ in
            var view = String.UnicodeScalarView()
            for _ in 0..<40 {
                view.append(Unicode.Scalar(UInt32.random(in: 0..<0xD800, using: &random)) ?? " ")
                view.append(Unicode.Scalar(UInt32.random(in: 0xE000..<0x11_0000, using: &random)) ?? " ")
            }
            return String(view)
        }
        for name in names + noise {
            let block = try typesetter.set(name, size: 14, width: 150, maximumLines: 3, isBalanced: true)
            #expect(block.size.width <= 150, "\(name.unicodeScalars.map(\.value))")
            #expect(block.lineTexts.count <= 3)
            var sheet = Sheet(160, 80)
            try sheet.draw { try typesetter.draw(block, x: 5, y: 5, colour: .white, on: $0) }
        }
    }

    @Test func aMissingGlyphShowsABox() throws {
        let block = try typesetter.set("🎉", size: 30, width: 100)
        var sheet = Sheet(60, 60)
        try sheet.draw { try typesetter.draw(block, x: 10, y: 10, colour: .white, on: $0) }
        #expect(!sheet.inked.isEmpty)
    }

    @Test func freedResourcesAreMadeAgain() throws {
        let before = try typesetter.set("Vitrine", size: 20, width: 200)
        typesetter.freeResources()
        typesetter.freeResources()
        let after = try typesetter.set("Vitrine", size: 20, width: 200)
        #expect(before.size == after.size)
        #expect(before.ascent == after.ascent)
    }

    @Test func manyTasksMayUseOne() async throws {
        let expected = try (10..<30).map { try typesetter.set("Vitrine", size: $0, width: 900).size }
        try await withThrowingTaskGroup(of: [PixelSize].self) { group in
            for _ in 0..<4 {
                group.addTask { [typesetter] in
                    try (10..<30).map { size in
                        if size % 7 == 0 { typesetter.freeResources() }
                        return try typesetter.set("Vitrine", size: size, width: 900).size
                    }
                }
            }
            for try await sizes in group { #expect(sizes == expected) }
        }
    }
}
