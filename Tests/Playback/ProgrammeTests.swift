import LinuxSystem
import MediaIndex
import Testing

@testable import Playback

/// A medium's id from a small number.
func testID(_ number: Int) -> MediumID {
    let digits = String(number, radix: 16)
    guard let id = MediumID(rawValue: String(repeating: "0", count: 32 - digits.utf8.count) + digits) else {
        preconditionFailure("no id")
    }
    return id
}

@Suite final class ProgrammeTests {
    var programme = Programme()

    func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1_000_000_000)) }

    func photos(_ numbers: ClosedRange<Int>) -> [ProgrammeItem] {
        numbers.map { ProgrammeItem(id: testID($0), name: "\($0).jpg", kind: .image) }
    }

    func notice(_ number: Int) -> FaultNotice {
        FaultNotice(
            medium: testID(number), title: "It fails", fileName: "\(number).jpg", reason: "It is broken.",
            suggestion: "Delete it.")
    }

    /// What is shown now; nil: no medium.
    func shown(at seconds: Double = 0) -> Int? {
        guard case .show(let turn) = decision(at: seconds) else { return nil }
        return Int(turn.id.rawValue, radix: 16)
    }

    func decision(at seconds: Double) -> Programme.Decision { programme.decide(at: at(seconds)) }

    func finish(at seconds: Double = 0) {
        if let turn = programme.current { programme.finished(turn, at: at(seconds)) }
    }

    @Test func nothingToShowIsWelcome() {
        #expect(decision(at: 0) == .welcome)
        #expect(programme.nextChange(after: at(0)) == nil)
        programme.next(at: at(0))
        programme.previous(at: at(0))
        let isThere = programme.show(testID(1))
        #expect(!isThere)
        #expect(decision(at: 0) == .welcome)
    }

    @Test func allMediaInOrderForEver() {
        programme.replaceItems(photos(1...3), at: at(0))
        var order: [Int?] = []
        for _ in 0..<7 {
            order.append(shown())
            finish()
        }
        #expect(order == [1, 2, 3, 1, 2, 3, 1])
        #expect(programme.current?.rule == .all)
    }

    @Test func askingTwiceChangesNothing() {
        programme.replaceItems(photos(1...3), at: at(0))
        let first = decision(at: 0)
        #expect(decision(at: 100) == first)
    }

    @Test func anEndThatComesTwiceCountsOnce() {
        programme.replaceItems(photos(1...3), at: at(0))
        _ = shown()
        guard let turn = programme.current else { return }
        programme.finished(turn, at: at(1))
        programme.finished(turn, at: at(1))
        #expect(shown() == 2)
    }

    @Test func nextAndPreviousGoAround() {
        programme.replaceItems(photos(1...3), at: at(0))
        #expect(shown() == 1)
        programme.previous(at: at(0))
        #expect(shown() == 3)
        programme.next(at: at(0))
        #expect(shown() == 1)
        programme.next(at: at(0))
        #expect(shown() == 2)
    }

    @Test func nextOfALoneMediumBeginsItAgain() {
        programme.replaceItems(photos(1...1), at: at(0))
        _ = shown()
        let first = programme.current
        programme.next(at: at(0))
        #expect(shown() == 1)
        #expect(programme.current?.number != first?.number)
    }

    @Test func aPickLastsUntilItsEnd() {
        programme.replaceItems(photos(1...4), at: at(0))
        _ = shown()
        let isThere = programme.show(testID(3))
        #expect(isThere)
        #expect(shown() == 3)
        #expect(programme.current?.rule == .pick)
        finish()
        #expect(shown() == 4)
        #expect(programme.current?.rule == .all)
    }

    @Test func pauseHoldsUntilResumed() {
        programme.replaceItems(photos(1...2), at: at(0))
        programme.pause()
        programme.next(at: at(0))
        #expect(programme.isPaused)
        _ = programme.show(testID(1))
        #expect(programme.isPaused)
        programme.resume()
        #expect(!programme.isPaused)
    }

    @Test(arguments: [
        // Current, what is left, what follows.
        (2, [1, 3, 4], 3), (2, [1, 4], 4), (4, [1, 2, 3], 1), (1, [3], 3), (3, [1, 2], 1),
    ])
    func theFirstThatIsLeftFollowsADeletedOne(_ current: Int, _ left: [Int], _ follower: Int) {
        programme.replaceItems(photos(1...4), at: at(0))
        _ = programme.show(testID(current))
        #expect(shown() == current)
        programme.replaceItems(photos(1...4).filter { left.map(testID).contains($0.id) }, at: at(0))
        #expect(shown() == follower)
    }

    @Test func deletingAllShowsWelcome() {
        programme.replaceItems(photos(1...3), at: at(0))
        #expect(shown() == 1)
        programme.replaceItems([], at: at(0))
        #expect(decision(at: 0) == .welcome)
        programme.replaceItems(photos(5...6), at: at(0))
        #expect(shown() == 5)
    }

    @Test func newMediaDoNotDisturb() {
        programme.replaceItems(photos(2...3), at: at(0))
        _ = shown()
        let turn = programme.current
        programme.replaceItems(photos(1...9), at: at(0))
        #expect(shown() == 2)
        #expect(programme.current == turn)
        #expect(programme.successor(at: at(0)) == testID(3))
    }

    @Test func aFailedMediumIsNamedAndThenSkipped() {
        programme.replaceItems(photos(1...3), at: at(0))
        #expect(shown() == 1)
        programme.failed(testID(1), notice(1), at: at(0))
        #expect(decision(at: 0) == .fault(notice(1)))
        #expect(programme.nextChange(after: at(0)) == at(10))
        #expect(shown(at: 10) == 2)
        finish(at: 20)
        #expect(shown(at: 20) == 3)
        #expect(programme.successor(at: at(20)) == testID(2))
        // After five minutes it has its turn again.
        #expect(programme.nextRetry(after: at(20)) == at(300))
        #expect(programme.successor(at: at(300)) == testID(1))
        finish(at: 300)
        #expect(shown(at: 300) == 1)
    }

    @Test func aPersonNeedNotWaitForANotice() {
        programme.replaceItems(photos(1...3), at: at(0))
        _ = shown()
        programme.failed(testID(1), notice(1), at: at(0))
        _ = programme.show(testID(3))
        #expect(shown(at: 1) == 3)
        // Even the one that failed can be asked for.
        _ = programme.show(testID(1))
        #expect(shown(at: 2) == 1)
    }

    @Test func whenAllFailTheNoticeStaysUntilTheNextTry() {
        programme.replaceItems(photos(1...2), at: at(0))
        _ = shown()
        programme.failed(testID(1), notice(1), at: at(0))
        #expect(shown(at: 10) == 2)
        programme.failed(testID(2), notice(2), at: at(11))
        #expect(decision(at: 12) == .fault(notice(2)))
        #expect(decision(at: 21) == .fault(notice(1)))
        #expect(programme.nextChange(after: at(21)) == at(300))
        #expect(shown(at: 300) == 1)
    }

    @Test func whatIsSetAsideWaitsForItsTime() {
        var items = photos(1...3)
        items[1].retryAt = at(3600)
        programme.replaceItems(items, at: at(0))
        #expect(shown() == 1)
        finish(at: 10)
        #expect(shown(at: 10) == 3)
        finish(at: 3599)
        #expect(shown(at: 3599) == 1)
        finish(at: 3600)
        #expect(shown(at: 3600) == 2)
    }

    @Test func aloneAndSetAsideIsWelcomeUntilItsTime() {
        var items = photos(1...1)
        items[0].retryAt = at(3600)
        programme.replaceItems(items, at: at(0))
        #expect(decision(at: 0) == .welcome)
        #expect(programme.nextChange(after: at(0)) == at(3600))
        #expect(shown(at: 3600) == 1)
    }

    @Test func currentThatIsSetAsideGivesWay() {
        programme.replaceItems(photos(1...2), at: at(0))
        #expect(shown() == 1)
        var items = photos(1...2)
        items[0].retryAt = at(3600)
        programme.replaceItems(items, at: at(1))
        #expect(shown(at: 1) == 2)
    }

    @Test func anObstructionPasses() {
        programme.replaceItems(photos(1...2), at: at(0))
        _ = shown()
        let turn = programme.current
        let missing = FaultNotice(title: "No decoder", reason: "It is not there.", suggestion: "Install it.")
        programme.obstructed(missing, until: at(5))
        #expect(decision(at: 4.9) == .fault(missing))
        #expect(shown(at: 5) == 1)
        #expect(programme.current == turn)
    }

    @Test func theNoticeOfADeletedMediumGoesWithIt() {
        programme.replaceItems(photos(1...2), at: at(0))
        _ = shown()
        programme.failed(testID(1), notice(1), at: at(0))
        programme.replaceItems(photos(2...2), at: at(1))
        #expect(shown(at: 1) == 2)
    }
}

@Suite struct ThreadTests {
    @Test(arguments: [(nil, 2), (1.0, 2), (3.9, 2), (4.0, 1), (20.0, 1)] as [(Double?, Int)])
    func oneThreadServesWhatItDecodesTwiceAsFast(headroom: Double?, threads: Int) throws {
        let id = try #require(MediumID(rawValue: String(repeating: "0", count: 32)))
        let item = ProgrammeItem(id: id, name: "a.mp4", kind: .video, headroom: headroom)
        #expect(PlaybackSettings(decoderThreads: 2).threads(for: item) == threads)
    }
}
