import LinuxSystem
import Testing

@testable import Playback

@Suite struct TimelineTests {
    let start = MonotonicInstant(nanoseconds: 5_000_000_000)

    /// Shows every frame of a clip on a display, and returns the number of the refresh that took each; nil: dropped.
    func play(
        frames: Int, step: (Int) -> Duration, refreshRate: Double, timeline: inout Timeline,
        cost: (Int) -> Duration = { _ in .zero }
    ) -> [Int?] {
        let interval = 1_000_000_000 / refreshRate
        func tick(atOrAfter instant: MonotonicInstant) -> Int {
            let elapsed = Double(instant.nanoseconds - start.nanoseconds)
            return max(0, Int((elapsed / interval - 1e-6).rounded(.up)))
        }
        var now = start
        var last = -1
        var ticks: [Int?] = []
        for number in 0..<frames {
            now = now.advanced(by: cost(number))
            switch timeline.place(
                position: step(number), duration: step(number + 1) - step(number), discontinuity: false, now: now)
            {
            case .drop: ticks.append(nil)
            case .show(let notBefore):
                let tick = max(tick(atOrAfter: max(now, notBefore)), last + 1)
                last = tick
                now = start.advanced(by: .nanoseconds(Int64((Double(tick) * interval).rounded())))
                timeline.shown(at: now)
                ticks.append(tick)
            }
        }
        return ticks
    }

    @Test func anHourOf25FramesOn50HertzIsExact() {
        var timeline = Timeline(start: start, refreshInterval: .milliseconds(20))
        let ticks = play(frames: 90_000, step: { .milliseconds(40) * $0 }, refreshRate: 50, timeline: &timeline)
        #expect(ticks == (0..<90_000).map { $0 * 2 })
    }

    @Test func anHourOf25FramesOn60HertzHasItsCadence() {
        var timeline = Timeline(start: start, refreshInterval: .nanoseconds(16_666_666))
        let ticks = play(frames: 90_000, step: { .milliseconds(40) * $0 }, refreshRate: 60, timeline: &timeline)
            .compactMap { $0 }
        #expect(ticks.count == 90_000)
        #expect(Set(zip(ticks, ticks.dropFirst()).map { $1 - $0 }) == [2, 3])
        // Nowhere more than half a refresh from where it belongs.
        for (number, tick) in ticks.enumerated() { #expect(abs(Double(tick) - Double(number) * 2.4) <= 0.51) }
    }

    @Test func anHourOf30000By1001FramesOn60HertzLosesNone() {
        var timeline = Timeline(start: start, refreshInterval: .nanoseconds(16_666_666))
        let ticks = play(
            frames: 107_892, step: { .nanoseconds(Int64($0) * 1_001_000_000 / 30) / 1_000 * 1_000 }, refreshRate: 60,
            timeline: &timeline
        ).compactMap { $0 }
        #expect(ticks.count == 107_892)
        let gaps = zip(ticks, ticks.dropFirst()).map { $1 - $0 }
        #expect(Set(gaps).isSubset(of: [1, 2, 3]))
        #expect(gaps.allSatisfy { $0 >= 1 })
    }

    @Test func fasterThanTheDisplayDropsNothingThatIsNotLate() {
        var timeline = Timeline(start: start, refreshInterval: .nanoseconds(16_666_666))
        // 120 frames a second on 60 Hz: half of them have no refresh of their own.
        let ticks = play(
            frames: 1200, step: { .nanoseconds(Int64($0) * 1_000_000_000 / 120) }, refreshRate: 60, timeline: &timeline)
        let shown = ticks.compactMap { $0 }
        #expect(shown.count >= 595 && shown.count <= 640)
        #expect((shown.last ?? 0) >= 590 && (shown.last ?? 0) <= 605)
    }

    @Test func aLateFrameIsDroppedAndTheDecoderTold() {
        var timeline = Timeline(start: start, refreshInterval: .milliseconds(20))
        _ = timeline.place(position: .zero, duration: .milliseconds(40), discontinuity: false, now: start)
        timeline.shown(at: start)
        let now = start.advanced(by: .milliseconds(130))
        #expect(
            timeline.place(position: .milliseconds(40), duration: .milliseconds(40), discontinuity: false, now: now)
                == .drop(lateBefore: .milliseconds(130)))
        // Not more than its own duration late: shown.
        #expect(
            timeline.place(position: .milliseconds(120), duration: .milliseconds(40), discontinuity: false, now: now)
                == .show(notBefore: start.advanced(by: .milliseconds(110))))
    }

    @Test func aSlowDecoderFreezesNothingForLong() {
        var timeline = Timeline(start: start, refreshInterval: .milliseconds(20))
        // Each frame takes 50 ms, and stays 40: all get late, and still several a second are seen.
        let ticks = play(
            frames: 1000, step: { .milliseconds(40) * $0 }, refreshRate: 50, timeline: &timeline,
            cost: { _ in .milliseconds(50) })
        let shown = ticks.compactMap { $0 }
        for (first, second) in zip(shown, shown.dropFirst()) { #expect(second - first <= 17) }
        #expect(shown.count > 100)
    }

    @Test func aLongGapIsNotCaughtUp() {
        var timeline = Timeline(start: start, refreshInterval: .milliseconds(20))
        _ = timeline.place(position: .zero, duration: .milliseconds(40), discontinuity: false, now: start)
        timeline.shown(at: start)
        let now = start.advanced(by: .seconds(30))
        #expect(
            timeline.place(position: .milliseconds(40), duration: .milliseconds(40), discontinuity: false, now: now)
                == .show(notBefore: now.advanced(by: .milliseconds(-10))))
        #expect(timeline.due(at: .milliseconds(80)) == now.advanced(by: .milliseconds(40)))
    }

    @Test func aPauseShiftsAllThatFollows() {
        var timeline = Timeline(start: start, refreshInterval: .milliseconds(20))
        _ = timeline.place(position: .zero, duration: .milliseconds(40), discontinuity: false, now: start)
        timeline.shown(at: start)
        timeline.pause(at: start.advanced(by: .milliseconds(30)))
        timeline.pause(at: start.advanced(by: .seconds(3)))
        #expect(timeline.isPaused)
        #expect(timeline.position(at: start.advanced(by: .seconds(100))) == .milliseconds(30))
        timeline.resume(at: start.advanced(by: .seconds(100)))
        #expect(!timeline.isPaused)
        #expect(timeline.position(at: start.advanced(by: .seconds(100))) == .milliseconds(30))
        #expect(timeline.due(at: .milliseconds(40)) == start.advanced(by: .milliseconds(100_010)))
        #expect(
            timeline.place(
                position: .milliseconds(40), duration: .milliseconds(40), discontinuity: false,
                now: start.advanced(by: .seconds(100))) == .show(notBefore: start.advanced(by: .milliseconds(100_000))))
    }

    @Test func aDiscontinuityFollowsTheFrameBefore() {
        var timeline = Timeline(start: start, refreshInterval: .milliseconds(20))
        _ = timeline.place(position: .zero, duration: .milliseconds(40), discontinuity: true, now: start)
        timeline.shown(at: start)
        #expect(
            timeline.place(position: .seconds(700), duration: .milliseconds(40), discontinuity: true, now: start)
                == .show(notBefore: start.advanced(by: .milliseconds(30))))
        #expect(timeline.due(at: .seconds(701)) == start.advanced(by: .milliseconds(1040)))
    }

    @Test func theFirstFrameSetsTheBeat() {
        var timeline = Timeline(start: start, refreshInterval: .milliseconds(20))
        _ = timeline.place(position: .seconds(3), duration: .milliseconds(40), discontinuity: false, now: start)
        // It came onto the glass 7 ms later.
        timeline.shown(at: start.advanced(by: .milliseconds(7)))
        #expect(timeline.due(at: .seconds(3) + .milliseconds(40)) == start.advanced(by: .milliseconds(47)))
        #expect(timeline.endOfLast == start.advanced(by: .milliseconds(47)))
    }
}
