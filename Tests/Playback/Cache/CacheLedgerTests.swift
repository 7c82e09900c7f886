import Testing

@testable import Playback

@Suite struct CacheLedgerTests {
    typealias Ledger = CacheLedger<String, Int>

    private var ledger = Ledger(budget: 100)
    private var dropped: [Int] = []

    /// Uses, collects and completes; false when it was not let in.
    private mutating func keep(
        _ key: String, frames: Int, of bytes: Int, moving: Bool = true, uses: Int = 1, expected: Bool = true
    ) -> Bool {
        for _ in 0..<uses { ledger.used(key) }
        guard
            let collection = ledger.begin(
                key, bytes: expected ? frames * bytes : nil, isMoving: moving, dropping: &dropped)
        else { return false }
        for number in 0..<frames {
            guard let loan = ledger.add(number, bytes: bytes, to: collection, dropping: &dropped) else { return false }
            ledger.giveBack(loan)
        }
        return ledger.complete(collection, as: .whole)
    }

    @Test mutating func aLoopIsReadWhenItIsWhole() throws {
        let collection = try found(ledger.begin("loop", bytes: 30, isMoving: true, dropping: &dropped))
        let loan = try found(ledger.add(7, bytes: 10, to: collection, dropping: &dropped))
        #expect(ledger.lend("loop", frame: 0) == nil)
        #expect(ledger.reserved == 20)
        ledger.giveBack(loan)
        #expect(ledger.complete(collection, as: .whole) == true)
        #expect(ledger.reserved == 0)
        #expect(ledger.bytes == 10)
        #expect(ledger.lend("loop", frame: 0)?.content == 7)
        #expect(ledger.lend("loop", frame: 1) == nil)
    }

    @Test mutating func halfALoopIsNone() {
        // It says less than it has.
        #expect(ledger.begin("loop", bytes: 10, isMoving: true, dropping: &dropped) != nil)
        ledger = Ledger(budget: 100)
        #expect(keep("loop", frames: 30, of: 10, expected: false) == false)
        #expect(ledger.extent(of: "loop") == nil)
        #expect(ledger.bytes == 0)
        #expect(dropped.count == 7)
    }

    @Test mutating func whatIsLargerThanItsShareDoesNotBegin() {
        #expect(ledger.begin("film", bytes: 76, isMoving: true, dropping: &dropped) == nil)
        #expect(ledger.begin("photo", bytes: 76, isMoving: false, dropping: &dropped) != nil)
    }

    @Test mutating func oneLongVideoDoesNotFlushThePhotos() {
        for photo in ["a", "b", "c", "d", "e"] {
            #expect(keep(photo, frames: 1, of: 20, moving: false, uses: 3) == true)
        }
        for _ in 0..<4 { #expect(keep("film", frames: 7, of: 10) == false) }
        #expect(ledger.frameCount == 5)
        #expect(dropped.isEmpty)
        // Who plays nothing else any more wants its memory for that.
        #expect(keep("film", frames: 7, of: 10, uses: 12) == true)
        #expect(ledger.extent(of: "e") == .whole)
        #expect(ledger.extent(of: "d") == nil)
        #expect(dropped.count == 4)
    }

    @Test mutating func whatComesRoundAsOftenDisplacesNobody() {
        let photos = (0..<12).map { "photo \($0)" }
        var hits = 0
        for _ in 0..<100 {
            for photo in photos {
                if ledger.extent(of: photo) == .whole {
                    ledger.used(photo)
                    hits += 1
                } else {
                    _ = keep(photo, frames: 1, of: 10, moving: false)
                }
            }
        }
        // Ten of twelve fit; to let each in when its turn comes would find none of them again.
        #expect(hits > 900)
    }

    @Test mutating func theOldestGoFirst() {
        for photo in ["a", "b", "c"] { _ = keep(photo, frames: 1, of: 30, moving: false) }
        ledger.used("a")
        ledger.setBudget(60, dropping: &dropped)
        #expect(ledger.extent(of: "b") == nil)
        #expect(ledger.extent(of: "a") == .whole)
        #expect(ledger.bytes == 60)
    }

    @Test mutating func whatIsInUseStaysUntilItIsNot() throws {
        #expect(keep("loop", frames: 7, of: 10) == true)
        let (content, loan) = try found(ledger.lend("loop", frame: 3))
        ledger.setBudget(0, dropping: &dropped)
        #expect(!dropped.contains(content))
        #expect(dropped.count == 6)
        #expect(ledger.extent(of: "loop") == nil)
        #expect(ledger.bytes == 10)
        #expect(ledger.lentBytes == 10)
        ledger.giveBack(loan)
        #expect(ledger.bytes == 0)
        ledger.giveBack(loan)
        #expect(ledger.bytes == 0)
    }

    @Test mutating func oneFrameMayBeLentTwice() throws {
        #expect(keep("photo", frames: 1, of: 10, moving: false) == true)
        let first = try found(ledger.lend("photo", frame: 0)).loan
        let second = try found(ledger.lend("photo", frame: 0)).loan
        #expect(ledger.lentBytes == 10)
        ledger.giveBack(first)
        ledger.setBudget(0, dropping: &dropped)
        #expect(ledger.bytes == 10)
        ledger.giveBack(second)
        #expect(ledger.bytes == 0)
    }

    @Test mutating func whoWasGivenUpWhileCollectingCollectsNothing() throws {
        let old = try found(ledger.begin("loop", bytes: 30, isMoving: true, dropping: &dropped))
        ledger.setBudget(0, dropping: &dropped)
        ledger.setBudget(100, dropping: &dropped)
        let new = try found(ledger.begin("loop", bytes: 30, isMoving: true, dropping: &dropped))
        #expect(ledger.add(1, bytes: 10, to: old, dropping: &dropped) == nil)
        #expect(ledger.complete(old, as: .whole) == false)
        ledger.abandon(old, dropping: &dropped)
        #expect(ledger.add(1, bytes: 10, to: new, dropping: &dropped) != nil)
        #expect(ledger.complete(new, as: .whole) == true)
    }

    @Test mutating func aHeadGivesWayToTheWhole() throws {
        ledger.used("film")
        let head = try found(ledger.begin("film", bytes: 20, isMoving: true, dropping: &dropped))
        for number in 0..<2 {
            ledger.giveBack(try found(ledger.add(number, bytes: 10, to: head, dropping: &dropped)))
        }
        #expect(ledger.complete(head, as: .head) == true)
        #expect(ledger.count(of: "film") == 2)
        // Not possible: the head stays.
        #expect(ledger.begin("film", bytes: 80, isMoving: true, dropping: &dropped) == nil)
        #expect(ledger.extent(of: "film") == .head)
        #expect(ledger.begin("film", bytes: 75, isMoving: true, dropping: &dropped) != nil)
        #expect(ledger.extent(of: "film") == .collecting)
        #expect(ledger.bytes + ledger.reserved == 75)
    }

    @Test mutating func whatNobodyKnowsAnyMoreGoes() {
        #expect(keep("a", frames: 1, of: 10) == true)
        #expect(keep("b", frames: 1, of: 10) == true)
        ledger.forget(where: { $0 == "a" }, dropping: &dropped)
        #expect(ledger.extent(of: "a") == nil)
        #expect(ledger.bytes == 10)
    }

    // MARK: Whatever happens

    /// Random sequences of everything that can happen, against what must hold after each step.
    @Test(arguments: 0..<40)
    func whateverHappensTheBudgetHolds(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        var ledger = CacheLedger<Int, Int>(budget: 200)
        var collections: [(collection: CacheLedger<Int, Int>.Collection, key: Int, goal: Int, added: Int)] = []
        var loans: [(content: Int, loan: CacheLedger<Int, Int>.Loan)] = []
        var sizes: [Int: Int] = [:]
        var lastContent = 0
        for _ in 0..<2_000 {
            var dropped: [Int] = []
            let lentBefore = loans
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                ledger.setBudget(Int.random(in: 0...300, using: &random), dropping: &dropped)
            case 1, 2:
                let key = Int.random(in: 0..<12, using: &random)
                for _ in 0...Int.random(in: 0..<4, using: &random) { ledger.used(key) }
                let goal = Int.random(in: 1...9, using: &random)
                let told = Bool.random(using: &random) ? goal * 10 : Bool.random(using: &random) ? 15 : nil
                let isMoving = Bool.random(using: &random)
                if let new = ledger.begin(key, bytes: told, isMoving: isMoving, dropping: &dropped) {
                    collections.append((new, key, goal, 0))
                }
            case 3, 4, 5:
                guard let index = collections.indices.randomElement(using: &random) else { break }
                lastContent += 1
                let bytes = Int.random(in: 5...15, using: &random)
                if let loan = ledger.add(
                    lastContent, bytes: bytes, to: collections[index].collection, dropping: &dropped)
                {
                    loans.append((lastContent, loan))
                    collections[index].added += 1
                    guard collections[index].added == collections[index].goal else { break }
                    let extent: CacheLedger<Int, Int>.Extent = Bool.random(using: &random) ? .whole : .head
                    #expect(ledger.complete(collections[index].collection, as: extent) == true)
                    sizes[collections[index].key] = collections[index].goal
                }
                collections.remove(at: index)
                if collections.count > 3 { collections.removeFirst(0) }
            case 6:
                guard let index = collections.indices.randomElement(using: &random) else { break }
                ledger.abandon(collections.remove(at: index).collection, dropping: &dropped)
            case 7:
                let key = Int.random(in: 0..<12, using: &random)
                if let lent = ledger.lend(key, frame: Int.random(in: 0..<9, using: &random)) {
                    loans.append(lent)
                }
            case 8:
                guard let index = loans.indices.randomElement(using: &random) else { break }
                ledger.giveBack(loans.remove(at: index).loan)
            default:
                let gone = Int.random(in: 0..<12, using: &random)
                ledger.forget(where: { $0 == gone }, dropping: &dropped)
            }
            #expect(ledger.bytes + ledger.reserved <= max(ledger.budget, ledger.lentBytes))
            #expect(ledger.bytes >= 0 && ledger.reserved >= 0)
            let lent = Set(lentBefore.map(\.content))
            #expect(dropped.allSatisfy { !lent.contains($0) })
            for key in 0..<12 {
                guard let extent = ledger.extent(of: key), extent != .collecting else { continue }
                #expect(ledger.count(of: key) == sizes[key])
            }
        }
        for loan in loans { ledger.giveBack(loan.loan) }
        var dropped: [Int] = []
        ledger.setBudget(0, dropping: &dropped)
        #expect(ledger.bytes == 0)
        #expect(ledger.reserved == 0)
        #expect(ledger.frameCount == 0)
        #expect(ledger.lentBytes == 0)
    }
}

/// What changes a value cannot be called inside of a macro.
private func found<Value>(_ value: Value?) throws -> Value { try #require(value) }

/// Random numbers that are the same in every run (Steele, Lea and Flood: "Fast Splittable Pseudorandom Number Generators").
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
