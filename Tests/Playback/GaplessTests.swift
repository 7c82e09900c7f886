import DecoderClient
import DecoderProtocol
import LinuxSystem
import MediaIndex
import Playback
import Testing

/// With a cut, the first picture of a medium takes the refresh at which the one before is over: none is missed, and none
/// is used twice. Told by the refreshes' numbers.
@Suite struct GaplessTests {
    private struct Expected: Equatable {
        var sequence: Int
        var medium: Int
        var frame: Int
    }

    /// What a programme looks like that goes on at the refresh nearest to each picture's time.
    private func ideal(
        _ media: [(number: Int, frames: Int, time: Double)], refreshRate: Double, count: Int
    ) -> [Expected] {
        var expected: [Expected] = []
        var time = 0.0
        while expected.count < count {
            for medium in media {
                for frame in 0..<medium.frames where expected.count < count {
                    let moment = (time + Double(frame) * medium.time) * refreshRate
                    expected.append(
                        Expected(
                            sequence: Int((moment - 0.5 - 1e-6).rounded(.up)), medium: medium.number, frame: frame))
                }
                time += Double(medium.frames) * medium.time
            }
        }
        return expected
    }

    private func shown(_ stage: Stage) -> [Expected] {
        let refreshes = stage.refreshes()
        let start = refreshes.first?.sequence ?? 0
        return refreshes.map { refresh in
            Expected(
                sequence: refresh.sequence - start, medium: refresh.parts.first?.medium ?? -1,
                frame: refresh.parts.first?.frame ?? -1)
        }
    }

    private func expectIdeal(
        _ stage: Stage, _ media: [(number: Int, frames: Int, time: Double)], refreshRate: Double = 50,
        atLeast least: Int
    ) {
        let shown = shown(stage)
        #expect(shown.count >= least)
        let ideal = ideal(media, refreshRate: refreshRate, count: shown.count)
        let strays = zip(shown, ideal).filter { $0 != $1 }
        #expect(strays.isEmpty, "the first is \(strays.first.map { "\($0.0) and not \($0.1)" } ?? "")")
    }

    @Test(arguments: [0, 4 << 20])
    func fromOneToTheNext(cacheBytes: Int) async throws {
        let stage = Stage(cache: FrameCache(budget: cacheBytes))
        stage.addVideo(1, seconds: 3)
        stage.addVideo(2, seconds: 1, rate: 50)
        stage.addPhoto(3, seconds: 4)
        stage.addVideo(4, seconds: 5)
        stage.addPhoto(5, seconds: 2)
        stage.addPhoto(6, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(17 * 5))
        expectIdeal(
            stage,
            [(1, 75, 0.04), (2, 50, 0.02), (3, 1, 4), (4, 125, 0.04), (5, 1, 2), (6, 1, 2)], atLeast: 5 * 250)
        try await stage.end()
    }

    /// Its end meets its beginning.
    @Test(arguments: [0, 4 << 20])
    func aLoop(cacheBytes: Int) async throws {
        let stage = Stage(cache: FrameCache(budget: cacheBytes))
        stage.addVideo(1, seconds: 1)
        await stage.begin()
        await stage.pass(.seconds(60))
        expectIdeal(stage, [(1, 25, 0.04)], atLeast: 1_490)
        #expect(stage.decoder.openSessions.isEmpty == (cacheBytes > 0))
        try await stage.end()
    }

    /// A decoder that takes its time to begin again tells late that its medium is over, and the next one is on time.
    @Test func aDecoderThatIsSlowToBeginAgain() async throws {
        let stage = Stage()
        for number in 1...2 {
            var medium = ScriptedMedium.moving(.video, width: 64, height: 36, frames: 100, framesPerSecond: 25)
            medium.restartTime = .milliseconds(400)
            stage.add(number, medium, kind: .video)
        }
        stage.addPhoto(3, seconds: 5)
        await stage.begin()
        await stage.pass(.seconds(13 * 5))
        expectIdeal(stage, [(1, 100, 0.04), (2, 100, 0.04), (3, 1, 5)], atLeast: 5 * 200)
        try await stage.end()
    }

    /// An animation plays whole iterations, and then gives way.
    @Test func afterAnAnimation() async throws {
        let stage = Stage(settings: PlaybackSettings(minimumLoop: .seconds(5)))
        var medium = ScriptedMedium.moving(.animation, width: 64, height: 36, frames: 20, framesPerSecond: 10)
        medium.restartTime = .milliseconds(90)
        stage.add(1, medium, kind: .animation)
        stage.addPhoto(2, seconds: 3)
        await stage.begin()
        await stage.pass(.seconds(9 * 4))
        let expected = ideal(
            [(1, 20, 0.1), (1, 20, 0.1), (1, 20, 0.1), (2, 1, 3)], refreshRate: 50, count: 240)
        #expect(Array(shown(stage).prefix(240)) == expected)
        try await stage.end()
    }

    /// Rates that do not go into each other: where the refresh nearest to a boundary lies beside it, that adds up to nothing.
    @Test(arguments: [60, 60_000.0 / 1_001, 75])
    func atOtherRates(refreshRate: Double) async throws {
        let stage = Stage(refreshRate: refreshRate)
        stage.addVideo(1, seconds: 1.24)
        stage.addPhoto(2, seconds: 3)
        stage.addVideo(3, seconds: 1.04)
        await stage.begin()
        await stage.pass(.seconds(528))
        let shown = shown(stage)
        let ideal = ideal(
            [(1, 31, 0.04), (2, 1, 3), (3, 26, 0.04)], refreshRate: refreshRate, count: shown.count)
        #expect(shown.count >= 99 * 58)
        #expect(shown.map(\.medium) == ideal.map(\.medium))
        #expect(shown.map(\.frame) == ideal.map(\.frame))
        // Each medium counts from its own first refresh, which lies half of one beside its moment at most.
        for (shown, ideal) in zip(shown, ideal) { #expect(abs(shown.sequence - ideal.sequence) <= 1) }
        try await stage.end()
    }
}
