import Frames
import LinuxSystem
import Testing

@testable import Playback

@Suite struct TransitionTests {
    let begin = MonotonicInstant(nanoseconds: 7_000_000_000)

    private func mixes(_ kind: TransitionKind, steps: Int = 100) -> [Transition.Mix] {
        let transition = Transition(kind, begin: begin, length: .milliseconds(10) * steps)
        return (0...steps).map { transition.mix(at: begin.advanced(by: .milliseconds(10) * $0)) }
    }

    @Test func acrossfadeKeepsTheOneBelowWhole() {
        let mixes = mixes(.crossfade)
        #expect(mixes.first == Transition.Mix(outgoing: 255, incoming: 0))
        #expect(mixes.last == Transition.Mix(outgoing: 0, incoming: 255))
        #expect(mixes.dropLast().allSatisfy { $0.outgoing == 255 })
        #expect(mixes[50].incoming == 128)
        for (first, second) in zip(mixes, mixes.dropFirst()) { #expect(first.incoming <= second.incoming) }
        // Eased: slow at both ends, and the same forth and back.
        #expect(mixes[10].incoming < 26)
        for step in 0...100 { #expect(abs(Int(mixes[step].incoming) + Int(mixes[100 - step].incoming) - 255) <= 1) }
    }

    @Test func throughBlackOneAfterTheOther() {
        let mixes = mixes(.fadeBlack)
        #expect(mixes.first == Transition.Mix(outgoing: 255, incoming: 0))
        #expect(mixes[25].outgoing == 127 || mixes[25].outgoing == 128)
        #expect(mixes[50] == Transition.Mix(outgoing: 0, incoming: 0))
        #expect(mixes.last == Transition.Mix(outgoing: 0, incoming: 255))
        #expect(mixes.allSatisfy { $0.outgoing == 0 || $0.incoming == 0 })
    }

    @Test func aCutIsOverWhenItBegins() {
        let cut = Transition(.cut, begin: begin, length: .seconds(1))
        #expect(cut.end == begin)
        #expect(cut.mix(at: begin) == Transition.Mix(outgoing: 0, incoming: 255))
    }

    @Test func beforeAndAfter() {
        let transition = Transition(.crossfade, begin: begin, length: .milliseconds(800))
        let early = begin.advanced(by: .seconds(-1))
        #expect(transition.mix(at: early) == Transition.Mix(outgoing: 255, incoming: 0))
        #expect(!transition.isOver(at: begin.advanced(by: .nanoseconds(799_999_999))))
        #expect(transition.isOver(at: begin.advanced(by: .milliseconds(800))))
        #expect(transition.firstMotion == begin)
        let dark = Transition(.fadeBlack, begin: begin, length: .milliseconds(800))
        #expect(dark.firstMotion == begin.advanced(by: .milliseconds(400)))
    }

    @Test func theNextHasHalfOfItsTimeToItself() {
        func length(_ incoming: Duration?, every interval: Duration = .milliseconds(20)) -> Duration {
            Transition.length(wanted: .milliseconds(800), incoming: incoming, refreshInterval: interval)
        }
        #expect(length(nil) == .milliseconds(800))
        #expect(length(.seconds(10)) == .milliseconds(800))
        #expect(length(.seconds(1)) == .milliseconds(500))
        #expect(length(.milliseconds(60)) == .zero)
        // One refresh a second: no step would be seen.
        #expect(length(.seconds(10), every: .seconds(1)) == .zero)
    }

    // MARK: Scenes

    private func frame(_ width: Int, _ height: Int) throws -> Frame {
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: width, height: height))
        return Frame(buffer: try FrameBuffer(name: "test", byteCount: layout.byteCount), layout: layout)
    }

    private func fade(from old: PixelRectangle, to new: PixelRectangle, _ kind: TransitionKind = .crossfade) throws
        -> Fade
    {
        let incoming = Scene(layers: [Layer(frame: try frame(new.width, new.height), destination: new)])
        return Fade(
            transition: Transition(kind, begin: begin, length: .seconds(1)), turn: 2, moves: false,
            screen: PixelSize(width: 64, height: 36), interval: .milliseconds(20),
            outgoing: Scene(layers: [Layer(frame: try frame(old.width, old.height), destination: old)]),
            incoming: incoming, black: try Fade.makeBlack())
    }

    @Test func whatThePictureLeavesFreeGoesBlack() throws {
        let all = PixelRectangle(x: 0, y: 0, width: 64, height: 36)
        let middle = PixelRectangle(x: 20, y: 0, width: 24, height: 36)
        let fade = try fade(from: all, to: middle)
        let half = fade.scene(at: begin.advanced(by: .milliseconds(500))).layers
        #expect(
            half.map(\.destination) == [
                all, PixelRectangle(x: 0, y: 0, width: 20, height: 36),
                PixelRectangle(x: 44, y: 0, width: 20, height: 36), middle,
            ])
        #expect(half.map(\.alpha) == [255, 128, 128, 128])
        #expect(fade.scene(at: begin.advanced(by: .seconds(1))).layers.map(\.destination) == [middle])
        // The other way round there is nothing to veil.
        let back = try self.fade(from: middle, to: all).scene(at: begin.advanced(by: .milliseconds(500)))
        #expect(back.layers.map(\.destination) == [middle, all])
        #expect(back.layers.map(\.alpha) == [255, 128])
    }

    @Test func throughBlackShowsOneAtATime() throws {
        let all = PixelRectangle(x: 0, y: 0, width: 64, height: 36)
        let fade = try fade(from: all, to: all, .fadeBlack)
        func layers(_ milliseconds: Int) -> [Layer] {
            fade.scene(at: begin.advanced(by: .milliseconds(milliseconds))).layers
        }
        #expect(layers(250).map(\.alpha) == [127] || layers(250).map(\.alpha) == [128])
        #expect(layers(250).first?.frame === fade.outgoing.layers.first?.frame)
        #expect(layers(500).isEmpty)
        #expect(layers(750).map(\.alpha) == [128])
        #expect(layers(750).first?.frame === fade.incoming?.layers.first?.frame)
    }

    @Test func stepsAreARefreshApartAndNotBeforeItBegins() throws {
        let all = PixelRectangle(x: 0, y: 0, width: 64, height: 36)
        let fade = try fade(from: all, to: all)
        let early = begin.advanced(by: .milliseconds(-300))
        #expect(fade.nextStep(after: early) == begin.advanced(by: .milliseconds(-10)))
        #expect(fade.nextStep(after: begin) == begin.advanced(by: .milliseconds(10)))
        // The first picture is seen for a refresh, the last one is whole.
        #expect(
            fade.lastMoment(of: begin.advanced(by: .milliseconds(-10)), after: early)
                == begin.advanced(by: .milliseconds(20)))
        #expect(
            fade.lastMoment(of: begin.advanced(by: .milliseconds(970)), after: begin.advanced(by: .milliseconds(960)))
                == begin.advanced(by: .seconds(1)))
    }
}
