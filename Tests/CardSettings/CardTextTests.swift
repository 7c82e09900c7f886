import Testing

@testable import CardSettings

@Suite struct CardTextTests {
    @Test(arguments: ["a = 1\nb = 2\n", "a = 1\r\nb = 2\r\n", "a = 1\rb = 2\r", "\u{FEFF}a = 1\r\nb = 2\n"])
    func anyEditorsTextIsTheSame(text: String) {
        #expect(CardText.lines(of: Array(text.utf8)) == "a = 1\nb = 2\n")
    }

    @Test func whatIsNoTextIsSaid() {
        #expect(CardText.lines(of: [0x61, 0xFF, 0x62]) == nil)
    }
}
