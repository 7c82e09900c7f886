import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Frames
import LinuxSystem
import MediaIndex
import Playback
import Supervision
import Testing

@Suite struct PlayerFaultTests {
    let broken = DecodeFailure(code: .broken, reason: "It is cut off.", suggestion: "Upload it again.")

    @Test func aKilledDecoderComesBackWhereItWas() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 60)
        await stage.begin()
        await stage.pass(.seconds(20))
        _ = stage.shown()
        stage.decoder.fail("1", .died(how: "SIGKILL", ownDoing: false))
        await stage.pass(.seconds(2))
        let shown = stage.shown()
        // At once, from the position it had, with the last picture on the glass meanwhile.
        #expect(shown.count >= 48)
        #expect(abs((shown.first?.frame ?? 0) - 500) <= 4)
        for (first, second) in zip(shown, shown.dropFirst()) {
            #expect(second.milliseconds - first.milliseconds <= 100)
            #expect(abs(second.frame - first.frame) <= 4)
        }
        #expect(stage.source.strikes.isEmpty)
        #expect(stage.cards.painted.isEmpty)
        let position = try await stage.status.current?.position ?? .zero
        #expect(abs(position.secondsAsDouble - 22) < 0.2)
        try await stage.end()
    }

    @Test func deathsInARowAreSpacedAndThenTheFileIsNamed() async throws {
        let stage = Stage()
        stage.add(
            1,
            ScriptedMedium.moving(width: 64, height: 36, frames: 100).failing(
                .frame(5), .died(how: "SIGSEGV", ownDoing: true)),
            kind: .video)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(2))
        #expect(opens(stage, "1") == 2)
        await stage.pass(.seconds(20))
        #expect(opens(stage, "1") == 6)
        #expect(stage.source.strikes[testID(1)] == 6)
        guard case .fault(let notice)? = stage.cards.painted.last else {
            Issue.record("no error picture")
            return
        }
        #expect(notice.fileName == "1")
        #expect(notice.reason.contains("SIGSEGV"))
        // Then the programme goes on without it, and tries it once more each five minutes.
        await stage.pass(.seconds(200))
        #expect(stage.mediaShown().last == 2)
        #expect(opens(stage, "1") == 6)
        await stage.pass(.seconds(300))
        #expect(opens(stage, "1") == 7)
        try await stage.end()
    }

    @Test func aStallEarnsAStrike() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 60)
        await stage.begin()
        await stage.pass(.seconds(1))
        stage.decoder.fail("1", .stalled(after: .seconds(10)))
        await stage.pass(.seconds(1))
        #expect(stage.source.strikes[testID(1)] == 1)
        #expect(try await stage.status.current?.id == testID(1))
        try await stage.end()
    }

    /// A decoder that stands still takes its time to be found out; the medium goes on from the picture on the glass, meets
    /// the spot again, and what was only shown in parts was not played whole.
    @Test func aSpotAtWhichDecodersStandStillIsMetAgain() async throws {
        let stage = Stage()
        stage.add(
            1,
            ScriptedMedium.moving(width: 64, height: 36, frames: 500).failing(
                .spot(250), .stalled(after: .seconds(10))),
            kind: .video)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(12))
        let beforeFirst = stage.shown().filter { $0.medium == 1 }
        #expect(beforeFirst.contains { $0.frame == 249 })
        await stage.pass(.seconds(60))
        #expect((stage.source.strikes[testID(1)] ?? 0) >= 2)
        #expect(!stage.shown().contains { $0.medium == 1 && $0.frame >= 250 })
        #expect(!stage.source.whole.contains(testID(1)))
        try await stage.end()
    }

    @Test func aBrokenFileIsNamedAndSkipped() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        stage.add(2, ScriptedMedium.photo().failing(.open, .failed(broken)), kind: .image)
        stage.addPhoto(3)
        await stage.begin()
        await stage.pass(.seconds(35))
        // Ten seconds each: the photo, the notice, the other photo, and the first again.
        #expect(stage.mediaShown() == [1, 0, 3, 1])
        #expect(
            stage.cards.painted == [
                .fault(
                    FaultNotice(
                        medium: testID(2), title: "This file cannot be shown", fileName: "2", reason: broken.reason,
                        suggestion: broken.suggestion))
            ])
        #expect(stage.source.strikes.isEmpty)
        try await stage.end()
    }

    @Test func whenAllFailTheCardStaysAndTriesAreRare() async throws {
        let stage = Stage()
        for number in 1...3 {
            stage.add(number, ScriptedMedium.photo().failing(.frame(0), .failed(broken)), kind: .image)
        }
        await stage.begin()
        await stage.pass(.seconds(60))
        #expect(stage.cards.painted.count <= 4)
        let opened = stage.decoder.events.count
        await stage.pass(.seconds(200))
        #expect(stage.decoder.events.count == opened)
        #expect(stage.shown().allSatisfy { $0.medium == 0 })
        await stage.pass(.seconds(3600))
        // Each of them every five minutes.
        #expect(stage.decoder.events.count < opened + 3 * 2 * 13)
        #expect(try await stage.status.state == .idle)
        #expect(try await stage.status.fault?.fileName != nil)
        // One comes that plays.
        stage.addPhoto(4)
        await stage.pass(.seconds(15))
        #expect(stage.mediaShown().contains(4))
        try await stage.end()
    }

    @Test func aMissingDecoderIsNobodysFault() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        stage.decoder.set(
            "1", to: ScriptedMedium.photo().failing(.open, .cannotStart(reason: "vitrine-decoder is not there")))
        await stage.begin()
        await stage.pass(.seconds(600))
        // Back-off 1, 2, 4, … 60 s.
        #expect(opens(stage, "1") >= 12 && opens(stage, "1") <= 17)
        // The card was painted once and stays.
        #expect(stage.cards.painted.count == 1)
        #expect(stage.shown().count == 1)
        stage.decoder.set("1", to: stage.numbered(1, .photo(width: 64, height: 36)))
        await stage.pass(.seconds(60))
        #expect(stage.mediaShown() == [1])
        try await stage.end()
    }

    @Test func aFileThatCannotBeReadSaysSo() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        stage.addPhoto(2)
        stage.source.setUnreadable(1)
        await stage.begin()
        await stage.pass(.seconds(12))
        #expect(stage.mediaShown() == [0, 2])
        guard case .fault(let notice)? = stage.cards.painted.last else {
            Issue.record("no error picture")
            return
        }
        #expect(notice.reason == "The card cannot be read.")
        try await stage.end()
    }

    @Test func aDeathWhileMadeReadyIsRetriedInItsTurn() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(6))
        stage.decoder.hold()
        await stage.pass(.milliseconds(1500))
        stage.decoder.set("2", to: ScriptedMedium.photo().failing(.open, .died(how: "SIGKILL", ownDoing: false)))
        stage.decoder.resume()
        await stage.pass(.seconds(1))
        stage.decoder.set("2", to: stage.numbered(2, .photo(width: 64, height: 36)))
        await stage.pass(.seconds(2))
        #expect(stage.mediaShown() == [1, 2])
        #expect(stage.cards.painted.isEmpty)
        try await stage.end()
    }

    @Test func aSlowDecoderHoldsTheLastPicture() async throws {
        let stage = Stage()
        stage.addVideo(1, seconds: 4)
        stage.addVideo(2, seconds: 4)
        await stage.begin()
        await stage.pass(.milliseconds(500))
        stage.decoder.hold()
        await stage.pass(.seconds(30))
        _ = stage.shown()
        stage.decoder.resume()
        await stage.pass(.seconds(1))
        let shown = stage.shown()
        #expect(shown.count >= 20)
        // It goes on from where it stood, and does not rush after the time that is lost.
        #expect((shown.last?.frame ?? 0) - (shown.first?.frame ?? 0) <= 30)
        try await stage.end()
    }

    @Test func anotherDisplaySizeOpensAgainWhereItWas() async throws {
        let clock = ManualClock()
        let large = PixelSize(width: 128, height: 72)
        let better = ScriptedDriver(name: "drm", size: large, probe: .unusable(reason: "no screen"), clock: clock)
        let recorder = RecordingDriver(inner: better, start: clock.now)
        let stage = Stage(better: recorder, clock: clock)
        stage.addVideo(1, seconds: 60)
        await stage.begin()
        await stage.pass(.seconds(20))
        better.setProbe(.usable)
        await stage.pass(.seconds(60))
        #expect(recorder.lastPlace?.size == large)
        #expect(recorder.lastPlace?.destination == PixelRectangle(large))
        let position = try await stage.status.current?.position ?? .zero
        #expect(abs(position.secondsAsDouble - 20) < 1)
        try await stage.end()
    }

    private func opens(_ stage: Stage, _ name: String) -> Int {
        stage.decoder.events.filter {
            if case .opened(name, _) = $0 { true } else { false }
        }.count
    }
}
