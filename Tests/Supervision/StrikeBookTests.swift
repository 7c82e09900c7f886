import LinuxSystem
import Testing

@testable import Supervision

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct ExitCauseTests {
    @Test(arguments: [SIGSEGV, SIGBUS, SIGABRT, SIGSYS, SIGFPE, SIGILL, SIGTRAP])
    func whatAProcessRaisesItselfIsItsOwnDoing(signal: Int32) {
        let cause = ExitCause(waitStatus: signal)
        #expect(cause == .signal(signal))
        #expect(cause.isOwnDoing)
        #expect("\(cause)".hasPrefix("SIG"))
        // The same with a core dump.
        #expect(ExitCause(waitStatus: signal | 0x80) == cause)
    }

    @Test(arguments: [SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGPIPE])
    func whatComesFromOutsideIsNot(signal: Int32) {
        #expect(!ExitCause(waitStatus: signal).isOwnDoing)
    }

    @Test func exits() {
        #expect(ExitCause(waitStatus: 0) == .exited(status: 0))
        #expect(!ExitCause.exited(status: 0).isOwnDoing)
        #expect(ExitCause(waitStatus: 3 << 8) == .exited(status: 3))
        #expect(ExitCause.exited(status: 3).isOwnDoing)
    }

    @Test(arguments: [(0, "exit status 0"), (9, "SIGKILL"), (11, "SIGSEGV"), (40, "signal 40")])
    func readsWell(status: Int32, text: String) {
        #expect("\(ExitCause(waitStatus: status))" == text)
    }
}

@Suite struct StrikeBookTests {
    typealias Book = StrikeBook<String>
    let clock = ManualClock()
    static let crash = Book.Fault.died(ownDoing: true)

    @Test func twoStrikesSetAside() {
        var book = Book()
        #expect(book.standing(of: "a", at: clock.now) == .good)
        #expect(book.note(Self.crash, of: "a", at: clock.now) == .suspected(strikes: 1))
        #expect(
            book.note(.stalled, of: "a", at: clock.now) == .setAside(until: clock.now.advanced(by: .seconds(3_600))))
        #expect(book.standing(of: "b", at: clock.now) == .good)
    }

    @Test func aKillFromOutsideIsNoStrike() {
        var book = Book()
        for _ in 0..<10 { #expect(book.note(.died(ownDoing: false), of: "a", at: clock.now) == .good) }
    }

    @Test func isTriedAfterAnHourThenDaily() {
        var book = Book()
        book.note(Self.crash, of: "a", at: clock.now)
        book.note(Self.crash, of: "a", at: clock.now)
        clock.advance(by: .seconds(3_599))
        #expect(book.standing(of: "a", at: clock.now) == .setAside(until: clock.now.advanced(by: .seconds(1))))
        clock.advance(by: .seconds(1))
        #expect(book.standing(of: "a", at: clock.now) == .suspected(strikes: 2))
        for _ in 0..<3 {
            // One strike is enough now.
            let until = clock.now.advanced(by: .seconds(86_400))
            #expect(book.note(.stalled, of: "a", at: clock.now) == .setAside(until: until))
            #expect(book.nextRetry(after: clock.now) == until)
            clock.advance(to: until)
        }
    }

    @Test func aWholeRunForgives() {
        var book = Book()
        book.note(Self.crash, of: "a", at: clock.now)
        book.playedWhole("a")
        #expect(book.note(Self.crash, of: "a", at: clock.now) == .suspected(strikes: 1))
    }

    @Test func aPersonMayRetryAtOnce() {
        var book = Book()
        book.note(Self.crash, of: "a", at: clock.now)
        book.note(Self.crash, of: "a", at: clock.now)
        book.retryByHand("a")
        #expect(book.standing(of: "a", at: clock.now) == .good)
        #expect(book.nextRetry(after: clock.now) == nil)
    }

    @Test func remembersWhatWasSetAsideBeforeTheBoot() {
        var book = Book()
        book.restore("a", at: clock.now)
        let hour = clock.now.advanced(by: .seconds(3_600))
        #expect(book.standing(of: "a", at: clock.now) == .setAside(until: hour))
        clock.advance(to: hour)
        let day = hour.advanced(by: .seconds(86_400))
        #expect(book.note(.stalled, of: "a", at: clock.now) == .setAside(until: day))
        book.forget("a")
        #expect(book.standing(of: "a", at: clock.now) == .good)
    }

    @Test func tellsTheEarliestRetry() {
        var book = Book(.init(strikes: 1))
        book.note(.stalled, of: "a", at: clock.now)
        let first = clock.now.advanced(by: .seconds(3_600))
        clock.advance(by: .seconds(10))
        book.note(.stalled, of: "b", at: clock.now)
        #expect(book.nextRetry(after: clock.now) == first)
        #expect(book.nextRetry(after: first) == clock.now.advanced(by: .seconds(3_600)))
    }
}
