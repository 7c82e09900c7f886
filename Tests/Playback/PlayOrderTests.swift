import LinuxSystem
import MediaIndex
import Testing

@testable import Playback

@Suite struct PlayOrderTests {
    let start = MonotonicInstant(nanoseconds: 0)

    func items(_ count: Int) -> [ProgrammeItem] {
        (1...count).map { ProgrammeItem(id: testID($0), name: "\($0).jpg", kind: .image) }
    }

    func programme(_ order: PlayOrder, seed: UInt64 = 1, _ items: [ProgrammeItem]) -> Programme {
        var programme = Programme()
        programme.arrange(by: PlayArrangement(order: order, seed: seed), at: start)
        programme.replaceItems(items, at: start)
        return programme
    }

    /// What is shown now, and goes on.
    func play(_ programme: inout Programme, _ count: Int) -> [MediumID] {
        (0..<count).compactMap { _ in
            guard case .show(let turn) = programme.decide(at: start) else { return nil }
            programme.finished(turn, at: start)
            return turn.id
        }
    }

    @Test func namesAsPeopleSortThem() {
        let names = ["b.jpg", "IMG_10.jpg", "a.jpg", "img_9.jpg", "2.jpg", "10.jpg", "B2.jpg", "IMG_009b.jpg"]
        let items = names.enumerated().map { ProgrammeItem(id: testID($0.offset + 1), name: $0.element, kind: .image) }
        let sorted = PlayArrangement(order: .name, seed: 0).arranged(items, round: 0).map(\.name)
        #expect(
            sorted == ["2.jpg", "10.jpg", "a.jpg", "b.jpg", "B2.jpg", "img_9.jpg", "IMG_009b.jpg", "IMG_10.jpg"])
    }

    @Test func picturesByWhenTheyWereTaken() {
        let dates: [Int64] = [5_000, -3_000, 9_000, 5_000, 0]
        let items = dates.enumerated().map {
            ProgrammeItem(id: testID($0.offset + 1), name: "\($0.offset).jpg", kind: .image, date: $0.element)
        }
        let sorted = PlayArrangement(order: .date, seed: 0).arranged(items, round: 0).map(\.name)
        // Of the same moment, who came first.
        #expect(sorted == ["1.jpg", "4.jpg", "0.jpg", "3.jpg", "2.jpg"])
    }

    @Test func theSameNameTwiceKeepsTheOrderOfArrival() {
        let items = (1...5).map { ProgrammeItem(id: testID($0), name: "A.jpg", kind: .image) }
        #expect(PlayArrangement(order: .name, seed: 0).arranged(items, round: 0).map(\.id) == items.map(\.id))
    }

    @Test(arguments: [1, 2, 3, 4, 17])
    func everyMediumIsShuffledOnceInARound(count: Int) {
        var programme = programme(.shuffle, seed: 7, items(count))
        var last: MediumID?
        var rounds: Set<[MediumID]> = []
        for _ in 0..<200 {
            let round = play(&programme, count)
            #expect(Set(round).count == count)
            if count > 1 { #expect(round.first != last) }
            last = round.last
            rounds.insert(round)
        }
        // Each round has its own order, as far as there are orders.
        #expect(rounds.count >= [1: 1, 2: 1, 3: 4, 4: 20][count] ?? 199)
    }

    @Test func aSeedGivesOneOrder() {
        func order(_ seed: UInt64) -> [MediumID] {
            var programme = programme(.shuffle, seed: seed, items(20))
            return play(&programme, 60)
        }
        #expect(order(1) == order(1))
        #expect(order(1) != order(2))
    }

    @Test func noPlaceIsPreferred() {
        // Of 400 shuffles of 8, each medium comes first about 50 times.
        var counts: [MediumID: Int] = [:]
        for seed in 1...400 {
            let first = PlayArrangement(order: .shuffle, seed: UInt64(seed)).arranged(items(8), round: 0)[0]
            counts[first.id, default: 0] += 1
        }
        #expect(counts.count == 8)
        #expect(counts.values.allSatisfy { (20...100).contains($0) })
    }

    @Test func aPickTakesNothingFromTheRound() {
        var programme = programme(.shuffle, items(9))
        let before = play(&programme, 3)
        let isThere = programme.show(before[1])
        #expect(isThere)
        let after = play(&programme, 1 + 5)
        #expect(after[0] == before[1])
        // The picture that the pick interrupted was the round's fourth.
        #expect(Set(before + after.dropFirst()).count == 8)
    }

    @Test func previousGoesBackOverTheStartOfARound() {
        var programme = programme(.shuffle, items(5))
        let rounds = play(&programme, 7)
        programme.previous(at: start)
        #expect(programme.current?.id == rounds[6])
        programme.previous(at: start)
        programme.previous(at: start)
        #expect(programme.current?.id == rounds[4])
        #expect(play(&programme, 3) == Array(rounds[4...6]))
    }

    @Test func whatComesAndGoesMovesNoOther() {
        let some = items(12)
        let all = PlayArrangement(order: .shuffle, seed: 3).arranged(some, round: 5).map(\.id)
        let fewer = PlayArrangement(order: .shuffle, seed: 3).arranged(some.filter { $0.id != all[4] }, round: 5)
        #expect(Array(fewer.map(\.id).dropFirst(2)) == all.filter { $0 != all[4] }.dropFirst(2).map { $0 })
    }

    @Test func anotherOrderAppliesAtOnceAndKeepsWhatIsShown() {
        var programme = programme(.arrival, items(10))
        _ = play(&programme, 3)
        guard case .show(let before) = programme.decide(at: start) else { return #expect(Bool(false)) }
        programme.arrange(by: PlayArrangement(order: .shuffle, seed: 5), at: start)
        #expect(programme.decide(at: start) == .show(before))
        programme.arrange(by: PlayArrangement(order: .name, seed: 5), at: start)
        #expect(programme.decide(at: start) == .show(before))
        #expect(play(&programme, 3) == [4, 5, 6].map { testID($0) })
    }
}
