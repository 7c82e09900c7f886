import DisplayDrivers
import Frames
import LinuxSystem
import Logging

extension Player {
    /// How long `showInfo` shows by itself.
    public static let infoTime: Duration = .seconds(15)

    /// The scene that is on the glass, without what lies over it.
    struct Glass {
        var scene: Scene
        var screen: PixelSize
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
                let wanted = overlay.wanted(at: now, on: screen, welcome: welcome)
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
                        guard await presentAgain(glass) else { return }
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
                layers.append(
                    Layer(
                        frame: banner, destination: Overlay.bannerPlace(banner.size, on: content.screen),
                        alpha: Overlay.bannerAlpha))
            }
        } catch {
            logger.error("a message could not be painted: \(error)")
        }
        overlay.painted(content, layers, at: clock.now)
    }

    /// false: nothing is shown any more.
    private func presentAgain(_ glass: Glass) async -> Bool {
        await present(glass.scene, for: glass.screen, notBefore: clock.now) != nil
    }

    /// Presents a scene with what lies over it, one after the other.
    ///
    /// - Returns: nil when the task was cancelled. The display chain falls back by itself; only its end is left, and then
    ///   nothing is shown any more until this ends, too.
    func present(_ scene: Scene, for screen: PixelSize, notBefore: MonotonicInstant) async -> Presentation? {
        while isPresenting {
            let seen = presentWakeup.generation
            waitingToPresent += 1
            let isWoken = await presentWakeup.wait(after: seen)
            waitingToPresent -= 1
            guard isWoken else { return nil }
        }
        isPresenting = true
        let number = overlay.number
        var failure: DisplayError?
        var presentation: Presentation?
        do {
            presentation = try await display.present(
                overlay.over(scene, on: screen), for: screen, notBefore: notBefore)
            glass = Glass(scene: scene, screen: screen)
            overlay.numberOnGlass = number
        } catch {
            failure = error
        }
        isPresenting = false
        if waitingToPresent > 0 { presentWakeup.wake() }
        if !overlay.isOnGlass { overlayWakeup.wake() }
        if let failure, failure.code != .cancelled, !Task.isCancelled {
            logger.warning("nothing can be shown any more: \(failure)")
            await waitUntilCancelled()
        }
        return presentation
    }
}
