import Testing

@testable import Lettering

@Suite struct TextDirectionTests {
    /// A text as its characters stand from left to right. Capitals play right-to-left letters.
    private func visual(_ text: String) -> String {
        let characters = Array(text)
        let kinds = characters.map { character -> TextDirection.Kind in
            switch character {
            case "a"..."z": .leftToRight
            case "A"..."Z": .rightToLeft
            case "0"..."9": .number
            case ".", ",", ":", "/", "-": .separator
            case "%", "$": .terminator
            case "'": .mark
            default: .neutral
            }
        }
        let direction = TextDirection(kinds)
        // Runs of one character each: the order of runs is then that of characters.
        let order = TextDirection.visualOrder(direction.levels)
        return String(order.map { characters[$0] })
    }

    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("ABC", "CBA"), ("abc DEF ghi", "abc FED ghi"), ("ABC def GHI", "IHG def CBA"),
        // Neutrals at the ends go with the paragraph.
        ("abc DEF!", "abc FED!"), ("ABC def!", "!def CBA"), (" ABC", "CBA "),
        // Numbers run left to right, but stand in right-to-left text where its words do.
        ("ABC 123", "123 CBA"), ("ABC 123 DEF", "FED 123 CBA"), ("abc ABC 123 def", "abc 123 CBA def"),
        ("abc 123 DEF", "abc 123 FED"), ("123 ABC", "CBA 123"),
        // Separators and terminators stay with their numbers.
        ("ABC 12:30 DEF", "FED 12:30 CBA"), ("ABC 12.5 DEF", "FED 12.5 CBA"), ("ABC 50% DEF", "FED 50% CBA"),
        ("ABC $50", "$50 CBA"), ("ABC. DEF", "FED .CBA"), ("ABC 1..2", "2..1 CBA"),
        // Marks go with what they stand on.
        ("aA'b", "a'Ab"), ("ABC.jpg", "jpg.CBA"), ("abc-DEF.jpg", "abc-FED.jpg"),
    ])
    func charactersStandInVisualOrder(text: String, expected: String) {
        #expect(visual(text) == expected)
    }

    @Test func theFirstLetterDecidesForTheParagraph() {
        #expect(TextDirection([.number, .neutral, .rightToLeft, .leftToRight]).base == 1)
        #expect(TextDirection([.number, .neutral, .leftToRight, .rightToLeft]).base == 0)
        #expect(TextDirection([.number]).base == 0)
        #expect(TextDirection([.leftToRight], base: 1).levels == [2])
    }

    @Test func runsAreOfOneScriptAndOneDirection() {
        let runs = TextRuns(Array("abc שלום 12 привет".unicodeScalars)).runs
        // Latin with its space; Hebrew with its space; the number in Hebrew; the space after it; Cyrillic.
        #expect(runs.map(\.range) == [0..<4, 4..<9, 9..<11, 11..<12, 12..<18])
        #expect(runs.map(\.level) == [0, 1, 2, 0, 0])
        #expect(TextRuns([]).runs.isEmpty)
    }
}

@Suite struct HarmlessTextTests {
    private func shown(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: HarmlessText.scalars(of: text))
        return String(view)
    }

    @Test(arguments: [
        ("holiday.jpg", "holiday.jpg"), ("a\nb", "a↵b"), ("a\tb", "a b"), ("a\u{2028}b\u{85}c", "a↵b↵c"),
        ("\u{1B}[31mred\u{7}", "\u{FFFD}[31mred\u{FFFD}"), ("\u{9B}x\u{7F}", "\u{FFFD}x\u{FFFD}"),
        ("evil\u{202E}gpj.exe", "evilgpj.exe"), ("a\u{2066}b\u{2069}c\u{200F}\u{200E}\u{61C}", "abc"),
        ("\u{FEFF}a\u{E0041}", "a"), ("a\u{200C}b\u{200D}c", "a\u{200C}b\u{200D}c"), ("../..", "../.."),
    ])
    func nothingMovesOrHidesWhatStandsAround(text: String, expected: String) {
        #expect(shown(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test func endlessTextIsCut() {
        #expect(HarmlessText.scalars(of: String(repeating: "x", count: 100_000)).count == HarmlessText.limit)
    }
}
