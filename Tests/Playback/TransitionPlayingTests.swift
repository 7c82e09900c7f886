import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Frames
import LinuxSystem
import Logging
import MediaIndex
import MemoryMonitor
import Playback
import Synchronization
import Testing

/// One medium gives way to the next, on 50 refreshes a second; 400 ms are 20 of them.
@Suite struct TransitionPlayingTests {
    private func settings(
        _ kind: TransitionKind = .crossfade, photo: Duration = .seconds(5), _ time: Duration = .milliseconds(400)
    ) -> PlaybackSettings {
        PlaybackSettings(photoTime: photo, transition: kind, transitionTime: time)
    }

    /// The refreshes at which both are seen, or the one that comes in part.
    private func steps(_ refreshes: [Stage.Refresh], to medium: Int) -> [Stage.Refresh] {
        refreshes.filter { refresh in
            refresh.parts.count > 1 || (refresh.alpha(of: medium).map { $0 < 255 } ?? false)
        }
    }

    @Test func photosGoThroughEachOtherAtEachRefresh() async throws {
        let stage = Stage(settings: settings())
        for number in 1...3 { stage.addPhoto(number) }
        await stage.begin()
        await stage.pass(.seconds(30))
        let refreshes = stage.refreshes()
        // The first comes at once.
        #expect(refreshes.first?.parts == [.init(medium: 1, frame: 0, alpha: 255)])
        #expect(refreshes.count >= 1 + 5 * 20)
        for change in 0..<5 {
            let (old, new) = (change % 3 + 1, (change + 1) % 3 + 1)
            let group = Array(refreshes[(1 + 20 * change)..<(21 + 20 * change)])
            // From the moment of a cut on, with each refresh.
            let start = refreshes[0].sequence + 250 * (change + 1)
            #expect(group.map(\.sequence) == Array(start..<start + 20))
            #expect(group.dropLast().allSatisfy { $0.parts.map(\.medium) == [old, new] })
            #expect(group.dropLast().allSatisfy { $0.alpha(of: old) == 255 })
            let alphas = group.compactMap { $0.alpha(of: new) }
            #expect(alphas.count == 20)
            #expect(zip(alphas, alphas.dropFirst()).allSatisfy { $0 < $1 })
            #expect((alphas.first ?? 0) > 0)
            #expect(group.last?.parts == [.init(medium: new, frame: 0, alpha: 255)])
        }
        try await stage.end()
    }

    @Test func nothingWakesAfterwards() async throws {
        let stage = Stage(settings: settings(photo: .seconds(60)))
        stage.addPhoto(1)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(61))
        #expect(stage.refreshes().count == 21)
        await stage.pass(.seconds(30))
        #expect(stage.refreshes().isEmpty)
        #expect(stage.decoder.openSessions.isEmpty)
        try await stage.end()
    }

    /// What moves is on the screen frame by frame as after a cut; of the one before the last picture stands.
    @Test(arguments: [25.0, 50.0, 12.5])
    func aVideoMovesFromTheStart(rate: Double) async throws {
        let stage = Stage(settings: settings())
        stage.addVideo(1, seconds: 4, rate: rate)
        stage.addVideo(2, seconds: 4, rate: rate)
        await stage.begin()
        await stage.pass(.seconds(13))
        let refreshes = stage.refreshes()
        let start = refreshes[0].sequence
        let step = Int(50 / rate)
        let length = Int(4 * rate)
        var seen: [Int] = []
        for refresh in refreshes {
            let front = try #require(refresh.parts.last)
            let number = (refresh.sequence - start) / step
            // At each refresh what would be there with a cut.
            #expect(front.frame == number % length)
            #expect(front.medium == number / length % 2 + 1)
            if refresh.parts.count > 1 { #expect(refresh.parts[0].frame == length - 1) }
            if (refresh.sequence - start) % step == 0 { seen.append(number) }
        }
        #expect(seen == Array(0..<seen.count))
        #expect(seen.count >= 3 * length)
        // And the steps between the frames: each refresh of the first 400 ms.
        let change = steps(refreshes, to: 2).prefix(19).map(\.sequence)
        #expect(change == Array(start + 200..<start + 219))
        #expect(!stage.decoder.events.contains { if case .late = $0 { true } else { false } })
        try await stage.end()
    }

    @Test func throughBlackAVideoBeginsWhereItIsSeen() async throws {
        let stage = Stage(settings: settings(.fadeBlack))
        stage.addPhoto(1)
        stage.addVideo(2, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(14))
        let refreshes = stage.refreshes()
        let start = refreshes[0].sequence
        let down = refreshes.filter { (start + 250..<start + 260).contains($0.sequence) }
        #expect(down.count == 10)
        #expect(down.allSatisfy { $0.alpha(of: 2) == nil })
        let falling = down.map { $0.alpha(of: 1) ?? 0 }
        #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 > $1 })
        #expect(falling.last == 0)
        let up = refreshes.filter { (start + 260..<start + 270).contains($0.sequence) }
        #expect(up.map { $0.parts.first?.frame } == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
        let rising = up.compactMap { $0.alpha(of: 2) }
        #expect(zip(rising, rising.dropFirst()).allSatisfy { $0 < $1 })
        #expect(rising.last == 255)
        // None of its frames is lost, and it ends after its own length: 5 s + 0.2 s + 2 s, and dark into the photo.
        #expect(
            Set(refreshes.filter { $0.sequence < start + 360 }.compactMap { $0.parts.first { $0.medium == 2 }?.frame })
                == Set(0..<50))
        let back = refreshes.first { $0.sequence >= start + 360 }
        #expect(back?.sequence == start + 360)
        #expect(back?.parts.map(\.medium) == [2])
        try await stage.end()
    }

    /// It is as long as with cuts, and no refresh that lies beside a photo's end adds up.
    @Test(arguments: [TransitionKind.cut, .crossfade, .fadeBlack])
    func theProgrammeDoesNotDrift(kind: TransitionKind) async throws {
        // 59.94 refreshes: no photo's time is a whole number of them.
        let stage = Stage(refreshRate: 60_000.0 / 1_001, settings: settings(kind, photo: .seconds(3)))
        for number in 1...3 { stage.addPhoto(number) }
        await stage.begin()
        await stage.pass(.seconds(3_000))
        let refreshes = stage.refreshes()
        var starts: [(medium: Int, time: MonotonicInstant)] = []
        for refresh in refreshes {
            guard let medium = refresh.parts.last?.medium, starts.last?.medium != medium else { continue }
            starts.append((medium, refresh.time))
        }
        #expect(starts.count >= 999)
        let first = try #require(starts.first?.time)
        let length = kind == .fadeBlack ? 220_000_000 : 10_000_000
        for (number, start) in starts.enumerated().dropFirst() {
            #expect(start.medium == number % 3 + 1)
            let ideal = first.advanced(by: .seconds(3) * number)
            #expect(abs(ideal.duration(to: start.time).wholeNanoseconds) <= length)
        }
        try await stage.end()
    }

    // MARK: What is a cut

    @Test func whatAPersonAsksForComesAtOnce() async throws {
        let stage = Stage(settings: settings())
        for number in 1...4 { stage.addPhoto(number) }
        await stage.begin()
        await stage.pass(.seconds(1))
        _ = stage.refreshes()
        try await stage.ask { await $0.next() }
        await stage.pass(.milliseconds(200))
        try await stage.ask { await $0.previous() }
        await stage.pass(.milliseconds(200))
        #expect(try await stage.ask { await $0.show(testID(4)) })
        await stage.pass(.milliseconds(200))
        #expect(stage.refreshes().map(\.parts) == [2, 1, 4].map { [.init(medium: $0, frame: 0, alpha: 255)] })
        // Its time over, the programme goes on by itself.
        await stage.pass(.milliseconds(5_300))
        #expect(steps(stage.refreshes(), to: 1).count == 19)
        try await stage.end()
    }

    @Test func theAppliancesOwnPicturesComeAndGoAtOnce() async throws {
        let stage = Stage(settings: settings())
        await stage.begin()
        await stage.pass(.seconds(1))
        stage.addPhoto(1)
        await stage.pass(.seconds(1))
        let broken = DecodeFailure(code: .broken, reason: "It is cut off.", suggestion: "Upload it again.")
        stage.add(2, ScriptedMedium.photo().failing(.open, .failed(broken)), kind: .image)
        await stage.pass(.seconds(7))
        #expect(stage.refreshes().map { $0.parts.map(\.medium) } == [[0], [1], [0]])
        stage.source.remove(2)
        await stage.pass(.seconds(1))
        #expect(stage.refreshes().map { $0.parts.map(\.medium) } == [[1]])
        try await stage.end()
    }

    @Test func oneThatGoesOnAloneIsNotFaded() async throws {
        let stage = Stage(settings: settings())
        stage.addVideo(1, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(9))
        #expect(stage.refreshes().allSatisfy { $0.parts.map(\.alpha) == [255] })
        try await stage.end()
    }

    // MARK: In the middle of it

    /// 200 ms after the time of the first photo.
    private func inTheMiddle(_ stage: Stage) async {
        await stage.begin()
        await stage.pass(.milliseconds(5_220))
        let refreshes = stage.refreshes()
        #expect(refreshes.last?.parts.map(\.medium) == [1, 2])
    }

    @Test func aPauseLetsItEnd() async throws {
        for isVideo in [false, true] {
            let stage = Stage(settings: settings())
            stage.addPhoto(1)
            if isVideo { stage.addVideo(2, seconds: 6) } else { stage.addPhoto(2) }
            await inTheMiddle(stage)
            try await stage.ask { await $0.pause() }
            await stage.pass(.seconds(20))
            let rest = stage.refreshes()
            #expect(rest.last?.parts.map(\.medium) == [2])
            #expect(rest.last?.parts.map(\.alpha) == [255])
            #expect(rest.count >= 5 && rest.count <= 11)
            #expect(stage.executor.clock.nextDeadline == nil)
            try await stage.ask { await $0.resume() }
            await stage.pass(.seconds(1))
            #expect(stage.refreshes().allSatisfy { $0.parts.map(\.alpha) == [255] })
            try await stage.end()
        }
    }

    @Test func whatAPersonAsksForEndsIt() async throws {
        let stage = Stage(settings: settings())
        for number in 1...3 { stage.addPhoto(number) }
        await inTheMiddle(stage)
        try await stage.ask { await $0.next() }
        await stage.pass(.seconds(2))
        #expect(stage.refreshes().last?.parts == [.init(medium: 3, frame: 0, alpha: 255)])
        #expect(stage.decoder.openSessions.isEmpty)
        try await stage.end()
    }

    @Test func whatComesIsDeletedMeanwhile() async throws {
        let stage = Stage(settings: settings())
        for number in 1...3 { stage.addPhoto(number) }
        await inTheMiddle(stage)
        stage.source.remove(2)
        await stage.pass(.seconds(1))
        #expect(stage.refreshes().last?.parts == [.init(medium: 3, frame: 0, alpha: 255)])
        try await stage.end()
    }

    @Test(arguments: [true, false])
    func aDisplayThatGoesAwayTakesNothingWithIt(isSameSize: Bool) async throws {
        let clock = ManualClock()
        let size = isSameSize ? Stage.screen : PixelSize(width: 128, height: 72)
        let better = ScriptedDriver(name: "drm", size: size, refreshRate: 50, clock: clock)
        let stage = Stage(settings: settings(), better: better, clock: clock)
        stage.addPhoto(1)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.milliseconds(5_220))
        better.setProbe(.unusable(reason: "no screen"))
        better.setOpenError("no screen")
        await better.unplug("unplugged")
        await stage.pass(.seconds(2))
        #expect(stage.refreshes().last?.parts == [.init(medium: 2, frame: 0, alpha: 255)])
        // The time of what is shown goes on as it was.
        await stage.pass(.milliseconds(2_700))
        #expect(stage.refreshes().isEmpty)
        await stage.pass(.milliseconds(700))
        #expect(stage.refreshes().last?.parts == [.init(medium: 1, frame: 0, alpha: 255)])
        try await stage.end()
    }

    @Test func aSlowDecoderHoldsNoneUp() async throws {
        let stage = Stage(settings: settings())
        stage.addPhoto(1)
        stage.addVideo(2, seconds: 6)
        await inTheMiddle(stage)
        stage.decoder.hold()
        await stage.pass(.seconds(1))
        let rest = stage.refreshes()
        #expect(rest.last?.parts.map(\.alpha) == [255])
        #expect(rest.last?.parts.map(\.medium) == [2])
        stage.decoder.resume()
        await stage.pass(.seconds(2))
        #expect(stage.refreshes().count > 20)
        try await stage.end()
    }

    @Test func aMessageLiesAbove() async throws {
        let stage = Stage(settings: settings())
        stage.addPhoto(1)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(4))
        try await stage.ask { await $0.post(ScreenMessage(key: "a", severity: .critical, title: "It is hot.")) }
        await stage.pass(.milliseconds(500))
        _ = stage.refreshes()
        await stage.pass(.seconds(1))
        let refreshes = stage.refreshes()
        #expect(refreshes.count == 20)
        #expect(refreshes.dropLast().allSatisfy { $0.parts.map(\.medium) == [1, 2, 0] })
        #expect(refreshes.last?.parts.map(\.medium) == [2, 0])
        try await stage.end()
    }

    // MARK: Memory

    @Test func whereMemoryIsShortItIsACut() async throws {
        let clock = ManualClock()
        let available = Mutex(300)
        let monitor = MemoryMonitor(
            clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { () throws(MemoryReaderError) in
            MemoryReading(available: available.withLock { $0 } << 20, total: 426 << 20)
        }
        let stage = Stage(settings: settings(), clock: clock, memory: monitor)
        let watching = Task(executorPreference: stage.executor) { try await monitor.run() }
        for number in 1...3 { stage.addPhoto(number) }
        await stage.begin()
        // In the middle of a long one it is cut short.
        try await stage.ask {
            await $0.update(
                PlaybackSettings(photoTime: .seconds(5), transition: .crossfade, transitionTime: .seconds(2)))
        }
        await stage.pass(.milliseconds(5_100))
        #expect(stage.refreshes().last?.parts.map(\.medium) == [1, 2])
        available.withLock { $0 = 100 }
        await stage.pass(.milliseconds(1_200))
        #expect(stage.refreshes().last?.parts == [.init(medium: 2, frame: 0, alpha: 255)])
        await stage.pass(.seconds(6))
        #expect(stage.refreshes().map { $0.parts.map(\.medium) } == [[3]])
        available.withLock { $0 = 300 }
        await stage.pass(.seconds(9))
        #expect(stage.refreshes().contains { $0.parts.map(\.medium) == [1, 2] })
        watching.cancel()
        try await stage.executor.value(of: watching)
        try await stage.end()
    }
}
