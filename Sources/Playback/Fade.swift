import Frames
import LinuxSystem

/// A transition with its pictures: the scene before, and the one that comes. A value.
struct Fade: Sendable {
    var transition: Transition
    /// Number of the turn that comes.
    let turn: Int
    /// What comes is no photo: pictures of it follow each other.
    let moves: Bool
    let screen: PixelSize
    /// Of the display's refreshes.
    let interval: Duration
    let outgoing: Scene
    /// nil: its first picture is not due yet.
    var incoming: Scene?
    /// A few black pixels, enlarged to what the incoming pictures leave free.
    let black: Frame

    /// From when on the refresh after the last one may be used.
    func nextStep(after shown: MonotonicInstant) -> MonotonicInstant {
        max(shown, transition.begin.advanced(by: .zero - interval)).advanced(by: interval / 2)
    }

    /// Until when a picture is seen that is presented now: it shows how far the transition is then, so that the first one
    /// differs from what was before, and the last one is whole.
    func lastMoment(of begin: MonotonicInstant, after shown: MonotonicInstant?) -> MonotonicInstant {
        let soonest = shown?.advanced(by: interval) ?? begin
        return max(begin.advanced(by: interval / 2), soonest).advanced(by: interval)
    }

    func leading(to scene: Scene) -> Fade {
        var fade = self
        fade.incoming = scene
        return fade
    }

    /// What is on the display at a moment.
    func scene(at now: MonotonicInstant) -> Scene {
        let mix = transition.mix(at: now)
        guard let incoming else {
            // When it is over, and nothing has come, the picture before stays.
            return transition.isOver(at: now) ? outgoing : outgoing.seen(mix.outgoing)
        }
        if mix.incoming == 255 { return incoming }
        if mix.incoming == 0 { return outgoing.seen(mix.outgoing) }
        let veils = mix.outgoing == 0 ? [] : veils(over: incoming, alpha: mix.incoming)
        return Scene(layers: outgoing.seen(mix.outgoing).layers + veils + incoming.seen(mix.incoming).layers)
    }

    /// Beside the incoming picture the outgoing one gives way to black.
    private func veils(over incoming: Scene, alpha: UInt8) -> [Layer] {
        let old = outgoing.bounds
        return BlurredSides.areas(beside: incoming.bounds, on: screen).map { $0.intersection(old) }
            .filter { !$0.isEmpty }.map { Layer(frame: black, destination: $0, alpha: alpha) }
    }

    static func makeBlack() throws -> Frame {
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 16, height: 16))
        return Frame(buffer: try FrameBuffer(name: "black", byteCount: layout.byteCount), layout: layout)
    }
}

extension Scene {
    /// The smallest rectangle around all layers.
    fileprivate var bounds: PixelRectangle {
        layers.reduce(PixelRectangle(x: 0, y: 0, width: 0, height: 0)) { $0.union($1.destination) }
    }

    /// The same, only so much of it.
    fileprivate func seen(_ alpha: UInt8) -> Scene {
        switch alpha {
        case 0: return .black
        case 255: return self
        default:
            return Scene(
                layers: layers.map { layer in
                    var layer = layer
                    layer.alpha = UInt8((Int(layer.alpha) * Int(alpha) + 127) / 255)
                    return layer
                })
        }
    }
}
