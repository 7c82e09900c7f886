import Frames
import Lettering
import Playback

/// Paints the cards with FreeType, on a queue of its own.
struct CardArtist: CardPainting {
    private let painter = CardPainter()
    private let queue = ReadingQueue()

    func welcome(_ content: WelcomeContent, size: PixelSize) async throws -> Frame {
        try await paint(
            .welcome(deviceName: content.name, addresses: content.addresses, pin: content.pin), size: size)
    }

    func fault(_ notice: FaultNotice, size: PixelSize) async throws -> Frame {
        try await paint(
            .fault(
                title: notice.title, fileName: nil, reason: notice.reason, suggestion: notice.suggestion), size: size)
    }

    private func paint(_ card: Card, size: PixelSize) async throws -> Frame {
        try await queue.run { [painter] () -> Result<Frame, LetteringError> in
            do throws(LetteringError) {
                return .success(try painter.paint(card, size: size))
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
