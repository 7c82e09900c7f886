import LinuxSystem
import Testing

@testable import Supervision

@Suite struct RestartPolicyTests {
    let clock = ManualClock()

    @Test func restartsAtOnceThenApartThenGivesUp() {
        var policy = RestartPolicy()
        let start = clock.now
        #expect(policy.died(at: start) == .restart(at: start))
        for count in 1...4 {
            let expected = start.advanced(by: .seconds(5 * count))
            #expect(policy.died(at: clock.now) == .restart(at: expected))
            clock.advance(to: expected)
        }
        #expect(policy.restartsInARow == 5)
        #expect(!policy.isExhausted)
        #expect(policy.died(at: clock.now) == .exhausted(nextTry: clock.now.advanced(by: .seconds(300))))
        #expect(policy.isExhausted)
    }

    @Test func triesAgainEveryFiveMinutesForEver() {
        var policy = RestartPolicy(.init(restarts: 0))
        for _ in 0..<20 {
            let next = clock.now.advanced(by: .seconds(300))
            #expect(policy.died(at: clock.now) == .exhausted(nextTry: next))
            clock.advance(to: next)
        }
    }

    @Test func aLateDeathRestartsAtOnce() {
        var policy = RestartPolicy()
        _ = policy.died(at: clock.now)
        clock.advance(by: .seconds(60))
        // More than the delay has passed since the last start.
        #expect(policy.died(at: clock.now) == .restart(at: clock.now))
        #expect(policy.restartsInARow == 2)
    }

    @Test func goodWorkForLongEnoughIsForgiven() {
        var policy = RestartPolicy()
        for _ in 0..<3 { _ = policy.died(at: clock.now) }
        policy.worked(at: clock.now)
        clock.advance(by: .seconds(299))
        policy.worked(at: clock.now)
        #expect(policy.restartsInARow == 3)
        clock.advance(by: .seconds(1))
        policy.worked(at: clock.now)
        #expect(policy.restartsInARow == 0)
        #expect(policy.died(at: clock.now) == .restart(at: clock.now))
    }

    @Test func goodWorkCountsFromTheLastDeathOn() {
        var policy = RestartPolicy()
        _ = policy.died(at: clock.now)
        policy.worked(at: clock.now)
        clock.advance(by: .seconds(200))
        _ = policy.died(at: clock.now)
        clock.advance(by: .seconds(200))
        policy.worked(at: clock.now)
        #expect(policy.restartsInARow == 2)
    }

    @Test func aDeathAfterLongGoodWorkIsTheFirst() {
        var policy = RestartPolicy()
        for _ in 0..<6 { _ = policy.died(at: clock.now) }
        policy.worked(at: clock.now)
        clock.advance(by: .seconds(400))
        // Nobody reported work in between; that it lived is enough.
        #expect(policy.died(at: clock.now) == .restart(at: clock.now))
        #expect(!policy.isExhausted)
        #expect(policy.restartsInARow == 1)
    }

    @Test func limitsAreConfiguration() {
        var policy = RestartPolicy(
            .init(restarts: 2, delay: .seconds(1), reset: .seconds(10), retry: .seconds(20)))
        let start = clock.now
        #expect(policy.died(at: start) == .restart(at: start))
        #expect(policy.died(at: start) == .restart(at: start.advanced(by: .seconds(1))))
        #expect(policy.died(at: start) == .exhausted(nextTry: start.advanced(by: .seconds(20))))
    }
}

@Suite struct BackOffTests {
    @Test func doublesUpToItsBound() {
        var backOff = BackOff()
        let waits = (0..<9).map { _ in backOff.failed() }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) })
        backOff.succeeded()
        #expect(backOff.failed() == .seconds(1))
    }

    @Test func neverOverflows() {
        var backOff = BackOff(first: .milliseconds(1), maximum: .seconds(2))
        let waits = (0..<200).map { _ in backOff.failed() }
        #expect(waits.max() == .seconds(2))
    }
}
