import LinuxSystem
import Testing

@testable import Playback

@Suite final class MessageQueueTests {
    var queue = MessageQueue()

    func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1_000_000_000)) }

    func post(
        _ key: String, _ severity: ScreenMessage.Severity = .informational, _ title: String = "",
        stays: Double? = nil, returns: Double? = nil, at seconds: Double = 0
    ) {
        queue.post(
            ScreenMessage(
                key: key, severity: severity, title: title, stays: stays.map { .seconds($0) },
                returns: returns.map { .seconds($0) }), at: at(seconds))
    }

    func keys(at seconds: Double) -> [String] { queue.visible(at: at(seconds)).map(\.key) }

    func next(after seconds: Double) -> Double? {
        queue.nextChange(after: at(seconds)).map { Double($0.nanoseconds) / 1_000_000_000 }
    }

    @Test func nothingToSay() {
        #expect(keys(at: 0) == [])
        #expect(next(after: 0) == nil)
    }

    @Test func criticalComesFirst() {
        post("a", at: 0)
        post("b", .critical, at: 1)
        post("c", at: 2)
        post("d", .critical, at: 3)
        #expect(keys(at: 4) == ["b", "d", "a"])
        queue.withdraw("b")
        #expect(keys(at: 5) == ["d", "a", "c"])
    }

    @Test func eachHasItsTime() {
        post("a", stays: 8)
        post("b", stays: 20)
        #expect(keys(at: 0) == ["a", "b"])
        #expect(next(after: 0) == 8)
        #expect(keys(at: 7.9) == ["a", "b"])
        #expect(keys(at: 8) == ["b"])
        #expect(next(after: 8) == 20)
        #expect(keys(at: 20) == [])
        #expect(queue.isEmpty)
        #expect(next(after: 20) == nil)
    }

    @Test func timeBeginsWhenItIsSeen() {
        for key in ["a", "b", "c"] { post(key, .critical, stays: 30) }
        post("d", stays: 8, at: 1)
        #expect(keys(at: 1) == ["a", "b", "c"])
        #expect(keys(at: 31) == ["d"])
        #expect(next(after: 31) == 39)
        #expect(keys(at: 38) == ["d"])
        #expect(keys(at: 39) == [])
    }

    @Test func oldNewsAreNoNews() {
        for key in ["a", "b", "c"] { post(key, .critical, stays: 100) }
        post("d", stays: 8, at: 0)
        post("e", .critical, stays: 8, at: 0)
        #expect(keys(at: 0) == ["a", "b", "c"])
        #expect(keys(at: 100) == ["e"])
        #expect(keys(at: 108) == [])
    }

    @Test func theSameKeyReplaces() {
        post("a", .informational, "10 %", stays: 8)
        post("b", at: 1)
        #expect(keys(at: 1) == ["a", "b"])
        post("a", .informational, "20 %", stays: 8, at: 5)
        #expect(queue.visible(at: at(5)).map(\.title) == ["20 %", ""])
        // Its time began anew, and its place did not change.
        #expect(keys(at: 12) == ["a", "b"])
        #expect(keys(at: 13) == ["b"])
    }

    @Test func theVerySameDoesNotBeginAnew() {
        post("a", .critical, "Read-only", stays: 30, returns: 600)
        #expect(keys(at: 0) == ["a"])
        post("a", .critical, "Read-only", stays: 30, returns: 600, at: 20)
        #expect(keys(at: 30) == [])
        post("a", .critical, "Read-only", stays: 30, returns: 600, at: 40)
        #expect(keys(at: 40) == [])
        // Something new about it is said at once.
        post("a", .critical, "Full", stays: 30, returns: 600, at: 50)
        #expect(keys(at: 50) == ["a"])
    }

    @Test func whatLastsComesBack() {
        post("a", .critical, stays: 30, returns: 600)
        #expect(keys(at: 0) == ["a"])
        #expect(keys(at: 30) == [])
        #expect(next(after: 30) == 600)
        #expect(keys(at: 599) == [])
        #expect(keys(at: 600) == ["a"])
        #expect(keys(at: 630) == [])
        #expect(next(after: 630) == 1200)
        queue.withdraw("a")
        #expect(next(after: 630) == nil)
    }

    @Test(arguments: [(MessageFilter.all, ["b", "a"]), (.critical, ["b"]), (.none, [])])
    func theSettingDecides(filter: MessageFilter, expected: [String]) {
        post("a", stays: 8)
        post("b", .critical, stays: 30)
        queue.filter = filter
        #expect(keys(at: 1) == expected)
        // What nobody may see wakes nobody.
        #expect((next(after: 1) == nil) == expected.isEmpty)
    }

    @Test func letOnAgainTheFaultIsStillSaid() {
        post("a", stays: 8)
        post("b", .critical, stays: 30)
        queue.filter = .none
        #expect(keys(at: 0) == [])
        #expect(keys(at: 1000) == [])
        queue.filter = .all
        #expect(keys(at: 1001) == ["b"])
    }

    @Test func aFloodIsBounded() {
        post("worst", .critical)
        for number in 0..<1000 { post("\(number)") }
        #expect(keys(at: 0) == ["worst", "0", "1"])
        for key in ["worst", "0", "1"] { queue.withdraw(key) }
        #expect(keys(at: 0) == ["2", "3", "4"])
        for number in 0..<MessageQueue.capacity { queue.withdraw("\(number)") }
        #expect(queue.isEmpty)
    }

    @Test func progressIsInHundredths() {
        let first = ScreenMessage(key: "a", severity: .informational, title: "", progress: 0.12345)
        let second = ScreenMessage(key: "a", severity: .informational, title: "", progress: 0.12401)
        #expect(first == second)
        #expect(ScreenMessage(key: "a", severity: .informational, title: "", progress: 7).progress == 1)
    }
}
