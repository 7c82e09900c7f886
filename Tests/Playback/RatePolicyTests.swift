import LinuxSystem
import MediaIndex
import Testing

@testable import Playback

@Suite struct RatePolicyTests {
    private let start = MonotonicInstant(nanoseconds: 9_000_000_000)
    private let one = testID(1)

    /// What was seen on a board: for each second, how many of 25 frames were lost.
    private func play(
        _ trace: [Int], _ policy: inout RatePolicy, from second: Int = 0
    ) -> [RatePolicy.Cause?] {
        trace.enumerated().map { index, lost in
            let begin = start.advanced(by: .seconds(second + index))
            let step = policy.cause == nil ? 1 : 2
            var left = lost
            for frame in stride(from: 0, to: 25, by: step) {
                let share = min(left, max(0, lost * (frame + step) / 25 - (lost - left)))
                left -= share
                policy.shown(lost: share, at: begin.advanced(by: .milliseconds(40 * frame)))
            }
            return policy.cause
        }
    }

    private func policy(frame: Duration? = .milliseconds(40), refresh: Duration = .milliseconds(20)) -> RatePolicy {
        var policy = RatePolicy()
        policy.begin(one, lasts: nil, frame: frame, refresh: refresh, at: start)
        return policy
    }

    @Test func aClipThatPlaysWellIsLeftAlone() {
        var policy = policy()
        #expect(play(Array(repeating: 0, count: 600), &policy).allSatisfy { $0 == nil })
    }

    /// A card that is written to, a burst of network: some frames, once.
    @Test func aHiccupIsNone() {
        var policy = policy()
        let causes = play([0, 0, 0, 0, 12, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 0, 1, 0], &policy)
        #expect(causes.allSatisfy { $0 == nil })
    }

    @Test func aBoardThatIsTooSlowShowsHalf() {
        var policy = policy()
        let causes = play([0, 0, 0, 0] + Array(repeating: 6, count: 6), &policy)
        #expect(causes.prefix(4).allSatisfy { $0 == nil })
        #expect(causes.last == .load)
        // Half a second of stutter and more, and no more than the window.
        #expect((5...7).contains(causes.firstIndex(of: .load) ?? 0))
    }

    @Test func afterAWhileAllAreTriedAgainAndEverMoreSeldom() throws {
        var policy = policy()
        var trace: [RatePolicy.Cause?] = []
        for second in 0..<1_000 { trace += play([policy.cause == nil ? 8 : 0], &policy, from: second) }
        var halves: [Int] = []
        for (second, cause) in trace.enumerated() where cause == .load {
            if second == 0 || trace[second - 1] == nil { halves.append(0) }
            halves[halves.count - 1] += 1
        }
        #expect(halves.count == 6)
        for (first, second) in zip(halves.dropLast(), halves.dropLast().dropFirst()) {
            #expect(second >= 2 * first - 2 && second <= 2 * first + 2)
        }
        #expect((29...31).contains(halves[0]))
        // Once it goes well for long, a relapse is a first time again.
        var well = policy
        _ = play(Array(repeating: 0, count: 3_000), &well, from: 1_000)
        #expect(well.cause == nil)
        _ = play(Array(repeating: 8, count: 8), &well, from: 4_000)
        #expect(well.cause == .load)
        let after = play(Array(repeating: 0, count: 40), &well, from: 4_008)
        #expect((24...31).contains(after.firstIndex(of: nil) ?? 0))
    }

    @Test func aFrameLostAtHalfPutsItOff() {
        var policy = policy()
        _ = play(Array(repeating: 8, count: 6), &policy)
        #expect(policy.cause == .load)
        let causes = play(Array(repeating: 0, count: 20) + [1] + Array(repeating: 0, count: 40), &policy, from: 6)
        #expect((49...52).contains(causes.firstIndex(of: nil) ?? 0))
    }

    @Test func eachMediumHasItsOwn() {
        var policy = policy()
        _ = play(Array(repeating: 8, count: 6), &policy)
        let now = start.advanced(by: .seconds(6))
        policy.begin(testID(2), lasts: .seconds(60), frame: .milliseconds(40), refresh: .milliseconds(20), at: now)
        #expect(policy.cause == nil)
        policy.begin(one, lasts: .seconds(60), frame: .milliseconds(40), refresh: .milliseconds(20), at: now)
        #expect(policy.cause == .load)
        policy.keepOnly([testID(2)])
        policy.begin(one, lasts: .seconds(60), frame: .milliseconds(40), refresh: .milliseconds(20), at: now)
        #expect(policy.cause == nil)
    }

    // MARK: Short media

    /// Clips that come one after the other, from this second on, with so many frames lost in each second at the whole
    /// rate, and none at half of it. How each turn ended.
    private func play(
        _ clips: [(number: Int, seconds: Int, lost: Int)], apart: Int = 0, turns: Int, _ policy: inout RatePolicy,
        from second: inout Int
    ) -> [(number: Int, cause: RatePolicy.Cause?)] {
        (0..<turns).map { turn in
            let clip = clips[turn % clips.count]
            policy.begin(
                testID(clip.number), lasts: .seconds(clip.seconds), frame: .milliseconds(40),
                refresh: .milliseconds(20), at: start.advanced(by: .seconds(second)))
            for _ in 0..<clip.seconds {
                _ = play([policy.cause == nil ? clip.lost : 0], &policy, from: second)
                second += 1
            }
            second += apart
            return (clip.number, policy.cause)
        }
    }

    /// Two seconds say nothing alone; together they do, whatever is shown between them.
    @Test(arguments: [0, 10]) func manyShortClipsAreOneLongOne(apart: Int) {
        var policy = RatePolicy()
        var second = 0
        let clips = (1...200).map { (number: $0, seconds: 2, lost: 6) }
        let causes = play(clips, apart: apart, turns: 120, &policy, from: &second).map(\.cause)
        let first = causes.firstIndex(of: .load) ?? .max
        #expect((2...4).contains(first))
        // Half a minute of them without a loss, then all are tried again, and then for twice as long.
        let tried = causes[first...].firstIndex(of: nil) ?? .max
        #expect((14...17).contains(tried - first))
        let again = causes[min(tried, 119)...].firstIndex(of: .load) ?? .max
        #expect((2...5).contains(again - tried))
        let later = causes[min(again, 119)...].firstIndex(of: nil) ?? .max
        #expect((28...33).contains(later - again))
    }

    /// One of them that is too much is found out by itself, and does no harm to the others.
    @Test func oneThatIsTooMuchAmongOthers() {
        var policy = RatePolicy()
        var second = 0
        let clips = [(1, 2, 8), (2, 2, 0), (3, 2, 0)].map { (number: $0.0, seconds: $0.1, lost: $0.2) }
        let turns = play(clips, turns: 30, &policy, from: &second)
        #expect(turns.filter { $0.number != 1 }.allSatisfy { $0.cause == nil })
        let causes = turns.filter { $0.number == 1 }.map(\.cause)
        #expect((2...4).contains(causes.firstIndex(of: .load) ?? .max))
        #expect(causes.suffix(5).allSatisfy { $0 == .load })
    }

    @Test func shortClipsSayNothingOfLongOnes() {
        var policy = RatePolicy()
        var second = 0
        _ = play((1...2).map { (number: $0, seconds: 2, lost: 8) }, turns: 8, &policy, from: &second)
        #expect(policy.cause == .load)
        let long = play([(number: 3, seconds: 60, lost: 0)], turns: 1, &policy, from: &second)
        #expect(long.map(\.cause) == [nil])
        #expect(play([(number: 1, seconds: 2, lost: 8)], turns: 1, &policy, from: &second).map(\.cause) == [.load])
        // An hour of it is no time of theirs.
        second += 3_600
        #expect(play([(number: 2, seconds: 2, lost: 8)], turns: 1, &policy, from: &second).map(\.cause) == [.load])
    }

    @Test func shortClipsThatPlayWellAreLeftAlone() {
        var policy = RatePolicy()
        var second = 0
        _ = play((1...5).map { (number: $0, seconds: 2, lost: 0) }, turns: 20, &policy, from: &second)
        _ = play([(number: 1, seconds: 2, lost: 6)], turns: 1, &policy, from: &second)
        let turns = play((1...5).map { (number: $0, seconds: 2, lost: 0) }, turns: 200, &policy, from: &second)
        #expect(turns.allSatisfy { $0.cause == nil })
    }

    // MARK: Heat

    /// A Zero 2 W in a closed case, in steps of ten seconds, and then the case is opened.
    @Test func heatHalvesAndTheRateComesBackWhenItIsCool() {
        var policy = policy()
        let trace: [Double] = [
            61, 66.6, 71.4, 75.2, 78.4, 79.5, 80.6, 80.1, 79.5, 77.9, 76.3, 72.5, 70.9, 69.8, 70.4, 69.3, 68.2, 67.7,
            66.6, 66,
        ]
        let causes = trace.enumerated().map { index, celsius in
            policy.measured(celsius, at: start.advanced(by: .seconds(10 * index)))
            return policy.cause
        }
        #expect(causes == Array(repeating: nil, count: 6) + Array(repeating: .heat, count: 12) + [nil, nil])
    }

    @Test func coolnessIsNoticedBetweenReadings() {
        var policy = policy()
        policy.measured(85, at: start)
        policy.measured(60, at: start.advanced(by: .seconds(1)))
        policy.shown(lost: 0, at: start.advanced(by: .seconds(30)))
        #expect(policy.cause == .heat)
        policy.shown(lost: 0, at: start.advanced(by: .seconds(31)))
        #expect(policy.cause == nil)
        // A sensor that goes away says nothing.
        policy.measured(85, at: start.advanced(by: .seconds(40)))
        policy.measured(nil, at: start.advanced(by: .seconds(50)))
        #expect(policy.cause == nil)
    }

    // MARK: The display

    @Test(arguments: [
        (20.0, false), (16.666, false), (13.4, false), (12.4, true), (8.333, true), (0, false),
    ])
    func farMoreFramesThanRefreshesAreHalved(frame: Double, isHalved: Bool) {
        var policy = policy(frame: .microseconds(Int(frame * 1_000)), refresh: .microseconds(16_666))
        #expect(policy.cause == (isHalved ? .display : nil))
        // Those that find no refresh are no want of strength.
        if frame == 13.4 {
            #expect(play(Array(repeating: 5, count: 20), &policy).allSatisfy { $0 == nil })
        }
    }
}
