import DisplayDrivers
import Frames
import LinuxSystem
import Logging

extension Player {
    /// Paints the appliance's own picture and shows it, unless it is on the screen already.
    func showCard(_ plan: Plan) async {
        if shownCard == plan { return }
        let frame: Frame
        do {
            switch plan.decision {
            case .fault(let notice): frame = try await cards.fault(notice, size: plan.screen.size)
            case .welcome:
                guard let content = plan.welcome else { return }
                frame = try await cards.welcome(content, size: plan.screen.size)
            case .show, .test: return
            }
        } catch {
            logger.error("a picture of the appliance's own could not be painted: \(error)")
            return
        }
        let scene = Scene(layers: [Layer(frame: frame, destination: PixelRectangle(plan.screen.size))])
        guard await present(scene, on: plan.screen, notBefore: clock.now) != nil else { return }
        shownCard = plan
    }

    /// nil when the task was cancelled. The display chain falls back by itself; only its end is left, and then nothing
    /// is shown any more until this ends, too.
    func present(
        _ scene: Scene, on screen: DisplayCapabilities, notBefore: MonotonicInstant
    ) async -> Presentation? {
        do {
            return try await display.present(scene, for: screen.size, notBefore: notBefore)
        } catch {
            if error.code != .cancelled, !Task.isCancelled {
                logger.warning("nothing can be shown any more: \(error)")
                await waitUntilCancelled()
            }
            return nil
        }
    }
}
