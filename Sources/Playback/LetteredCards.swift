import Dispatch
public import Frames
import Lettering
import LinuxSystem

/// The appliance's own pictures, in words.
public struct LetteredCards: CardPainting {
    private let painter = CardPainter()
    private let testPictures = TestPicturePainter()
    let banners = BannerPainter()
    let queue = BlockingQueue(label: "vitrine.cards", qos: .userInitiated)

    public init() {}

    public func welcome(_ content: WelcomeContent, size: PixelSize) async throws -> Frame {
        try await welcome(content, size: size, below: 0)
    }

    public func welcome(_ content: WelcomeContent, size: PixelSize, below: Int) async throws -> Frame {
        try await paint(
            .welcome(deviceName: content.name, addresses: content.addresses, pin: content.pin), size: size,
            below: below)
    }

    public func fault(_ notice: FaultNotice, size: PixelSize) async throws -> Frame {
        let card = Card.fault(
            title: notice.title, fileName: notice.fileName, reason: notice.reason, suggestion: notice.suggestion)
        return try await paint(card, size: size)
    }

    public func testPicture(size: PixelSize) async throws -> TestPicture {
        try await queue.run { [testPictures] () throws(LetteringError) in
            TestPicture(
                background: try testPictures.background(size),
                bar: try testPictures.bar(TestPicture.barSize(on: size)),
                digits: try testPictures.digits(height: size.height / 12))
        }
    }

    private func paint(_ card: Card, size: PixelSize, below: Int = 0) async throws -> Frame {
        try await queue.run { [painter] () throws(LetteringError) in
            try painter.paint(card, size: size, below: below)
        }
    }
}
