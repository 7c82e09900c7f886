import Frames
import LinuxSystem

/// What lies over whatever plays: messages, and for a while how to reach this device. A value; the player paints what it
/// asks for, and puts it on the glass.
struct Overlay: Sendable {
    /// What is to be seen, for one size of screen.
    struct Content: Sendable, Equatable {
        var messages: [ScreenMessage]
        var info: WelcomeContent?
        /// The welcome card that is on the glass: messages do not lie over it, it makes room for them.
        var card: WelcomeContent?
        var screen: PixelSize
    }

    /// Paintings follow each other this far apart at least, unless there is nothing to paint: progress counts faster.
    static let paintInterval: Duration = .milliseconds(400)
    /// So long a change waits for a picture that comes anyway before the last one is presented again for it.
    static let patience: Duration = .milliseconds(100)

    var queue = MessageQueue()
    var infoUntil: MonotonicInstant?

    /// What `layers` show; nil: nothing.
    private(set) var content: Content?
    private(set) var layers: [Layer] = []
    /// Counts the changes of `layers`.
    private(set) var number = 0
    /// The number of those that are on the glass.
    var numberOnGlass = 0
    private var changedAt = MonotonicInstant(nanoseconds: 0)
    private var paintedAt: MonotonicInstant?

    var isOnGlass: Bool { number == numberOnGlass }

    /// When the last picture may be presented again for this.
    var mayInsist: MonotonicInstant { changedAt.advanced(by: Self.patience) }

    /// When it may be painted again.
    var mayPaint: MonotonicInstant? { paintedAt?.advanced(by: Self.paintInterval) }

    /// What should be seen now; nil: nothing.
    ///
    /// - Parameter card: the welcome card, when it is on the glass.
    mutating func wanted(
        at now: MonotonicInstant, on screen: PixelSize, welcome: WelcomeContent?, card: WelcomeContent?
    ) -> Content? {
        if let until = infoUntil, until <= now { infoUntil = nil }
        // On a small panel a message would lie over the address that a person wants to read; it can wait.
        if infoUntil != nil, let welcome { return Content(messages: [], info: welcome, screen: screen) }
        let messages = queue.visible(at: now)
        return messages.isEmpty ? nil : Content(messages: messages, card: card, screen: screen)
    }

    /// When time alone changes what `wanted` answers.
    func nextChange(after now: MonotonicInstant) -> MonotonicInstant? {
        [infoUntil, queue.nextChange(after: now)].compactMap { $0 }.filter { $0 > now }.min()
    }

    mutating func painted(_ content: Content?, _ layers: [Layer], at now: MonotonicInstant) {
        if content != nil { paintedAt = now }
        self.content = content
        guard !(layers.isEmpty && self.layers.isEmpty) else { return }
        self.layers = layers
        number += 1
        changedAt = now
    }

    /// A scene with this over it, when it was made for the same screen.
    ///
    /// - Parameter card: the welcome card that the scene is; what makes room on it does not cover another picture.
    func over(_ scene: Scene, on screen: PixelSize, card: WelcomeContent?) -> Scene {
        guard !layers.isEmpty, let content, content.screen == screen else { return scene }
        return Scene(layers: scene.layers + (content.card != nil && card == nil ? layers.suffix(1) : layers[...]))
    }

    /// It has to be painted anew for what is on the glass now.
    func isMadeForAnother(_ card: WelcomeContent?) -> Bool {
        content.map { $0.info == nil && $0.card != card } ?? false
    }

    // MARK: Where it goes

    /// The middle of the screen, and all of a small one: the code must be read by a phone.
    static func infoPlace(on screen: PixelSize) -> PixelRectangle {
        guard min(screen.width, screen.height) >= 400 else { return PixelRectangle(screen) }
        let (width, height) = (screen.width * 5 / 8, screen.height * 5 / 8)
        return PixelRectangle(
            x: (screen.width - width) / 2, y: (screen.height - height) / 2, width: width, height: height)
    }

    /// Below, in the middle, off the edge.
    static func bannerPlace(_ banner: PixelSize, on screen: PixelSize) -> PixelRectangle {
        PixelRectangle(
            x: (screen.width - banner.width) / 2,
            y: max(0, screen.height - banner.height - max(2, min(screen.width, screen.height) / 40)),
            width: banner.width, height: banner.height)
    }

    /// The picture below shines through by a little.
    static let bannerAlpha: UInt8 = 236
}
