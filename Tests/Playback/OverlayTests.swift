import DecoderClient
import DecoderProtocol
import Frames
import LinuxSystem
import MediaIndex
import Playback
import Testing

private func message(
    _ key: String = "a", _ severity: ScreenMessage.Severity = .informational, progress: Double? = nil,
    stays: Double? = 8
) -> ScreenMessage {
    ScreenMessage(
        key: key, severity: severity, title: key, progress: progress, stays: stays.map { .seconds($0) })
}

@Suite struct OverlayTests {
    func banners(_ stage: Stage) -> [[String]] {
        stage.cards.painted.compactMap { if case .banner(let messages) = $0 { messages.map(\.key) } else { nil } }
    }

    @Test func aMessageOverAPhotoComesAndGoes() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        await stage.begin()
        await stage.pass(.seconds(1))
        #expect(stage.shown().count == 1)
        try await stage.ask { await $0.post(message()) }
        await stage.pass(.seconds(1))
        // The same photo, once more, with a box below in its middle.
        #expect(stage.shown().map(\.medium) == [1])
        let places = stage.screenDriver.lastPlaces
        #expect(places.count == 2)
        let box = try #require(places.last?.destination)
        #expect(box.maxY <= 36 && box.maxY > 30 && box.x == 64 - box.maxX)
        await stage.pass(.seconds(8))
        #expect(stage.shown().map(\.medium) == [1])
        #expect(stage.screenDriver.lastPlaces.count == 1)
        // And then nobody is woken any more.
        #expect(stage.executor.clock.nextDeadline == nil)
        await stage.pass(.seconds(1000))
        #expect(stage.shown().isEmpty)
        #expect(banners(stage) == [["a"]])
        try await stage.end()
    }

    @Test func aVideoCarriesItWithoutAPresentMore() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(1))
        try await stage.ask { await $0.post(message()) }
        await stage.pass(.seconds(2))
        #expect(stage.screenDriver.lastPlaces.count == 2)
        await stage.pass(.seconds(12))
        #expect(stage.screenDriver.lastPlaces.count == 1)
        let shown = stage.shown()
        for (number, picture) in shown.enumerated() {
            #expect(
                picture == Stage.Shown(milliseconds: shown[0].milliseconds + 40 * number, medium: 1, frame: number % 50)
            )
        }
        try await stage.end()
    }

    @Test func aSlowAnimationIsPresentedAgain() async throws {
        let stage = Stage()
        stage.addAnimation(1, seconds: 10, rate: 0.5)
        await stage.begin()
        await stage.pass(.milliseconds(500))
        _ = stage.shown()
        try await stage.ask { await $0.post(message()) }
        await stage.pass(.milliseconds(200))
        #expect(stage.shown().map(\.frame) == [0])
        #expect(stage.screenDriver.lastPlaces.count == 2)
        // The frame after it is on time.
        await stage.pass(.seconds(2))
        #expect(stage.shown().map(\.frame) == [1])
        try await stage.end()
    }

    @Test func itIsSeenDuringAPauseAndOverTheWelcomeScreen() async throws {
        let stage = Stage()
        await stage.begin()
        await stage.pass(.seconds(1))
        try await stage.ask { await $0.post(message("card", .critical, stays: nil)) }
        await stage.pass(.seconds(1))
        // The welcome card makes room for it, so that it hides nothing that a person has to read or a phone to see.
        let places = stage.screenDriver.lastPlaces
        #expect(places.count == 3)
        let box = try #require(places.last?.destination)
        let below = 36 - box.y
        #expect(stage.cards.painted.contains { if case .welcomeAbove(_, below) = $0 { true } else { false } })
        stage.addVideo(1, seconds: 10)
        await stage.pass(.seconds(2))
        try await stage.ask { await $0.pause() }
        await stage.pass(.seconds(1))
        #expect(stage.screenDriver.lastPlaces.count == 2)
        _ = stage.shown()
        try await stage.ask { await $0.withdraw("card") }
        await stage.pass(.seconds(1))
        #expect(stage.shown().count == 1)
        #expect(stage.screenDriver.lastPlaces.count == 1)
        try await stage.end()
    }

    @Test func progressPaintsAFewTimesASecondAtMost() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        await stage.begin()
        await stage.pass(.seconds(1))
        _ = stage.shown()
        for step in 0..<100 {
            try await stage.ask {
                await $0.post(message("upload", progress: Double(step) / 100, stays: nil))
            }
            await stage.pass(.milliseconds(20))
        }
        // Two seconds of it.
        #expect((4...6).contains(stage.shown().count))
        await stage.pass(.seconds(1))
        guard case .banner(let last)? = stage.cards.painted.last else { return #expect(Bool(false)) }
        #expect(last.first?.progress == 0.99)
        try await stage.ask { await $0.withdraw("upload") }
        await stage.pass(.seconds(1))
        #expect(stage.screenDriver.lastPlaces.count == 1)
        try await stage.end()
    }

    @Test func theSettingIsObeyedAtOnce() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        await stage.begin()
        await stage.pass(.seconds(1))
        try await stage.ask {
            await $0.post(message("news", stays: nil))
            await $0.post(message("fault", .critical, stays: nil))
        }
        await stage.pass(.seconds(1))
        try await stage.ask { await $0.update(PlaybackSettings(messages: .critical)) }
        await stage.pass(.seconds(1))
        #expect(banners(stage).suffix(2) == [["fault", "news"], ["fault"]])
        try await stage.ask { await $0.update(PlaybackSettings(messages: .none)) }
        await stage.pass(.seconds(1))
        #expect(stage.screenDriver.lastPlaces.count == 1)
        // What a person asks for is shown all the same.
        try await stage.ask { await $0.showInfo() }
        await stage.pass(.seconds(1))
        #expect(stage.screenDriver.lastPlaces.count == 2)
        try await stage.end()
    }

    @Test func withoutMessagesABrokenFileIsPassedOverSilently() async throws {
        let stage = Stage(settings: PlaybackSettings(messages: .none))
        let broken = DecodeFailure(code: .broken, reason: "It is cut off.", suggestion: "Upload it again.")
        stage.add(1, ScriptedMedium.photo().failing(.open, .failed(broken)), kind: .image)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(30))
        #expect(stage.mediaShown() == [2])
        stage.source.remove(2)
        await stage.pass(.seconds(1))
        // With nothing else to show, the fault is better than black.
        #expect(try await stage.status.rule == "fault")
        try await stage.end()
    }

    @Test func infoFollowsTheAddressAndEnds() async throws {
        let stage = Stage()
        stage.addPhoto(1, seconds: 100)
        await stage.begin()
        await stage.pass(.seconds(1))
        _ = stage.shown()
        try await stage.ask { await $0.showInfo() }
        await stage.pass(.seconds(5))
        #expect(stage.shown().count == 1)
        #expect(stage.screenDriver.lastPlaces.last?.destination == PixelRectangle(x: 0, y: 0, width: 64, height: 36))
        let moved = WelcomeContent(name: "vitrine", addresses: ["http://10.0.0.7"], pin: nil)
        stage.welcome.announce(moved)
        await stage.pass(.seconds(5))
        #expect(stage.shown().count == 1)
        #expect(stage.cards.painted.last == .welcome(moved))
        await stage.pass(.seconds(6))
        #expect(stage.shown().count == 1)
        #expect(stage.screenDriver.lastPlaces.count == 1)
        // Afterwards an address is of no interest.
        stage.welcome.announce(WelcomeContent(name: "vitrine", addresses: ["http://10.0.0.8"], pin: nil))
        await stage.pass(.seconds(5))
        #expect(stage.shown().isEmpty)
        try await stage.end()
    }

    @Test func messagesWaitWhileItIsRead() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        await stage.begin()
        try await stage.ask { await $0.showInfo() }
        await stage.pass(.seconds(1))
        try await stage.ask { await $0.post(message("news")) }
        await stage.pass(.seconds(1))
        #expect(banners(stage).isEmpty)
        await stage.pass(.seconds(14))
        #expect(banners(stage) == [["news"]])
        #expect(stage.screenDriver.lastPlaces.count == 2)
        await stage.pass(.seconds(9))
        #expect(stage.screenDriver.lastPlaces.count == 1)
        try await stage.end()
    }

    @Test func whatIsSaidBeforeThereIsAPictureIsSeenWithIt() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        await stage.begin()
        try await stage.ask { await $0.post(message("card", .critical, stays: 30)) }
        await stage.pass(.seconds(2))
        #expect(stage.screenDriver.lastPlaces.count == 2)
        try await stage.end()
    }
}
