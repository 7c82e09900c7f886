import Frames
import Lettering
import LinuxSystem
import Testing

@Suite struct CardTests {
    static let sizes = [
        (240, 240), (320, 240), (240, 320), (128, 128), (160, 128), (480, 320), (1280, 720), (720, 1280), (1920, 1080),
    ].map { PixelSize(width: $0.0, height: $0.1) }

    static let cards: [Card] = [
        .welcome(
            deviceName: "vitrine", addresses: ["http://vitrine.local", "http://192.168.178.143"], pin: "123456"),
        .welcome(deviceName: "vitrine", addresses: ["http://127.0.0.1:8080"], pin: nil),
        .welcome(
            deviceName: "Schaufenster im Erdgeschoss links neben der Tür",
            addresses: ["http://schaufenster-erdgeschoss.local:8080", "http://192.168.178.143:8080"], pin: "987654"),
        .welcome(deviceName: "", addresses: [], pin: nil),
        .fault(
            title: "This file cannot be played", fileName: "Urlaub 2019\n\u{202E}am Meer – " + longName + ".mp4",
            reason: "The decoder ended twice while it read this video: the file is damaged near second 12.",
            suggestion: "Convert it on a computer, for example with HandBrake, and upload it again."),
        .fault(title: "The card is full", fileName: nil, reason: "0 MB are free.", suggestion: nil),
    ]
    static let longName = String(repeating: "sehr lang ", count: 24)

    private let painter = CardPainter()

    private func overlap(_ first: PixelRectangle, _ second: PixelRectangle) -> Bool {
        !first.intersection(second).isEmpty
    }

    @Test(arguments: sizes, cards.indices)
    func nothingOverlapsOrLeavesTheScreen(size: PixelSize, index: Int) throws {
        let layout = try painter.layout(Self.cards[index], size: size)
        // The smallest panels have no room to spare.
        let shorter = min(size.width, size.height)
        let margin = shorter < 200 ? 2 : shorter / 20
        let inside = PixelRectangle(
            x: margin, y: margin, width: size.width - 2 * margin, height: size.height - 2 * margin)
        var boxes = layout.texts.map(\.box)
        if let code = layout.code { boxes.append(code.box) }
        #expect(!boxes.isEmpty)
        for (place, box) in boxes.enumerated() {
            #expect(box.intersection(inside) == box)
            for other in boxes[..<place] { #expect(!overlap(box, other)) }
        }
        for text in layout.texts {
            #expect(text.block.size.width <= text.box.width)
            #expect(text.block.fontSize >= (shorter < 200 ? 9 : 11))
        }
    }

    @Test(arguments: sizes)
    func theWelcomeCardSaysHowToComeIn(size: PixelSize) throws {
        let layout = try painter.layout(Self.cards[0], size: size)
        let lines = layout.texts.flatMap(\.block.lineTexts)
        #expect(lines.contains { $0 == "http://vitrine.local" || $0 == "vitrine.local/" })
        #expect(lines.contains("PIN 123\u{A0}456"))
        let code = try #require(layout.code)
        #expect(code.moduleSize >= 2)
        let expected = try QRCode(
            "http://vitrine.local", correction: min(size.width, size.height) < 400 ? .low : .medium)
        #expect(code.code == expected)
    }

    @Test func aClaimedDeviceShowsNoPINAndOneWithoutANetworkNoCode() throws {
        let size = PixelSize(width: 1280, height: 720)
        let claimed = try painter.layout(Self.cards[1], size: size)
        #expect(!claimed.texts.contains { $0.block.lineTexts.contains { $0.contains("PIN") } })
        let offline = try painter.layout(
            .welcome(deviceName: "vitrine", addresses: [], pin: "123456"), size: size)
        #expect(offline.code == nil)
        #expect(offline.texts.contains { $0.block.lineTexts.contains { $0.contains("network") } })
    }

    @Test(arguments: sizes)
    func thePaintedCodeIsTheCodeModuleByModule(size: PixelSize) throws {
        let layout = try painter.layout(Self.cards[0], size: size)
        let placed = try #require(layout.code)
        let sheet = Sheet(try painter.paint(Self.cards[0], size: size))
        for row in 0..<placed.code.side {
            for column in 0..<placed.code.side {
                let x = placed.box.x + (column + QRCode.quietZone) * placed.moduleSize + placed.moduleSize / 2
                let y = placed.box.y + (row + QRCode.quietZone) * placed.moduleSize + placed.moduleSize / 2
                let isDark = placed.code.modules[row * placed.code.side + column]
                #expect(sheet[x, y] == (isDark ? 0 : 0xFF_FFFF))
            }
        }
    }

    @Test(arguments: sizes)
    func aFaultNamesTheFileTheReasonAndWhatToDo(size: PixelSize) throws {
        let layout = try painter.layout(Self.cards[4], size: size)
        #expect(layout.texts.count == 4)
        #expect(layout.texts[0].block.lineTexts[0].hasPrefix("This file"))
        #expect(layout.texts[1].block.lineTexts[0].hasPrefix("Urlaub"))
        #expect(layout.texts[2].block.lineTexts[0].hasPrefix("The decoder"))
        #expect(layout.texts[3].block.lineTexts[0].hasPrefix("Convert"))
        // The title is the largest.
        #expect(layout.texts.dropFirst().allSatisfy { $0.block.fontSize <= layout.texts[0].block.fontSize })
        let frame = try painter.paint(Self.cards[4], size: size)
        #expect(frame.size == size)
        #expect(frame.layout.format == .xrgb8888)
        let sheet = Sheet(frame)
        let background = sheet[0, 0]
        for text in layout.texts {
            let inked = (text.box.y..<text.box.maxY).contains { y in
                (text.box.x..<text.box.maxX).contains { sheet[$0, y] != background }
            }
            #expect(inked)
        }
    }

    @Test func anyScreenIsTaken() throws {
        for (width, height) in [(1, 1), (3, 200), (200, 3), (16, 16), (64, 48), (1000, 40), (40, 1000)] {
            for card in Self.cards {
                let frame = try painter.paint(card, size: PixelSize(width: width, height: height))
                #expect(frame.size == PixelSize(width: width, height: height))
            }
        }
    }
}
