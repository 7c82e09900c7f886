import Testing

@testable import WebInterface

@Suite struct PINDeskTests {
    private let zero = Duration.zero

    @Test func theRightPINOpensOnce() {
        var desk = PINDesk()
        desk.show("123456", now: zero, staying: true)
        #expect(desk.enter("123456", now: zero, replacement: "x") == .right)
        #expect(desk.pin == nil)
        #expect(desk.enter("123456", now: zero, replacement: "x") == .closed)
    }

    @Test func nothingIsTakenWhileNoPINIsShown() {
        var desk = PINDesk()
        #expect(desk.enter("000000", now: zero, replacement: "x") == .closed)
        #expect(desk.enter("", now: zero, replacement: "x") == .closed)
    }

    @Test func fiveWrongTriesBurnAPIN() {
        var desk = PINDesk()
        desk.show("123456", now: zero, staying: true)
        for left in [4, 3, 2, 1] {
            #expect(desk.enter("999999", now: zero, replacement: "x") == .wrong(triesLeft: left))
        }
        #expect(desk.enter("999999", now: zero, replacement: "654321") == .wait(.seconds(10)))
        #expect(desk.pin == "654321")
        // Neither the old nor the new one is looked at before the time is over, and asking costs no try.
        #expect(desk.enter("654321", now: .seconds(4), replacement: "x") == .wait(.seconds(6)))
        #expect(desk.enter("123456", now: .seconds(10), replacement: "x") == .wrong(triesLeft: 4))
        #expect(desk.enter("654321", now: .seconds(10), replacement: "x") == .right)
    }

    @Test func theDelayGrowsToItsLimitAndIsForgottenAfterTheRightPIN() {
        var desk = PINDesk()
        desk.show("right", now: zero, staying: true)
        var now = zero
        var delays: [Duration] = []
        for _ in 0..<9 {
            for _ in 0..<4 { _ = desk.enter("wrong", now: now, replacement: "right") }
            guard case .wait(let delay) = desk.enter("wrong", now: now, replacement: "right") else {
                Issue.record("no delay")
                return
            }
            delays.append(delay)
            now += delay
        }
        #expect(delays.map(\.components.seconds) == [10, 20, 40, 80, 160, 320, 640, 900, 900])
        #expect(desk.enter("right", now: now, replacement: "x") == .right)
        desk.show("right", now: now, staying: true)
        for _ in 0..<4 { _ = desk.enter("wrong", now: now, replacement: "x") }
        #expect(desk.enter("wrong", now: now, replacement: "x") == .wait(.seconds(10)))
    }

    @Test func aPINOnDemandGoesByItself() {
        var desk = PINDesk()
        desk.show("123456", now: .seconds(100), staying: false)
        #expect(desk.shownUntil == .seconds(400))
        let stillThere = desk.expire(now: .seconds(399))
        #expect(!stillThere && desk.pin == "123456")
        #expect(desk.enter("123456", now: .seconds(400), replacement: "x") == .closed)
        #expect(desk.pin == nil && desk.shownUntil == nil)
    }

    @Test func aReplacementEndsWhenTheFirstWouldHave() {
        var desk = PINDesk()
        desk.show("123456", now: zero, staying: false)
        for _ in 0..<5 { _ = desk.enter("wrong", now: zero, replacement: "654321") }
        #expect(desk.pin == "654321")
        let isOver = desk.expire(now: .seconds(300))
        #expect(isOver && desk.pin == nil)
    }

    /// Every order of tries and pauses, up to six of them, never opens without the PIN, and never stays shut for ever.
    @Test func noSequenceOpensWithoutThePIN() {
        enum Move: CaseIterable { case wrong, wait, empty }
        var frontier: [(PINDesk, Duration)] = []
        var first = PINDesk()
        first.show("777777", now: zero, staying: true)
        frontier.append((first, zero))
        for _ in 0..<6 {
            var following: [(PINDesk, Duration)] = []
            for (desk, now) in frontier {
                for move in Move.allCases {
                    var desk = desk
                    var now = now
                    switch move {
                    case .wait: now += .seconds(15)
                    case .wrong: #expect(desk.enter("000000", now: now, replacement: "777777") != .right)
                    case .empty: #expect(desk.enter("", now: now, replacement: "777777") != .right)
                    }
                    #expect(desk.pin == "777777")
                    following.append((desk, now))
                }
            }
            frontier = following
        }
        for (desk, now) in frontier {
            var desk = desk
            #expect(desk.enter("777777", now: now + .seconds(900), replacement: "x") == .right)
        }
    }

    @Test(arguments: [
        ("123456", "123456", true), ("123456", "123457", false), ("12345", "123456", false),
        ("1234567", "123456", false), ("", "", true), ("", "1", false),
    ])
    func comparison(left: String, right: String, isEqual: Bool) { #expect(PINDesk.isEqual(left, right) == isEqual) }

    @Test func pinsHaveSixDigits() {
        let pins = (0..<500).map { _ in PINDesk.randomPIN() }
        #expect(pins.allSatisfy { $0.utf8.count == 6 && $0.utf8.allSatisfy { (48...57).contains($0) } })
        #expect(Set(pins).count > 400)
    }
}
