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
        let card = plan.decision == .welcome ? plan.welcome : nil
        guard await present(scene, for: plan.screen.size, card: card, notBefore: clock.now) != nil else { return }
        shownCard = plan
    }
}
