import GPIO
import LinuxSystem
import Testing

@testable import BoardSupport

/// Plays edges and the time to one line. All times in milliseconds; the line rests from 0 to 1000.
private struct Script {
    var line: ButtonLine
    var outputs: [(Int64, ButtonLine.Output)] = []

    init(_ bindings: [ButtonBinding], isActive: Bool = false) {
        line = ButtonLine(bindings, isActive: isActive, at: Script.at(0))
        pass(1_000)
    }

    static func at(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    /// Lets time pass as the panel does: from deadline to deadline.
    mutating func pass(_ milliseconds: Int64) {
        while let due = line.deadline, due <= Self.at(milliseconds) {
            outputs += line.elapse(to: due).map { (due.nanoseconds / 1_000_000, $0) }
        }
    }

    mutating func edge(_ isActive: Bool, _ milliseconds: Int64) {
        pass(milliseconds)
        hear(isActive, milliseconds)
    }

    /// The same without the timer having come first.
    mutating func hear(_ isActive: Bool, _ milliseconds: Int64) {
        outputs += line.edge(GPIOEdge(isActive: isActive, moment: Self.at(milliseconds))).map { (milliseconds, $0) }
    }

    mutating func press(_ from: Int64, _ to: Int64) {
        edge(true, from)
        edge(false, to)
    }

    var acts: [(Int64, ButtonAction)] {
        outputs.compactMap { if case .act(let action) = $0.1 { ($0.0, action) } else { nil } }
    }
}

private let line = LineName(bcm: 17)

private func expect(
    _ acts: [(Int64, ButtonAction)], _ wanted: [(Int64, ButtonAction)],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(acts.map(\.0) == wanted.map(\.0), sourceLocation: sourceLocation)
    #expect(acts.map(\.1) == wanted.map(\.1), sourceLocation: sourceLocation)
}

@Suite struct ButtonPressTests {
    @Test func aPressActsWhenItHasSettled() {
        var script = Script([ButtonBinding(.next, line)])
        script.press(2_000, 2_100)
        script.press(3_000, 5_000)
        script.pass(60_000)
        expect(script.acts, [(2_025, .next), (3_025, .next)])
    }

    @Test func aSpikeIsNoPress() {
        var script = Script([ButtonBinding(.next, line)])
        script.press(2_000, 2_024)
        script.pass(60_000)
        #expect(script.outputs.isEmpty)
    }

    /// The timer was late: the edges' own times decide.
    @Test func aPressThatIsHeardOfLateCounts() {
        var script = Script([ButtonBinding(.next, line)])
        script.hear(true, 2_000)
        script.hear(false, 2_100)
        script.hear(true, 2_400)
        script.hear(false, 2_410)
        expect(script.acts, [(2_100, .next)])
    }

    /// A button that is held while the program starts, or a line that is wired the other way round.
    @Test func aLineThatIsActiveWhenTakenMustBeLetGoFirst() {
        var script = Script([ButtonBinding(.next, line)], isActive: true)
        script.pass(60_000)
        #expect(script.outputs.isEmpty)
        script.edge(false, 60_000)
        script.press(61_000, 61_100)
        expect(script.acts, [(61_025, .next)])
    }

    /// The emulated board's power key rests low and is raised for 100 ms: with the usual settings that is a button
    /// that is held and let go of for a moment. One press is one action all the same.
    @Test func aSwitchOfTheOtherKindActsOnceForEachPress() {
        var script = Script([ButtonBinding(.next, line)], isActive: true)
        for start in [10_000, 20_000, 30_000] as [Int64] {
            script.edge(false, start)
            script.edge(true, start + 100)
        }
        script.pass(60_000)
        expect(script.acts, [(10_125, .next), (20_125, .next), (30_125, .next)])
    }

    @Test func aFastFingerIsHeard() {
        var script = Script([ButtonBinding(.next, line)])
        // Eight presses in a second.
        for number in 0..<8 as Range<Int64> { script.press(2_000 + number * 125, 2_050 + number * 125) }
        #expect(script.acts.count == 8)
    }
}

@Suite struct ButtonHoldTests {
    @Test func aHoldActsWhenItsTimeHasComeAndOnce() {
        var script = Script([ButtonBinding(.info, line, hold: .milliseconds(800))])
        script.press(2_000, 2_799)
        script.press(4_000, 9_000)
        script.pass(60_000)
        expect(script.acts, [(4_800, .info)])
    }

    @Test func shortPressAndHoldsShareALine() {
        let all = [
            ButtonBinding(.pause, line), ButtonBinding(.info, line, hold: .seconds(1)),
            ButtonBinding(.restart, line, hold: .seconds(3)),
        ]
        var script = Script(all.reversed())
        script.press(2_000, 2_100)
        script.press(4_000, 5_500)
        script.press(10_000, 20_000)
        script.press(30_000, 30_010)
        expect(script.acts, [(2_100, .pause), (5_500, .info), (13_000, .restart)])
    }

    @Test func aLongHoldIsAnnouncedAndMayBeGivenUp() {
        var script = Script([ButtonBinding(.factoryReset, line)])
        script.press(2_000, 2_900)
        script.press(4_000, 13_999)
        script.press(20_000, 31_000)
        script.pass(60_000)
        #expect(
            script.outputs.map(\.1) == [
                .holding(.factoryReset, rest: .seconds(9)), .gaveUp, .holding(.factoryReset, rest: .seconds(9)),
                .act(.factoryReset),
            ])
        #expect(script.outputs.map(\.0) == [5_000, 13_999, 21_000, 30_000])
    }

    /// The end of the press is heard of after the timer's moment: it was let go of in time, and nothing happens.
    @Test func aHoldThatEndedInTimeDoesNothingHoweverLateWeHear() {
        var script = Script([ButtonBinding(.factoryReset, line)])
        script.hear(true, 2_000)
        script.hear(false, 11_999)
        script.pass(60_000)
        #expect(script.acts.isEmpty)
    }

    @Test func brightnessRepeatsUntilItIsLetGo() {
        var script = Script([ButtonBinding(.brightnessUp, line)])
        script.press(2_000, 2_900)
        script.pass(60_000)
        expect(script.acts, [2_025, 2_525, 2_675, 2_825].map { ($0, .brightnessUp) })
    }

    @Test func aJammedButtonEndsByItself() {
        var script = Script([ButtonBinding(.brightnessDown, line)])
        script.edge(true, 2_000)
        script.pass(600_000)
        #expect(script.acts.count == ButtonLine.mostRepeats + 1)
        #expect(script.line.deadline == nil)
    }
}

@Suite struct ButtonFlickerTests {
    /// A pin in the air: levels of random length around a mean, for six seconds.
    @Test(arguments: [1, 2, 5, 10, 15, 20] as [Int64], 1...6 as ClosedRange<UInt64>)
    func aFloatingPinDoesNothing(_ mean: Int64, _ seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next() -> Int64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return 1 + Int64(random % UInt64(2 * mean))
        }
        var now: Int64 = 0
        var line = ButtonLine([ButtonBinding(.next, line)], isActive: false, at: Script.at(0))
        var (isActive, acts, outputs) = (false, 0, [ButtonLine.Output]())
        while now < 6_000 {
            now += next()
            isActive.toggle()
            while let due = line.deadline, due <= Script.at(now) { outputs += line.elapse(to: due) }
            outputs += line.edge(GPIOEdge(isActive: isActive, moment: Script.at(now)))
        }
        acts = outputs.filter { $0 == .act(.next) }.count
        #expect(acts == 0)
        #expect(outputs == [.flickers])
    }

    @Test func aWireThatBreaksIsToldOnceAndMendedOnce() {
        var script = Script([ButtonBinding(.next, line)])
        var isActive = false
        for moment in stride(from: 2_000, to: 12_000, by: 10) as StrideTo<Int64> {
            isActive.toggle()
            script.edge(isActive, moment)
        }
        #expect(!isActive)
        script.pass(20_000)
        script.press(20_000, 20_100)
        #expect(script.outputs.map(\.1) == [.flickers, .rests, .act(.next)])
        // Five seconds after it began to, and 300 ms after its last edge.
        #expect(script.outputs.map(\.0) == [7_060, 12_290, 20_025])
    }

    @Test func aHoldThatFlickersIsGivenUp() {
        var script = Script([ButtonBinding(.factoryReset, line)])
        script.edge(true, 2_000)
        for moment in stride(from: 4_000, to: 4_100, by: 10) as StrideTo<Int64> {
            script.edge(moment % 20 != 0, moment)
        }
        script.pass(60_000)
        #expect(script.outputs.map(\.1).first == .holding(.factoryReset, rest: .seconds(9)))
        #expect(script.outputs.map(\.1).contains(.gaveUp))
        #expect(script.acts.isEmpty)
    }
}

@Suite struct ButtonPlanTests {
    @Test func usualWiringAndHolds() {
        let next = ButtonBinding(.next, line)
        #expect((next.pull, next.activeLow, next.hold) == (.up, true, .zero))
        #expect(ButtonBinding(.next, line, activeLow: false).pull == .down)
        #expect(ButtonBinding(.factoryReset, line).hold == .seconds(10))
        for action in ButtonAction.allCases { #expect(action.standardHold >= action.leastHold) }
    }

    @Test func actionsOfOneLineAreToldApartByTheirHold() {
        let plan = ButtonPlan([
            ButtonBinding(.info, line, hold: .seconds(1)), ButtonBinding(.next, line),
            ButtonBinding(.previous, LineName(bcm: 4)),
        ])
        #expect(plan.lines[line]?.map(\.action) == [.next, .info])
        #expect(plan.lines.count == 2)
        #expect(plan.problems.isEmpty)
    }

    @Test func whatCannotBeBothIsSaid() {
        let plan = ButtonPlan([
            ButtonBinding(.next, line), ButtonBinding(.previous, line),
            ButtonBinding(.info, line, activeLow: false, hold: .seconds(1)),
        ])
        #expect(plan.lines[line]?.map(\.action) == [.next])
        #expect(plan.problems[.previous]?.contains("already means next") == true)
        #expect(plan.problems[.info]?.contains("wired differently for next") == true)
    }
}
