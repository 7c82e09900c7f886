import LinuxSystem
import Testing

@testable import DisplayDrivers

@Suite struct ChainStateTests {
    var state = ChainState(names: ["drm", "spi", "headless"])
    let start = MonotonicInstant(nanoseconds: 0)

    func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1_000_000_000)) }

    /// Starts with the given answers, and opens what is to be opened. Returns the attempt that is active.
    mutating func begin(drm: DisplayProbe, spi: DisplayProbe, at now: MonotonicInstant) -> Int {
        let probes = state.handle(.started, at: now)
        #expect(probes == [.probe(driver: 0, 1), .probe(driver: 1, 2), .probe(driver: 2, 3)])
        var actions = state.handle(.probed(driver: 0, 1, drm), at: now)
        actions += state.handle(.probed(driver: 1, 2, spi), at: now)
        actions += state.handle(.probed(driver: 2, 3, .usable), at: now)
        guard case .open(let driver, let attempt) = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return -1
        }
        #expect(state.handle(.opened(driver: driver, attempt), at: now) == [.activate(driver: driver, attempt)])
        return attempt
    }

    @Test mutating func theBestUsableIsOpenedAndAllAnswersAreKept() {
        _ = begin(drm: .unusable(reason: "no card"), spi: .usable, at: start)
        #expect(
            state.report == [
                ChainReport(driver: "drm", outcome: .unusable, reason: "no card"),
                ChainReport(driver: "spi", outcome: .active), ChainReport(driver: "headless", outcome: .usable),
            ])
    }

    @Test mutating func nothingWakesWhileTheBestIsActive() {
        _ = begin(drm: .usable, spi: .unusable(reason: "no panel"), at: start)
        #expect(state.nextWake == nil)
    }

    @Test mutating func aLesserOneWaitsForABetterOneAWhileOnly() {
        _ = state.handle(.started, at: start)
        #expect(state.handle(.probed(driver: 2, 3, .usable), at: start).isEmpty)
        #expect(state.nextWake == at(2))
        #expect(state.handle(.woke, at: at(1.9)).isEmpty)
        #expect(state.handle(.woke, at: at(2)) == [.open(driver: 2, 4)])
        _ = state.handle(.opened(driver: 2, 4), at: at(2))
        // The better one answers later and takes over.
        #expect(state.handle(.probed(driver: 0, 1, .usable), at: at(3)) == [.open(driver: 0, 5)])
        #expect(state.handle(.opened(driver: 0, 5), at: at(3)) == [.activate(driver: 0, 5), .close(4)])
    }

    @Test mutating func silenceIsAnAnswer() {
        _ = state.handle(.started, at: start)
        _ = state.handle(.probed(driver: 2, 3, .usable), at: start)
        _ = state.handle(.woke, at: at(2))
        _ = state.handle(.opened(driver: 2, 4), at: at(2))
        #expect(state.nextWake == at(5))
        _ = state.handle(.woke, at: at(5))
        #expect(state.report[0].reason == "did not answer within 5 s")
        // What comes after all does not count any more; the next try does.
        #expect(state.handle(.probed(driver: 0, 1, .usable), at: at(5.5)).isEmpty)
        #expect(state.handle(.woke, at: at(6)) == [.probe(driver: 0, 5), .probe(driver: 1, 6)])
    }

    @Test mutating func aFailureFallsToTheNextAtOnce() {
        let attempt = begin(drm: .usable, spi: .usable, at: start)
        let actions = state.handle(.ended(attempt, reason: "flip timed out"), at: at(10))
        #expect(actions == [.close(attempt), .open(driver: 1, attempt + 1)])
        #expect(state.report[0] == ChainReport(driver: "drm", outcome: .failed, reason: "flip timed out"))
        // A second word about the same end changes nothing.
        #expect(state.handle(.ended(attempt, reason: "again"), at: at(10)).isEmpty)
    }

    @Test mutating func whatFailsToOpenIsPassedOver() {
        _ = state.handle(.started, at: start)
        _ = state.handle(.probed(driver: 0, 1, .usable), at: start)
        _ = state.handle(.probed(driver: 1, 2, .usable), at: start)
        _ = state.handle(.probed(driver: 2, 3, .usable), at: start)
        #expect(
            state.handle(.openFailed(driver: 0, 4, reason: "busy"), at: start) == [.open(driver: 1, 5)])
        #expect(
            state.handle(.openFailed(driver: 1, 5, reason: "busy"), at: start) == [.open(driver: 2, 6)])
    }

    @Test mutating func absentDriversAreLookedAtLessAndLess() {
        _ = begin(drm: .unusable(reason: "no card"), spi: .usable, at: start)
        var now = start
        var waits: [Double] = []
        for _ in 0..<9 {
            guard let wake = state.nextWake else { break }
            waits.append(now.duration(to: wake).secondsAsDouble)
            now = wake
            for case .probe(let driver, let attempt) in state.handle(.woke, at: now) {
                #expect(driver == 0)
                _ = state.handle(.probed(driver: driver, attempt, .unusable(reason: "no card")), at: now)
            }
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test mutating func aLinkThatBouncesIsDamped() {
        var attempt = begin(drm: .usable, spi: .unusable(reason: "no panel"), at: start)
        var now = start
        var outages: [Double] = []
        for _ in 0..<4 {
            // Fails a second after it came; headless takes over.
            now = now.advanced(by: .seconds(1))
            let failedAt = now
            for case .open(let driver, let opened) in state.handle(.ended(attempt, reason: "unplugged"), at: now) {
                _ = state.handle(.opened(driver: driver, opened), at: now)
            }
            // It answers every probe with yes.
            var isBack = false
            while !isBack, let wake = state.nextWake {
                now = wake
                for case .probe(let driver, let probed) in state.handle(.woke, at: now) {
                    let answer: DisplayProbe = driver == 0 ? .usable : .unusable(reason: "no panel")
                    for case .open(0, let opened) in state.handle(.probed(driver: driver, probed, answer), at: now) {
                        _ = state.handle(.opened(driver: 0, opened), at: now)
                        attempt = opened
                        isBack = true
                    }
                }
            }
            outages.append(failedAt.duration(to: now).secondsAsDouble)
        }
        #expect(outages == [1, 2, 4, 8])
        // Steady for a minute: forgiven.
        now = now.advanced(by: .seconds(61))
        _ = state.handle(.ended(attempt, reason: "unplugged"), at: now)
        #expect(state.nextWake.map { now.duration(to: $0) } == .seconds(1))
    }

    @Test mutating func lookingAgainDoesNotWait() {
        _ = begin(drm: .unusable(reason: "no card"), spi: .unusable(reason: "no panel"), at: start)
        #expect(state.handle(.lookAgain, at: at(0.1)) == [.probe(driver: 0, 5), .probe(driver: 1, 6)])
    }

    @Test mutating func newsEndALongWait() {
        var attempt = begin(drm: .usable, spi: .unusable(reason: "no panel"), at: start)
        var now = start
        for round in 1...10 {
            // Unplugged a second after it came; half a second later it is plugged again, and the kernel says so.
            now = now.advanced(by: .seconds(1))
            for case .open(let driver, let opened) in state.handle(.ended(attempt, reason: "unplugged"), at: now) {
                _ = state.handle(.opened(driver: driver, opened), at: now)
            }
            let plugged = now.advanced(by: .milliseconds(500))
            now = plugged
            var actions = state.handle(.lookAgain, at: now)
            var isBack = false
            while !isBack {
                for case .probe(let driver, let probed) in actions {
                    let answer: DisplayProbe = driver == 0 ? .usable : .unusable(reason: "no panel")
                    for case .open(0, let opened) in state.handle(.probed(driver: driver, probed, answer), at: now) {
                        _ = state.handle(.opened(driver: 0, opened), at: now)
                        attempt = opened
                        isBack = true
                    }
                }
                guard !isBack, let wake = state.nextWake else { break }
                now = wake
                actions = state.handle(.woke, at: now)
            }
            #expect(isBack)
            #expect(plugged.duration(to: now) <= .seconds(2), "round \(round)")
        }
    }

    @Test mutating func newsDuringAProbeAreNotLost() {
        _ = begin(drm: .unusable(reason: "no card"), spi: .usable, at: start)
        #expect(state.handle(.lookAgain, at: at(0.1)) == [.probe(driver: 0, 5)])
        #expect(state.handle(.lookAgain, at: at(0.2)).isEmpty)
        // Its answer is from before the second word.
        #expect(
            state.handle(.probed(driver: 0, 5, .unusable(reason: "not permitted")), at: at(0.3))
                == [.probe(driver: 0, 6)])
        #expect(state.handle(.probed(driver: 0, 6, .unusable(reason: "not permitted")), at: at(0.4)).isEmpty)
    }

    @Test mutating func aDisplayThatOpensTooLateIsClosed() {
        _ = state.handle(.started, at: start)
        _ = state.handle(.probed(driver: 0, 1, .usable), at: start)
        _ = state.handle(.probed(driver: 2, 3, .usable), at: start)
        #expect(state.isOpening(4))
        #expect(state.handle(.woke, at: at(5)).contains(.open(driver: 2, 5)))
        #expect(!state.isOpening(4))
        #expect(state.handle(.opened(driver: 0, 4), at: at(5.1)) == [.close(4)])
    }

    @Test mutating func evenTheLastResortComesBack() {
        let attempt = begin(drm: .unusable(reason: "-"), spi: .unusable(reason: "-"), at: start)
        #expect(state.handle(.ended(attempt, reason: "closed"), at: at(0.5)) == [.close(attempt)])
        let probes = state.handle(.woke, at: at(1.5))
        guard case .probe(2, let probe)? = probes.last else {
            Issue.record("\(probes)")
            return
        }
        _ = state.handle(.probed(driver: 0, probe - 2, .unusable(reason: "-")), at: at(1.5))
        _ = state.handle(.probed(driver: 1, probe - 1, .unusable(reason: "-")), at: at(1.5))
        #expect(state.handle(.probed(driver: 2, probe, .usable), at: at(1.5)) == [.open(driver: 2, probe + 1)])
    }
}
