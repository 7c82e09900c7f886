import Dispatch
public import Frames
import Lettering

/// The appliance's own pictures, in words.
public struct LetteredCards: CardPainting {
    private let painter = CardPainter()
    private let queue = DispatchQueue(label: "vitrine.cards", qos: .userInitiated)

    public init() {}

    public func welcome(_ content: WelcomeContent, size: PixelSize) async throws -> Frame {
        try await paint(
            .welcome(deviceName: content.name, addresses: content.addresses, pin: content.pin), size: size)
    }

    public func fault(_ notice: FaultNotice, size: PixelSize) async throws -> Frame {
        let card = Card.fault(
            title: notice.title, fileName: notice.fileName, reason: notice.reason, suggestion: notice.suggestion)
        return try await paint(card, size: size)
    }

    private func paint(_ card: Card, size: PixelSize) async throws -> Frame {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try painter.paint(card, size: size) }) }
        }
    }
}
