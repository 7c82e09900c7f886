import LinuxSystem
import Testing

@testable import Playback

@Suite struct MediumLengthTests {
    private let end = MonotonicInstant(nanoseconds: 9_000_000_000)

    private func leave(_ length: MediumLength, frame: Int, refresh: Int = 20, asked: Int) -> Duration {
        end.duration(
            to: length.leave(
                end: end, frame: .milliseconds(frame), refresh: .milliseconds(refresh),
                asked: end.advanced(by: .milliseconds(-asked))))
    }

    @Test func aFilesWordCountsUntilAPictureComesBehindIt() {
        var length = MediumLength(told: .seconds(2))
        #expect(length.value == .seconds(2))
        length.came(at: .milliseconds(1_960), after: .zero)
        #expect(length.value == .seconds(2))
        length.came(at: .seconds(2), after: .zero)
        #expect(length.value == nil)
        // An end that nobody saw proves nothing.
        length.begin(measured: nil)
        #expect(length.value == nil)
        length.begin(measured: .seconds(10))
        #expect(length.value == .seconds(10))
        #expect(length.isSure)
    }

    @Test func whatWasSeenCountsMore() {
        var length = MediumLength(told: .seconds(60))
        #expect(!length.isSure)
        length.begin(measured: .seconds(4))
        #expect(length.value == .seconds(4))
        length.came(at: .seconds(5), after: nil)
        #expect(length.value == nil)
        #expect(!length.isSure)
        #expect(MediumLength(told: nil).value == nil)
        #expect(MediumLength(told: .zero).value == nil)
    }

    @Test func whatIsSureIsLeftInTimeForTheDisplay() {
        var length = MediumLength(told: .seconds(2))
        length.begin(measured: .seconds(2))
        length.came(at: .zero, after: .milliseconds(500))
        #expect(leave(length, frame: 40, asked: 40) == .milliseconds(-40))
        #expect(leave(length, frame: 100, asked: 100) == .milliseconds(-40))
    }

    @Test func whatIsOnlyToldIsLeftWhenTheDecoderHadItsTime() {
        var length = MediumLength(told: .seconds(2))
        #expect(leave(length, frame: 40, asked: 40) == .milliseconds(-20))
        #expect(leave(length, frame: 20, asked: 20) == .milliseconds(-10))
        #expect(leave(length, frame: 200, asked: 200) == .milliseconds(-40))
        // It takes longer than its pictures stay.
        length.came(at: .zero, after: .milliseconds(90))
        #expect(leave(length, frame: 40, asked: 40) == .milliseconds(50))
        // Nobody looks at a picture that stands for longer.
        length.came(at: .zero, after: .seconds(5))
        #expect(leave(length, frame: 40, asked: 40) == .milliseconds(960))
    }

    @Test func aWaitIsForgottenByAndBy() {
        var wait = RecentWait()
        wait.add(.milliseconds(100))
        for _ in 0..<25 { wait.add(.zero) }
        #expect((40...55).contains(Int(wait.longest.secondsAsDouble * 1_000)))
        wait.add(.milliseconds(70))
        #expect(wait.longest == .milliseconds(70))
        for _ in 0..<500 { wait.add(.zero) }
        #expect(wait.longest < .milliseconds(1))
    }
}
