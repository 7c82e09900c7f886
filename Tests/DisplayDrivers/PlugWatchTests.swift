import Testing

@testable import DisplayDrivers

@Suite struct PlugWatchTests {
    @Test func comingAndGoingIsSeen() {
        var watch = PlugWatch(generation: 0)
        #expect(watch.saw(["card0-HDMI-A-1"], generation: 0, screenWasLost: false))
        #expect(!watch.saw(["card0-HDMI-A-1"], generation: 0, screenWasLost: false))
        #expect(watch.saw([], generation: 0, screenWasLost: true))
        #expect(!watch.saw([], generation: 0, screenWasLost: false))
        #expect(watch.saw(["card0-HDMI-A-1"], generation: 0, screenWasLost: false))
    }

    /// Otherwise a screen that was off for a second would stay dark until the display's back-off is over.
    @Test func aScreenThatWasAwayBetweenTwoLooksIsSeen() {
        var watch = PlugWatch(generation: 0)
        _ = watch.saw(["card0-HDMI-A-1"], generation: 0, screenWasLost: false)
        #expect(watch.saw(["card0-HDMI-A-1"], generation: 0, screenWasLost: true))
        #expect(!watch.saw(["card0-HDMI-A-1"], generation: 0, screenWasLost: false))
    }

    @Test func whatTheKernelSaysIsPassedOn() {
        var watch = PlugWatch(generation: 3)
        _ = watch.saw([], generation: 3, screenWasLost: false)
        #expect(watch.saw([], generation: 4, screenWasLost: false))
        #expect(!watch.saw([], generation: 4, screenWasLost: false))
    }
}
