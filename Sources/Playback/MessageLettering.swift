public import Frames
import Lettering
import LinuxSystem

extension LetteredCards {
    public func banner(_ messages: [ScreenMessage], screen: PixelSize) async throws -> Frame {
        let banner = Banner(
            messages.map { message in
                Banner.Entry(
                    title: message.title, detail: message.detail, progress: message.progress,
                    isFault: message.severity == .critical)
            })
        return try await queue.run { [banners] () throws(LetteringError) in
            try banners.paint(banner, screen: screen)
        }
    }
}
