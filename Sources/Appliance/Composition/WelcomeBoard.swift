import LinuxSystem
import Playback

/// What the welcome screen says, put together from those who know a part of it.
final class WelcomeBoard: WelcomeSource {
    private let announcements: Announcements<WelcomeContent>

    init(name: String) {
        announcements = Announcements(WelcomeContent(name: name, addresses: [], pin: nil))
    }

    func contents() -> AsyncStream<WelcomeContent> { announcements.listen() }

    var addresses: [String] { announcements.latest?.addresses ?? [] }

    func change(_ body: (inout WelcomeContent) -> Void) {
        guard var content = announcements.latest else { return }
        let before = content
        body(&content)
        if content != before { announcements.announce(content) }
    }
}
