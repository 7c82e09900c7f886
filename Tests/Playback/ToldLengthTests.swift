import DecoderClient
import DecoderProtocol
import LinuxSystem
import MediaIndex
import Playback
import Testing

/// Clips whose files tell another length than they have. 25 pictures and 50 refreshes a second.
@Suite struct ToldLengthTests {
    private func clip(seconds: Int, told: Int, restart: Duration = .zero) -> ScriptedMedium {
        var medium = ScriptedMedium.moving(
            .video, width: 64, height: 36, frames: 25 * seconds, framesPerSecond: 25)
        medium.description.durationNanoseconds = Int64(told) * 1_000_000_000
        medium.restartTime = restart
        return medium
    }

    /// Lets time pass until a picture of the first medium is on the screen; the one after it has come by then.
    private func pass(_ stage: Stage, toFrame frame: Int) async -> [Stage.Shown] {
        var shown: [Stage.Shown] = []
        while shown.count < 2_000, !shown.contains(where: { $0.frame >= frame }) {
            await stage.pass(.milliseconds(5))
            shown += stage.shown()
        }
        return shown
    }

    /// Ten seconds that say two, and a photo that follows, up to just before the second is over. The decoder was behind for a
    /// moment, and stands still again.
    private func playSlowly(_ stage: Stage) async -> [Stage.Shown] {
        stage.add(1, clip(seconds: 10, told: 2), kind: .video)
        stage.addPhoto(2, seconds: 3)
        await stage.begin()
        var shown = await pass(stage, toFrame: 39)
        stage.decoder.hold()
        await stage.pass(.milliseconds(160))
        stage.decoder.resume()
        shown += await pass(stage, toFrame: 48)
        stage.decoder.hold()
        return shown
    }

    /// Ten seconds that say two: without a cache, in one that they do not fit, and in one that they do.
    @Test(arguments: [0, 400 << 10, 4 << 20])
    func whatIsLongerThanItSaysIsSeenToItsEnd(cacheBytes: Int) async throws {
        let stage = Stage(cache: FrameCache(budget: cacheBytes))
        stage.add(1, clip(seconds: 10, told: 2), kind: .video)
        stage.addPhoto(2, seconds: 3)
        await stage.begin()
        await stage.pass(.milliseconds(3 * 13_000 - 500))
        let shown = stage.shown()
        #expect(shown.filter { $0.medium == 1 }.map(\.frame) == (0..<750).map { $0 % 250 })
        let photos = shown.filter { $0.medium == 2 }.map(\.milliseconds)
        #expect(photos.count == 3)
        for (first, second) in zip(photos, photos.dropFirst()) { #expect(second - first == 13_000) }
        #expect(Set(stage.source.whole) == [testID(1), testID(2)])
        try await stage.end()
    }

    /// Its end is known once it was seen: then what follows is on time, though the decoder is slow to begin again.
    @Test func theSecondTimeItsLengthIsKnown() async throws {
        let stage = Stage()
        stage.add(1, clip(seconds: 10, told: 2, restart: .milliseconds(400)), kind: .video)
        stage.addPhoto(2, seconds: 3)
        await stage.begin()
        await stage.pass(.seconds(6))
        let first = try #require(try await stage.status.current)
        #expect(first.duration == nil)
        #expect(abs(first.position.secondsAsDouble - 5.6) < 0.1)
        await stage.pass(.seconds(13))
        #expect(try await stage.status.current?.duration == .seconds(10))
        await stage.pass(.seconds(33))
        let shown = stage.shown()
        #expect(shown.filter { $0.medium == 1 }.prefix(750).map(\.frame) == (0..<750).map { $0 % 250 })
        let photos = shown.filter { $0.medium == 2 }.map(\.milliseconds)
        #expect(photos.count == 4)
        for (first, second) in zip(photos, photos.dropFirst()) { #expect(second - first == 13_000) }
        try await stage.end()
    }

    /// What would follow is made ready in time once it is known that the end comes early.
    @Test func whatIsShorterThanItSaysIsFollowedInTime() async throws {
        let stage = Stage()
        stage.add(1, clip(seconds: 4, told: 60), kind: .video)
        stage.addPhoto(2, seconds: 3)
        await stage.begin()
        await stage.pass(.milliseconds(3 * 7_000 - 500))
        let shown = stage.shown()
        #expect(shown.filter { $0.medium == 1 }.map(\.frame) == (0..<300).map { $0 % 100 })
        #expect(stage.decoder.events.filter { $0 == .opened(name: "2", role: .next) }.count == 2)
        try await stage.end()
    }

    /// Alone, with the head of it in the cache, which bridges the time that the decoder takes to begin again.
    @Test func aLoopThatIsLongerThanItSaysIsNotCutByItsHead() async throws {
        let cache = FrameCache(budget: 400 << 10)
        let stage = Stage(cache: cache)
        stage.add(1, clip(seconds: 10, told: 2, restart: .milliseconds(180)), kind: .video)
        await stage.begin()
        await stage.pass(.seconds(60))
        let shown = stage.shown()
        #expect(shown.count > 1_480)
        #expect(shown.prefix(250).map(\.frame) == Array(0..<250))
        #expect(cache.status.hits > 0)
        // Only the first time it is not known that it is over: what is late then is left out.
        let late = zip(shown, shown.dropFirst()).filter {
            $1.milliseconds - $0.milliseconds > 40 || $1.frame != ($0.frame + 1) % 250
        }
        #expect(late.map(\.0.frame) == [249])
        try await stage.end()
    }

    /// What is told of the end is no reason to leave while the next picture is on its way.
    @Test(arguments: [25, 50.0]) func aPictureThatIsNearlyThereIsNoEnd(rate: Double) async throws {
        let stage = Stage()
        var medium = ScriptedMedium.moving(.video, width: 64, height: 36, frames: 500, framesPerSecond: rate)
        medium.description.durationNanoseconds = 2_000_000_000
        stage.add(1, medium, kind: .video)
        stage.addPhoto(2, seconds: 3)
        await stage.begin()
        let last = Int(2 * rate) - 1
        var shown = await pass(stage, toFrame: last - 1)
        stage.decoder.hold()
        shown += await pass(stage, toFrame: last)
        stage.decoder.resume()
        await stage.pass(.milliseconds(4_000))
        shown += stage.shown()
        #expect(shown.map(\.medium).allSatisfy { $0 == 1 })
        #expect(shown.map(\.frame) == Array(0..<shown.count))
        try await stage.end()
    }

    /// A decoder that was behind a moment ago may be so again just where the file says that it ends.
    @Test func aSlowDecoderIsWaitedFor() async throws {
        let stage = Stage()
        var shown = await playSlowly(stage)
        await stage.pass(.milliseconds(100))
        stage.decoder.resume()
        await stage.pass(.milliseconds(8_500))
        shown += stage.shown()
        let clip = shown.prefix { $0.medium == 1 }.map(\.frame)
        #expect(clip.contains(49))
        #expect(Array(clip.drop { $0 < 60 }) == Array(60..<250))
        #expect(shown.last?.medium == 2)
        try await stage.end()
    }

    /// One that brings nothing more is not waited for long, and nobody knows whether that was all.
    @Test func butNotForLong() async throws {
        let stage = Stage()
        // By its end the photo is ready.
        _ = await playSlowly(stage)
        await stage.pass(.milliseconds(1_200))
        #expect(stage.shown().map(\.medium) == [1, 2])
        #expect(!stage.source.whole.contains(testID(1)))
        stage.decoder.resume()
        try await stage.end()
    }
}
