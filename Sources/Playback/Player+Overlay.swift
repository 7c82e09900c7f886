import DisplayDrivers
import Frames
import LinuxSystem
import Logging

extension Player {
    /// How long `showInfo` shows by itself.
    public static let infoTime: Duration = .seconds(15)

    /// What is on the glass.
    struct Glass {
        /// Without what lies over it, and whole, however far a transition to it has come.
        var scene: Scene
        var screen: PixelSize
        /// The turn that it is of; nil: a picture of the appliance's own.
        var turn: Int?
        /// What it says, when it is the welcome card.
        var card: WelcomeContent?
        /// How it came there last.
        var shown: Presentation
        /// When it came there first.
        var pictureTime: MonotonicInstant
        /// How long the last present took, the wait for its time left out.
        var pace: Duration
    }

    // MARK: For the appliance

    /// Says something on the screen, in place of what was said under the same key.
    public func post(_ message: ScreenMessage) {
        overlay.queue.post(message, at: clock.now)
        overlayWakeup.wake()
    }

    /// What this message said is over; it goes from the screen, too.
    public func withdraw(_ key: String) {
        overlay.queue.withdraw(key)
        overlayWakeup.wake()
    }

    /// Shows name, address and code over whatever plays. It follows changes of the address. A person asked for it, so that
    /// `messages.on_screen` does not matter.
    public func showInfo(for duration: Duration = Player.infoTime) {
        overlay.infoUntil = clock.now.advanced(by: duration)
        overlayWakeup.wake()
    }

    // MARK: Work

    /// Paints what lies over the picture when that changes, and presents the picture again where none comes by itself. As
    /// long as there is nothing to say it sleeps.
    func keepOverlay() async {
        while !Task.isCancelled {
            let seen = overlayWakeup.generation
            let now = clock.now
            var wakeAt: MonotonicInstant?
            if let screen = screen?.size {
                let wanted = overlay.wanted(at: now, on: screen, welcome: welcome, card: glass?.card)
                wakeAt = overlay.nextChange(after: now)
                if wanted != overlay.content {
                    if wanted == nil || overlay.mayPaint.map({ $0 <= now }) ?? true {
                        await paintOverlay(wanted)
                        continue
                    }
                    wakeAt = [wakeAt, overlay.mayPaint].compactMap { $0 }.min()
                }
                // While a picture is on its way, its end wakes this.
                if !overlay.isOnGlass, !isPresenting, let glass, glass.screen == screen {
                    if overlay.mayInsist <= now {
                        guard await presentAgain(glass, notBefore: now) else { return }
                        continue
                    }
                    wakeAt = [wakeAt, overlay.mayInsist].compactMap { $0 }.min()
                }
            }
            await overlayWakeup.wait(after: seen, until: wakeAt, clock: clock)
        }
    }

    private func paintOverlay(_ content: Overlay.Content?) async {
        var layers: [Layer] = []
        do {
            if let content, let info = content.info {
                let place = Overlay.infoPlace(on: content.screen)
                layers.append(Layer(frame: try await cards.welcome(info, size: place.size), destination: place))
            }
            if let content, !content.messages.isEmpty {
                let banner = try await cards.banner(content.messages, screen: content.screen)
                let place = Overlay.bannerPlace(banner.size, on: content.screen)
                if let card = content.card {
                    let frame = try await cards.welcome(
                        card, size: content.screen, below: content.screen.height - place.y)
                    layers.append(Layer(frame: frame, destination: PixelRectangle(content.screen)))
                }
                layers.append(Layer(frame: banner, destination: place, alpha: Overlay.bannerAlpha))
            }
        } catch {
            logger.error("a message could not be painted: \(error)")
        }
        overlay.painted(content, layers, at: clock.now)
    }

    /// Presents what is on the glass again, as far as a transition to it has come, and with what lies over it now.
    ///
    /// - Returns: false when nothing is shown any more.
    func presentAgain(_ glass: Glass, notBefore: MonotonicInstant) async -> Bool {
        await present(
            glass.scene, for: glass.screen, turn: glass.turn, card: glass.card, notBefore: notBefore, isAgain: true)
            != nil
    }

    /// Presents a scene with what lies over it, one after the other.
    ///
    /// - Parameters:
    ///   - turn: the number of the turn that it is of; nil: a picture of the appliance's own, which comes at once.
    ///   - card: what it says, when it is the welcome card.
    ///   - isAgain: it is on the glass already.
    /// - Returns: nil when the task was cancelled. The display chain falls back by itself; only its end is left, and then
    ///   nothing is shown any more until this ends, too.
    func present(
        _ scene: Scene, for screen: PixelSize, turn: Int? = nil, card: WelcomeContent? = nil,
        notBefore: MonotonicInstant, isAgain: Bool = false
    ) async -> Presentation? {
        while isPresenting {
            let seen = presentWakeup.generation
            waitingToPresent += 1
            let isWoken = await presentWakeup.wait(after: seen)
            waitingToPresent -= 1
            guard isWoken else { return nil }
        }
        isPresenting = true
        if !isAgain { fade = turn == nil || fade?.screen != screen ? nil : fade?.leading(to: scene) }
        let called = clock.now
        let begin = max(called, notBefore)
        let step = fade
        let moment = step?.lastMoment(of: begin, after: glass?.shown.time) ?? begin
        let picture = step?.scene(at: moment) ?? scene
        let number = overlay.number
        var failure: DisplayError?
        var presentation: Presentation?
        do {
            let shown = try await display.present(
                overlay.over(picture, on: screen, card: card), for: screen, notBefore: notBefore)
            presentation = shown
            let half = shown.interval / 2
            glass = Glass(
                scene: scene, screen: screen, turn: turn, card: card, shown: shown,
                pictureTime: (isAgain ? glass?.pictureTime : nil) ?? shown.time,
                pace: max(called, notBefore.advanced(by: .zero - half)).duration(to: shown.time))
            overlay.numberOnGlass = number
            if let step, step.transition == fade?.transition, step.transition.isOver(at: moment) { fade = nil }
        } catch {
            failure = error
        }
        isPresenting = false
        if waitingToPresent > 0 { presentWakeup.wake() }
        if !overlay.isOnGlass || overlay.isMadeForAnother(card) { overlayWakeup.wake() }
        if fade != nil { fadeWakeup.wake() }
        if let failure, failure.code != .cancelled, !Task.isCancelled {
            logger.warning("nothing can be shown any more: \(failure)")
            await waitUntilCancelled()
        }
        return presentation
    }
}
