import DecoderClient
import LinuxSystem
import MediaIndex
import Playback
import Testing

/// The player where there is too much heat, too much work, or too many frames. 50 refreshes a second.
@Suite struct RatePlayingTests {
    private func expectEvery(_ gap: Int, _ shown: ArraySlice<Stage.Shown>, step: Int, of length: Int) {
        for (first, second) in zip(shown, shown.dropFirst()) {
            #expect(second.milliseconds - first.milliseconds == gap)
            #expect(second.frame == (first.frame + step) % length)
        }
    }

    @Test func heatHalvesTheRateAtExactlyTwiceTheDistance() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 60)
        await stage.begin()
        await stage.pass(.seconds(5))
        #expect(try await stage.status.halved == nil)
        try await stage.ask { await $0.measured(temperature: 82) }
        await stage.pass(.milliseconds(200))
        expectEvery(40, stage.shown().prefix(120), step: 1, of: 1_500)
        await stage.pass(.seconds(10))
        let hot = stage.shown()
        #expect(hot.count >= 124 && hot.count <= 126)
        expectEvery(80, hot[...], step: 2, of: 1_500)
        #expect(try await stage.status.halved == .heat)
        // The decoder is told what it need not convert.
        #expect(stage.decoder.events.contains { if case .late = $0 { true } else { false } })
        try await stage.ask { await $0.measured(temperature: 65) }
        await stage.pass(.seconds(32))
        _ = stage.shown()
        await stage.pass(.seconds(5))
        expectEvery(40, stage.shown()[...], step: 1, of: 1_500)
        #expect(try await stage.status.halved == nil)
        let counts = try await stage.ask { await $0.frameCounts }
        #expect(counts.lost == 0)
        #expect(counts.late == 0)
        try await stage.end()
    }

    /// An odd number of frames, and the end of it in time for what follows.
    @Test(arguments: [50, 51])
    func half(frames: Int) async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: Double(frames) / 25)
        stage.addPhoto(2, seconds: 3)
        await stage.begin()
        try await stage.ask { await $0.measured(temperature: 90) }
        await stage.pass(.seconds(26))
        let shown = stage.shown()
        let photos = shown.filter { $0.medium == 2 }.map(\.milliseconds)
        #expect(photos.count >= 4)
        for (first, second) in zip(photos, photos.dropFirst()) { #expect(second - first == 3_000 + frames * 40) }
        // In the first round it became hot on the way.
        let later = shown.drop { $0.medium == 1 }.filter { $0.medium == 1 }
        #expect(later.count > 50)
        #expect(later.allSatisfy { $0.frame % 2 == 0 })
        try await stage.end()
    }

    @Test func aLoopGoesOnAtHalf() async throws {
        let stage = Stage(cache: FrameCache(budget: 1 << 20))
        stage.addVideo(1, seconds: 2)
        await stage.begin()
        try await stage.ask { await $0.measured(temperature: 90) }
        await stage.pass(.seconds(20))
        expectEvery(80, stage.shown()[...].dropFirst(2), step: 2, of: 50)
        // It was kept whole meanwhile.
        #expect(stage.decoder.openSessions.isEmpty)
        try await stage.end()
    }

    /// A board that falls behind again and again, in clips of two seconds.
    @Test func shortClipsAreHalvedToo() async throws {
        let stage = Stage()
        for number in 1...3 { stage.addVideo(number, seconds: 2) }
        await stage.begin()
        var halved: [RatePolicy.Cause?] = []
        for _ in 0..<60 {
            stage.decoder.hold()
            await stage.pass(.milliseconds(160))
            stage.decoder.resume()
            await stage.pass(.milliseconds(240))
            halved.append(try await stage.status.halved)
        }
        #expect(halved.contains(.load))
        #expect(halved.first == .some(nil))
        try await stage.end()
    }

    @Test func farMoreFramesThanRefreshes() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 60, rate: 100)
        await stage.begin()
        await stage.pass(.seconds(10))
        #expect(try await stage.status.halved == .display)
        expectEvery(20, stage.shown()[...].dropFirst(4), step: 2, of: 6_000)
        let counts = try await stage.ask { await $0.frameCounts }
        #expect(counts.lost == 0)
        try await stage.end()
    }

    @Test func picturesAreCounted() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 2)
        stage.addPhoto(2, seconds: 6)
        await stage.begin()
        await stage.pass(.milliseconds(16_100))
        let counts = try await stage.ask { await $0.frameCounts }
        #expect((102...103).contains(counts.onTime))
        #expect(counts.changesOnTime == 4)
        #expect(counts.late + counts.lost + counts.halved + counts.changesLate == 0)
        // A decoder that is late with the next one: the last picture stays, and that is told.
        await stage.pass(.milliseconds(2_400))
        stage.decoder.hold()
        await stage.pass(.seconds(8))
        stage.decoder.resume()
        await stage.pass(.seconds(1))
        #expect(try await stage.ask { await $0.frameCounts.changesLate } == 1)
        try await stage.end()
    }
}
