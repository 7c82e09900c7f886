import Testing

@testable import DisplayDrivers

@Suite struct PlugWatchTests {
    /// What a watch says of one look after the other.
    private func answers(to looks: [(plugged: [String], generation: Int, screenWasLost: Bool)]) -> [Bool] {
        var watch = PlugWatch(generation: 0)
        return looks.map { watch.saw($0.plugged, generation: $0.generation, screenWasLost: $0.screenWasLost) }
    }

    private let screen = ["card0-HDMI-A-1"]

    @Test func comingAndGoingIsSeen() {
        let answers = answers(to: [
            (screen, 0, false), (screen, 0, false), ([], 0, true), ([], 0, false), (screen, 0, false),
        ])
        #expect(answers == [true, false, true, false, true])
    }

    /// Otherwise a screen that was off for a second would stay dark until the display's back-off is over.
    @Test func aScreenThatWasAwayBetweenTwoLooksIsSeen() {
        #expect(answers(to: [(screen, 0, false), (screen, 0, true), (screen, 0, false)]) == [true, true, false])
    }

    @Test func whatTheKernelSaysIsPassedOn() {
        #expect(answers(to: [([], 0, false), ([], 1, false), ([], 1, false)]) == [true, true, false])
    }
}
