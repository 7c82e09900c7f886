import DecoderClient
import DecoderProtocol
import LinuxSystem
import Logging
import MediaIndex
import MemoryMonitor
import Playback
import Synchronization
import Testing

/// The player with a cache. A frame of video has 3,456 bytes on the stage, as planes.
@Suite struct CachedPlayingTests {
    private static let frame = 3_456

    private func opened(_ stage: Stage, _ name: String) -> Int {
        stage.decoder.events.count {
            if case .opened(name, _) = $0 { true } else { false }
        }
    }

    /// Every frame, in order, at its time.
    private func expectSteady(_ shown: [Stage.Shown], every gap: Int, of length: Int) {
        for (first, second) in zip(shown, shown.dropFirst()) {
            #expect(second.milliseconds - first.milliseconds == gap)
            #expect(second.frame == (first.frame + 1) % length)
        }
    }

    @Test func aLoopThatFitsIsDecodedOnce() async throws {
        let cache = FrameCache(budget: 1 << 20)
        let stage = Stage(cache: cache)
        stage.addVideo(1, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(3))
        #expect(stage.decoder.openSessions.isEmpty)
        await stage.pass(.seconds(57))
        let shown = stage.shown()
        #expect(shown.count >= 1_498)
        expectSteady(shown, every: 40, of: 50)
        #expect(stage.decoder.events == [.opened(name: "1", role: .current), .closed(name: "1")])
        let status = cache.status
        #expect(status.frames == 50)
        #expect(status.used == 50 * Self.frame)
        #expect(status.misses == 50 || status.misses == 51)
        #expect(status.hits + status.misses >= shown.count)
        try await stage.end()
    }

    @Test func anAnimationAndPhotosNeedNoDecoderTheSecondTime() async throws {
        let stage = Stage(cache: FrameCache(budget: 1 << 20))
        stage.addAnimation(1, seconds: 3)
        stage.addPhoto(2, seconds: 5)
        stage.addPhoto(3, seconds: 5)
        await stage.begin()
        // 12 + 5 + 5 s
        await stage.pass(.seconds(22 * 10 - 1))
        let shown = stage.shown()
        #expect(shown.filter { $0.medium == 1 }.count == 1_200)
        #expect(shown.filter { $0.medium == 2 }.count == 10)
        for name in ["1", "2", "3"] { #expect(opened(stage, name) == 1) }
        #expect(stage.decoder.openSessions.isEmpty)
        let start = shown[0].milliseconds
        #expect(
            shown.filter { $0.medium == 3 }.map { $0.milliseconds - start } == (0..<10).map { 22_000 * $0 + 17_000 })
        try await stage.end()
    }

    @Test func oneThatDoesNotFitPlaysAsWithout() async throws {
        let cache = FrameCache(budget: 40 * Self.frame)
        let stage = Stage(cache: cache)
        stage.addVideo(1, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(20))
        expectSteady(stage.shown(), every: 40, of: 50)
        #expect(stage.decoder.events == [.opened(name: "1", role: .current)])
        #expect(cache.status.used == 0)
        #expect(cache.status.hits == 0)
        try await stage.end()
    }

    @Test func aLongerOneThanItSaysIsGivenUpWhole() async throws {
        let cache = FrameCache(budget: 40 * Self.frame)
        let stage = Stage(cache: cache)
        var medium = ScriptedMedium.moving(.animation, width: 64, height: 36, frames: 50, framesPerSecond: 25)
        medium.description.durationNanoseconds = nil
        stage.add(1, medium, kind: .animation)
        await stage.begin()
        await stage.pass(.seconds(20))
        expectSteady(stage.shown(), every: 40, of: 50)
        #expect(cache.status.used == 0)
        // Tried once: then it is known how many there are.
        #expect(cache.status.evictions <= 31)
        try await stage.end()
    }

    @Test func whatMemoryTakesComesFromADecoderAgain() async throws {
        let cache = FrameCache(budget: 1 << 20)
        let stage = Stage(cache: cache)
        stage.addVideo(1, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(7))
        #expect(stage.decoder.openSessions.isEmpty)
        cache.follow(state(.critical, megabytes: 10))
        // All but what is on the screen and about to be.
        #expect(cache.status.used <= 3 * Self.frame)
        #expect(cache.status.frames == 0)
        await stage.pass(.seconds(5))
        #expect(stage.decoder.openSessions.count == 1)
        #expect(opened(stage, "1") == 2)
        cache.follow(state(.normal, megabytes: 300))
        await stage.pass(.seconds(6))
        #expect(stage.decoder.openSessions.isEmpty)
        #expect(cache.status.frames == 50)
        // Nothing was seen of all this.
        expectSteady(stage.shown(), every: 40, of: 50)
        try await stage.end()
    }

    private func state(_ level: MemoryLevel, megabytes: Int) -> MemoryState {
        MemoryState(level: level, reading: MemoryReading(available: megabytes << 20, total: 426 << 20))
    }

    @Test func theMonitorsWordTakesAndGives() async throws {
        let clock = ManualClock()
        let available = Mutex(300)
        let monitor = MemoryMonitor(
            clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { () throws(MemoryReaderError) in
            MemoryReading(available: available.withLock { $0 } << 20, total: 426 << 20)
        }
        let cache = FrameCache()
        let stage = Stage(clock: clock, cache: cache, memory: monitor)
        let watching = Task(executorPreference: stage.executor) { try await monitor.run() }
        stage.addVideo(1, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(10))
        #expect(cache.status.frames == 50)
        available.withLock { $0 = 60 }
        await stage.pass(.seconds(1))
        #expect(cache.status.frames == 0)
        available.withLock { $0 = 300 }
        await stage.pass(.seconds(10))
        #expect(cache.status.frames == 50)
        expectSteady(stage.shown(), every: 40, of: 50)
        watching.cancel()
        try await stage.executor.value(of: watching)
        try await stage.end()
    }

    /// The decoder takes 180 ms to begin again: without the head, a gap in each round.
    @Test(arguments: [true, false])
    func theHeadBridgesARestart(hasCache: Bool) async throws {
        let cache = FrameCache(budget: hasCache ? 40 * Self.frame : 0)
        let stage = Stage(cache: cache)
        var medium = ScriptedMedium.moving(.video, width: 64, height: 36, frames: 50, framesPerSecond: 25)
        medium.restartTime = .milliseconds(180)
        stage.add(1, medium, kind: .video)
        await stage.begin()
        await stage.pass(.seconds(20))
        let shown = stage.shown()
        #expect(shown.count > 400)
        let gaps = zip(shown, shown.dropFirst()).map { $1.milliseconds - $0.milliseconds }
        if hasCache {
            expectSteady(shown, every: 40, of: 50)
            #expect(cache.status.frames > 0)
            #expect(cache.status.frames <= HeadFrames.most)
            #expect(stage.decoder.openSessions.count == 1)
        } else {
            #expect(gaps.contains { $0 > 40 })
        }
        try await stage.end()
    }

    private enum HeadFrames { static let most = 16 }

    @Test func aPauseAndAJumpKeepTheOrder() async throws {
        let stage = Stage(cache: FrameCache(budget: 2 << 20))
        stage.addVideo(1, seconds: 2)
        stage.addVideo(2, seconds: 2)
        await stage.begin()
        await stage.pass(.seconds(9))
        try await stage.ask { await $0.pause() }
        await stage.pass(.milliseconds(100))
        let before = try #require(stage.shown().last)
        await stage.pass(.seconds(100))
        #expect(stage.shown().isEmpty)
        try await stage.ask { await $0.resume() }
        await stage.pass(.milliseconds(500))
        #expect(stage.shown().first?.frame == (before.frame + 1) % 50)
        try await stage.ask { await $0.next() }
        await stage.pass(.milliseconds(500))
        let after = stage.shown()
        #expect(after.last?.medium != before.medium)
        #expect(after.first { $0.medium != before.medium }?.frame == 0)
        #expect(stage.decoder.openSessions.isEmpty)
        try await stage.end()
    }

    @Test func whatIsDeletedLeavesTheCache() async throws {
        let cache = FrameCache(budget: 2 << 20)
        let stage = Stage(cache: cache)
        stage.addPhoto(1)
        stage.addPhoto(2)
        await stage.begin()
        await stage.pass(.seconds(15))
        #expect(cache.status.frames == 2)
        stage.source.remove(1)
        await stage.pass(.seconds(1))
        #expect(cache.status.frames == 1)
        try await stage.end()
        #expect(cache.status.frames == 1)
    }

    @Test func aDecoderThatDiesWhileItIsCollectedFromLeavesNothing() async throws {
        let cache = FrameCache(budget: 2 << 20)
        let stage = Stage(cache: cache)
        stage.addVideo(1, seconds: 4)
        await stage.begin()
        await stage.pass(.seconds(2))
        #expect(cache.status.frames > 40)
        stage.decoder.fail("1", .died(how: "killed", ownDoing: false))
        await stage.pass(.milliseconds(200))
        #expect(cache.status.frames == 0)
        await stage.pass(.seconds(8))
        #expect(cache.status.frames == 100)
        #expect(stage.decoder.openSessions.isEmpty)
        try await stage.end()
    }
}
