import DisplayDrivers
public import Frames
import LinuxSystem
import Logging

/// The test picture: colour bars, corner marks, a grey ramp, and, when it moves, a bar and a counter of frames. A bar that
/// breaks shows tearing; a counter that skips shows frames that were lost.
public struct TestPicture: Sendable {
    /// Digits of the counter.
    static let places = 6

    public var background: Frame
    public var bar: Frame
    /// 0 to 9, all of one size.
    public var digits: [Frame]

    public init(background: Frame, bar: Frame, digits: [Frame]) {
        self.background = background
        self.bar = bar
        self.digits = digits
    }

    /// What is shown as frame `number`; nil: only what stands still.
    public func scene(_ number: Int?) -> Scene {
        let size = background.size
        var layers = [Layer(frame: background, destination: PixelRectangle(size))]
        guard let number else { return Scene(layers: layers) }
        let travel = max(1, size.width - bar.size.width)
        let step = max(1, size.width / 120)
        layers.append(
            Layer(
                frame: bar,
                destination: PixelRectangle(
                    x: number * step % travel, y: size.height * 13 / 20, width: bar.size.width,
                    height: bar.size.height)))
        var rest = number
        for place in 0..<Self.places {
            let digit = digits[rest % digits.count]
            rest /= digits.count
            layers.append(
                Layer(
                    frame: digit,
                    destination: PixelRectangle(
                        x: size.width / 2 + (Self.places / 2 - 1 - place) * digit.size.width,
                        y: max(0, size.height * 9 / 40 - digit.size.height / 2), width: digit.size.width,
                        height: digit.size.height)))
        }
        return Scene(layers: layers)
    }

    /// Size of the bar on a screen.
    static func barSize(on screen: PixelSize) -> PixelSize {
        PixelSize(width: max(2, screen.width / 40), height: max(1, screen.height * 2 / 20))
    }
}

extension Player {
    /// Shows the test picture in place of everything else for so long.
    ///
    /// - Parameter moves: with a bar and a counter that move with each refresh.
    public func showTestPicture(for duration: Duration, moves: Bool) {
        programme.test(until: clock.now.advanced(by: duration), moves: moves)
        changed()
    }

    /// Until cancelled. Each present is on the glass before the next is made: the counter counts refreshes that were used.
    func playTestPicture(on plan: Plan, moves: Bool) async {
        shownCard = nil
        let picture: TestPicture
        do {
            picture = try await cards.testPicture(size: plan.screen.size)
        } catch {
            logger.error("the test picture could not be painted: \(error)")
            return await waitUntilCancelled()
        }
        var number = 0
        repeat {
            let scene = picture.scene(moves ? number : nil)
            guard await present(scene, for: plan.screen.size, notBefore: clock.now) != nil else { return }
            number += 1
        } while moves && !Task.isCancelled
        await waitUntilCancelled()
    }
}
