import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Frames
import LinuxSystem
import MediaIndex
import Playback
import Testing

@Suite struct PlayerTests {
    @Test func aClipShowsEveryFrameInOrderAtItsTime() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(10))
        let shown = stage.shown()
        #expect(shown.count >= 248)
        for (number, picture) in shown.enumerated() {
            #expect(
                picture == Stage.Shown(milliseconds: shown[0].milliseconds + 40 * number, medium: 1, frame: number % 50)
            )
        }
        // One medium alone loops in one session.
        #expect(stage.decoder.events == [.opened(name: "1", role: .current)])
        try await stage.end()
    }

    @Test(arguments: [23.976, 24, 25, 29.97, 30, 50])
    func noFrameIsLostOn60Hertz(rate: Double) async throws {
        let stage = Stage(refreshRate: 60)
        stage.addVideo(1, seconds: 20, rate: rate)
        await stage.begin()
        await stage.pass(.seconds(60))
        let shown = stage.shown()
        let length = Int(20 * rate)
        let count = shown.count
        #expect(abs(Double(count) - 60 * rate) <= 3)
        let order = shown.map(\.frame)
        #expect(order == (0..<count).map { $0 % length })
        let gaps = zip(shown, shown.dropFirst()).map { $1.milliseconds - $0.milliseconds }
        #expect(Double(gaps.max() ?? 0) < 1000 / rate + 18)
        try await stage.end()
    }

    @Test func anHourDoesNotDrift() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 60)
        await stage.begin()
        await stage.pass(.seconds(3600))
        let shown = stage.shown()
        let start = try #require(shown.first?.milliseconds)
        let count = shown.count
        #expect(count > 89_990)
        let strays = shown.enumerated().filter { number, picture in
            picture.milliseconds != start + 40 * number || picture.frame != number % 1500
        }.count
        #expect(strays == 0)
        try await stage.end()
    }

    @Test func aPhotoCausesNoPresentAndNoWaking() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        await stage.begin()
        await stage.pass(.seconds(1))
        #expect(stage.shown().count == 1)
        // The decoder is not needed any more, and nobody sleeps until anything.
        #expect(stage.decoder.openSessions.isEmpty)
        #expect(stage.executor.clock.nextDeadline == nil)
        await stage.pass(.seconds(3600))
        #expect(stage.shown().isEmpty)
        #expect(stage.decoder.events.filter { $0 == .opened(name: "1", role: .current) }.count == 1)
        #expect(try await stage.status.state == .playing)
        #expect(try await stage.status.current?.id == testID(1))
        // Another one comes: the first has had its time, and gives way.
        stage.addPhoto(2)
        await stage.pass(.seconds(1))
        #expect(stage.mediaShown() == [2])
        try await stage.end()
    }

    @Test func photosStayForTheirTime() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        stage.addPhoto(2, seconds: 4)
        await stage.begin()
        await stage.pass(.seconds(60))
        let shown = stage.shown()
        #expect(shown.map(\.medium) == [1, 2, 1, 2, 1, 2, 1, 2, 1])
        let start = shown[0].milliseconds
        #expect(shown.map { $0.milliseconds - start } == [0, 10, 14, 24, 28, 38, 42, 52, 56].map { $0 * 1000 })
        // Made ready before, by the other decoder.
        #expect(stage.decoder.events.contains(.opened(name: "2", role: .next)))
        #expect(stage.decoder.events.contains(.promoted(name: "2")))
        #expect(Set(stage.source.whole) == [testID(1), testID(2)])
        try await stage.end()
    }

    @Test func aCutBetweenVideosHasNoGap() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 6)
        stage.addVideo(2, seconds: 1)
        await stage.begin()
        await stage.pass(.seconds(30))
        let shown = stage.shown()
        for (first, second) in zip(shown, shown.dropFirst()) {
            #expect(second.milliseconds - first.milliseconds == 40)
            #expect(second.frame == (second.medium == first.medium ? first.frame + 1 : 0))
        }
        #expect(shown.filter { $0.medium == 1 && $0.frame == 149 }.count >= 4)
        #expect(shown.filter { $0.medium == 2 && $0.frame == 24 }.count >= 4)
        #expect(stage.decoder.openSessions.count <= 2)
        try await stage.end()
    }

    @Test func aShortAnimationRepeatsInWholeIterations() async throws {
        let stage = Stage()
        // 3 s: four times are the least that make ten seconds.
        stage.addAnimation(1, seconds: 3)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(15))
        let shown = stage.shown()
        #expect(shown.filter { $0.medium == 1 }.map(\.frame) == (0..<120).map { $0 % 30 })
        let photo = try #require(shown.first { $0.medium == 2 })
        #expect(photo.milliseconds - shown[0].milliseconds == 12_000)
        try await stage.end()
    }

    @Test func sevenMixedMediaGoAround() async throws {
        let stage = Stage(settings: PlaybackSettings(photoTime: .seconds(5)))
        stage.addPhoto(1)
        stage.addVideo(2, seconds: 4)
        stage.addAnimation(3, seconds: 12)
        stage.addPhoto(4)
        stage.addPhoto(5)
        stage.addVideo(6, seconds: 1, rate: 30)
        stage.addAnimation(7, seconds: 0.5)
        await stage.begin()
        // 5 + 4 + 12 + 5 + 5 + 1 + 10 = 42 s
        await stage.pass(.seconds(42 * 100))
        let media = stage.mediaShown()
        #expect(media.count >= 690)
        for (number, medium) in media.enumerated() { #expect(medium == number % 7 + 1) }
        #expect(stage.decoder.openSessions.count <= 2)
        try await stage.end()
    }

    @Test func pauseHoldsAVideo() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 10)
        await stage.begin()
        await stage.pass(.seconds(2))
        try await stage.ask { await $0.pause() }
        await stage.pass(.milliseconds(100))
        let before = try #require(stage.shown().last)
        await stage.pass(.seconds(100))
        #expect(stage.shown().isEmpty)
        let status = try await stage.status
        #expect(status.state == .paused)
        #expect(abs((status.current?.position ?? .zero).secondsAsDouble - 2) < 0.1)
        try await stage.ask { await $0.resume() }
        await stage.pass(.seconds(1))
        let after = stage.shown()
        #expect(after.first?.frame == before.frame + 1)
        #expect(after.count >= 24)
        #expect(after.map(\.frame) == Array(before.frame + 1..<before.frame + 1 + after.count))
        try await stage.end()
    }

    @Test func pauseHoldsAPhotosTime() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(6))
        try await stage.ask { await $0.pause() }
        await stage.pass(.seconds(1000))
        #expect(stage.mediaShown() == [1])
        #expect(stage.executor.clock.nextDeadline == nil)
        try await stage.ask { await $0.resume() }
        await stage.pass(.milliseconds(3900))
        #expect(stage.mediaShown().isEmpty)
        await stage.pass(.milliseconds(200))
        #expect(stage.mediaShown() == [2])
        try await stage.end()
    }

    @Test func nextDuringAPauseShowsTheFirstPicture() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 10)
        stage.addVideo(2, seconds: 10)
        await stage.begin()
        await stage.pass(.seconds(1))
        try await stage.ask { await $0.pause() }
        await stage.pass(.seconds(1))
        _ = stage.shown()
        try await stage.ask { await $0.next() }
        await stage.pass(.seconds(10))
        #expect(stage.shown().map(\.frame) == [0])
        #expect(try await stage.status.current?.id == testID(2))
        try await stage.ask { await $0.resume() }
        await stage.pass(.seconds(1))
        #expect(stage.shown().prefix(3).map(\.frame) == [1, 2, 3])
        try await stage.end()
    }

    /// The answer to "next" names what comes, not what was.
    @Test func whoAsksForTheNextIsToldItsName() async throws {
        let stage = Stage()
        for number in 1...2 { stage.addPhoto(number) }
        await stage.begin()
        await stage.pass(.seconds(1))
        let names = try await stage.ask { player in
            let before = await player.snapshot.current?.name
            await player.next()
            return [before, await player.snapshot.current?.name]
        }
        #expect(names == ["1", "2"])
        try await stage.end()
    }

    @Test func commandsActAtOnce() async throws {
        let stage = Stage()
        for number in 1...4 { stage.addPhoto(number) }
        await stage.begin()
        await stage.pass(.seconds(1))
        try await stage.ask { await $0.next() }
        await stage.pass(.milliseconds(100))
        try await stage.ask { await $0.next() }
        await stage.pass(.milliseconds(100))
        try await stage.ask { await $0.previous() }
        await stage.pass(.milliseconds(100))
        #expect(try await stage.ask { await $0.show(testID(4)) })
        await stage.pass(.milliseconds(100))
        #expect(try await stage.status.rule == "pick")
        #expect(stage.mediaShown() == [1, 2, 3, 2, 4])
        #expect(try await stage.ask { await $0.show(testID(99)) } == false)
        await stage.pass(.seconds(10))
        #expect(stage.mediaShown() == [1])
        #expect(try await stage.status.rule == "all")
        try await stage.end()
    }

    @Test func aPickThatIsAloneGoesOnInItsSession() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 1)
        await stage.begin()
        await stage.pass(.milliseconds(500))
        _ = try await stage.ask { await $0.show(testID(1)) }
        await stage.pass(.milliseconds(500))
        #expect(try await stage.status.rule == "pick")
        await stage.pass(.seconds(3))
        #expect(try await stage.status.rule == "all")
        #expect(stage.decoder.events.filter { $0 == .opened(name: "1", role: .current) }.count == 2)
        try await stage.end()
    }

    @Test func deletingTheCurrentGoesOnAtOnce() async throws {
        let stage = Stage()
        for number in 1...3 { stage.addVideo(number, seconds: 10) }
        await stage.begin()
        await stage.pass(.seconds(2))
        stage.source.remove(1)
        await stage.pass(.seconds(1))
        #expect(stage.mediaShown() == [1, 2])
        stage.source.remove(2)
        stage.source.remove(3)
        await stage.pass(.seconds(1))
        #expect(stage.mediaShown().last == 0)
        #expect(try await stage.status.rule == "welcome")
        #expect(stage.decoder.openSessions.isEmpty)
        try await stage.end()
    }

    @Test func whatWasMadeReadyAndThenDeletedIsNotShown() async throws {
        let stage = Stage()
        for number in 1...3 { stage.addPhoto(number) }
        await stage.begin()
        await stage.pass(.seconds(8))
        #expect(stage.decoder.openSessions.map(\.name) == ["2"])
        stage.source.remove(2)
        await stage.pass(.seconds(4))
        #expect(stage.mediaShown() == [1, 3])
        try await stage.end()
    }

    @Test func settingsApplyAtOnce() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(3))
        try await stage.ask { await $0.update(PlaybackSettings(photoTime: .seconds(5))) }
        await stage.pass(.milliseconds(2100))
        #expect(stage.mediaShown() == [1, 2])
        // Another fit is another scaling: opened again.
        try await stage.ask { await $0.update(PlaybackSettings(photoTime: .seconds(5), fit: .cover)) }
        await stage.pass(.milliseconds(500))
        #expect(stage.mediaShown() == [2])
        // And the photo's time goes on.
        await stage.pass(.milliseconds(4500))
        #expect(stage.mediaShown() == [1])
        try await stage.end()
    }

    @Test func buffersComeBack() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 2)
        stage.addPhoto(2, seconds: 2)
        stage.addVideo(3, seconds: 2)
        await stage.begin()
        // The scripted decoder has three buffers: one that is kept would stop the programme.
        await stage.pass(.seconds(600))
        #expect(stage.mediaShown().count >= 299)
        try await stage.end()
    }

    @Test func theWelcomeScreenIsPaintedWhenItChanges() async throws {
        let stage = Stage()
        await stage.begin()
        await stage.pass(.seconds(100))
        #expect(stage.shown().count == 1)
        #expect(stage.executor.clock.nextDeadline == nil)
        stage.welcome.announce(WelcomeContent(name: "vitrine", addresses: ["http://10.0.0.7"], pin: nil))
        await stage.pass(.seconds(100))
        #expect(stage.shown().count == 1)
        #expect(stage.cards.painted.count == 2)
        stage.addPhoto(1)
        await stage.pass(.seconds(1))
        #expect(stage.mediaShown() == [1])
        try await stage.end()
    }

    @Test func statusChangesAreToldWithoutTicks() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 10)
        let told = Told()
        let listening = Task {
            for await status in stage.changes() { told.append(status) }
        }
        await stage.begin()
        await stage.pass(.seconds(30))
        try await stage.ask { await $0.pause() }
        try await stage.ask { await $0.resume() }
        try await stage.end()
        await listening.value
        #expect(told.count <= 8)
        #expect(told.last?.current?.id == testID(1))
    }
}

/// Statuses that a listener was told.
final class Told: Sendable {
    private let statuses = Announcements<[PlayerStatus]>([])

    func append(_ status: PlayerStatus) { statuses.announce((statuses.latest ?? []) + [status]) }
    var count: Int { statuses.latest?.count ?? 0 }
    var last: PlayerStatus? { statuses.latest?.last }
}
