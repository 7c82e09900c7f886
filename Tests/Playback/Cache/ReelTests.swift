import Testing

@testable import Playback

@Suite struct ReelTests {
    private func milliseconds(_ count: Int) -> Duration { .milliseconds(count) }
    private func place(_ reel: inout Reel, _ time: Int, iteration: Int = 0) -> Reel.Verdict {
        reel.place(time: milliseconds(time), duration: milliseconds(40), iteration: iteration)
    }

    @Test func aDecoderAloneGoesThrough() {
        var reel = Reel(start: .zero)
        #expect(place(&reel, 0) == .show(time: .zero, iteration: 0))
        #expect(place(&reel, 40) == .show(time: milliseconds(40), iteration: 0))
        #expect(reel.number == 2)
        #expect(place(&reel, 80, iteration: 1) == .nextIteration(at: milliseconds(80)))
        reel.turn(at: milliseconds(80))
        #expect(place(&reel, 80, iteration: 1) == .show(time: milliseconds(80), iteration: 1))
        #expect(reel.number == 1)
    }

    @Test func aMediumThatBeginsLateKeepsItsLength() {
        var reel = Reel(start: .zero)
        #expect(place(&reel, 100) == .show(time: milliseconds(100), iteration: 0))
        #expect(place(&reel, 240, iteration: 1) == .nextIteration(at: milliseconds(140)))
    }

    @Test func memoryGoesOnWhereTheDecoderWas() {
        var reel = Reel(start: .zero)
        _ = place(&reel, 0)
        reel.turn(at: milliseconds(40))
        let replayed = reel.replay(time: .zero, duration: milliseconds(40))
        #expect(replayed.time == milliseconds(40))
        #expect(replayed.iteration == 1)
        // The decoder comes with the same.
        #expect(place(&reel, 40, iteration: 1) == .skip)
        #expect(place(&reel, 80, iteration: 1) == .show(time: milliseconds(80), iteration: 1))
        // Once it has caught up, times that overlap are its own.
        #expect(place(&reel, 90, iteration: 1) == .show(time: milliseconds(90), iteration: 1))
    }

    @Test func aDecoderThatIsOpenedOnTheWayCountsAnew() {
        var reel = Reel(start: .zero)
        _ = place(&reel, 0)
        reel.turn(at: milliseconds(1_000))
        _ = reel.replay(time: .zero, duration: milliseconds(40))
        _ = reel.replay(time: milliseconds(40), duration: milliseconds(40))
        reel.reopened()
        #expect(reel.position == milliseconds(80))
        // It begins at the key frame before.
        #expect(place(&reel, 40) == .skip)
        #expect(place(&reel, 80) == .show(time: milliseconds(1_080), iteration: 1))
        #expect(reel.number == 3)
        #expect(place(&reel, 1_000, iteration: 1) == .nextIteration(at: milliseconds(2_000)))
        #expect(reel.decoderTime(milliseconds(1_500)) == milliseconds(500))
    }

    @Test func whatBeganInTheMiddleIsNoWholeIteration() {
        var reel = Reel(start: milliseconds(500))
        #expect(place(&reel, 520) == .show(time: milliseconds(520), iteration: 0))
        #expect(reel.number == nil)
        #expect(place(&reel, 1_000, iteration: 1) == .nextIteration(at: milliseconds(1_000)))
        reel.turn(at: milliseconds(1_000))
        #expect(reel.number == 0)
    }

    @Test func theHeadIsAsLongAsTheWait() {
        var head = HeadLength()
        head.waited(milliseconds(80), ahead: 2, frame: milliseconds(40))
        #expect(head.frames == 0)
        head.waited(milliseconds(130), ahead: 1, frame: milliseconds(40))
        #expect(head.frames == 4)
        head.waited(milliseconds(90), ahead: 1, frame: milliseconds(40))
        #expect(head.frames == 4)
        head.waited(.seconds(10), ahead: 1, frame: milliseconds(40))
        #expect(head.frames == HeadLength.longest)
        head.waited(.seconds(10), ahead: 1, frame: .zero)
        #expect(head.frames == HeadLength.longest)
    }
}
