import DecoderProtocol
import Frames
import LinuxSystem
import Supervision
import Testing

@testable import DecoderClient

/// Which process does what, and when it ends.
@Suite(.timeLimit(.minutes(1))) struct DecoderRoleTests {
    @Test func promotionLosesNoFrame() async throws {
        let fixture = try PoolFixture()
        let current = try await fixture.open(.current, name: "a")
        let next = try await fixture.open(.next, name: "b")
        #expect(fixture.launcher.started.count == 2)
        let peer = try fixture.peer(1)
        // What waits has fewer buffers than what plays.
        try await until { peer.framesSent == 2 }
        #expect(peer.lentBuffers.count == 2)
        #expect(try await current.numbers(limit: 5) == Array(0..<5))
        #expect(try await next.numbers(limit: 1) == [0])
        await next.promote()
        #expect(try await next.numbers(limit: 20) == Array(1..<21))
        #expect(peer.lentBuffers.count == 3)
        #expect(peer.requests.contains(.role(.current)))
        #expect(try fixture.peer(0).requests.contains(.role(.next)))
        // The one that fades out still has its frames.
        #expect(try await current.numbers(limit: 5) == Array(5..<10))
        let roles = await fixture.pool.status.processes.map { [$0.medium: $0.role] }
        #expect(roles == [["a": .next], ["b": .current]])
    }

    @Test func afterAPromotionTheOldProcessTakesTheNextMedium() async throws {
        let fixture = try PoolFixture()
        var current = try await fixture.open(.current, name: "0")
        for index in 1...6 {
            let next = try await fixture.open(.next, name: "\(index)")
            await next.promote()
            await current.close()
            current = next
            #expect(try await current.numbers(limit: 2) == [0, 1])
        }
        #expect(fixture.launcher.started.count == 2)
    }

    @Test func photosNeedOneProcess() async throws {
        let fixture = try PoolFixture(.init(medium: FakeDecoder.photo))
        var session = try await fixture.open(.current)
        for _ in 0..<5 {
            #expect(try await session.numbers() == [0])
            await session.close()
            session = try await fixture.open(.next)
            await session.promote()
        }
        #expect(fixture.launcher.started.count == 1)
        #expect(await fixture.pool.status.processes.map(\.role) == [.current])
    }

    @Test func openingClosesWhatWasOpenInTheRole() async throws {
        let fixture = try PoolFixture()
        let first = try await fixture.open()
        let second = try await fixture.open()
        await #expect(throws: DecoderError.closed) { try await first.nextFrame() }
        #expect(try await second.numbers(limit: 2) == [0, 1])
        #expect(fixture.launcher.started.count == 1)
    }

    @Test func intakeWaitsItsTurn() async throws {
        let fixture = try PoolFixture()
        let first = try await fixture.open(.intake, name: "first")
        let second = Task { try await fixture.open(.intake, name: "second") }
        let third = Task { try await fixture.open(.intake, name: "third") }
        third.cancel()
        await #expect(throws: DecoderError.cancelled) { try await third.value }
        #expect(try await first.numbers(limit: 3) == [0, 1, 2])
        #expect(await fixture.pool.status.processes.map(\.medium) == ["first"])
        await first.close()
        let session = try await second.value
        #expect(try await session.numbers(limit: 3) == [0, 1, 2])
        #expect(await fixture.pool.status.processes.map(\.medium) == ["second"])
    }

    @Test func aDeathEndsTheTurn() async throws {
        let fixture = try PoolFixture()
        let first = try await fixture.open(.intake)
        let second = Task { try await fixture.open(.intake) }
        try fixture.peer().die(.signal(9))
        #expect(try await second.value.numbers(limit: 1) == [0])
        await #expect(throws: DecoderError.died(how: "SIGKILL", ownDoing: false)) { _ = try await first.numbers() }
    }

    @Test func anIdleProcessEnds() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        await session.close()
        let peer = try fixture.peer()
        try await fixture.pass(.seconds(10))
        try await until { await fixture.pool.status.processes.isEmpty }
        #expect(!peer.wasKilled)
        try await until { peer.hasEnded }
        #expect(await fixture.pool.status.deaths == 0)
    }

    @Test func aProcessAtWorkDoesNotEnd() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        let peer = try fixture.peer()
        for count in 1...30 {
            #expect(try await session.numbers(limit: 1).count == 1)
            // The buffer went back, and the next frame came.
            try await until { peer.framesSent == count + 3 }
            try await until { await !fixture.pool.isOwed }
            fixture.clock.advance(by: .seconds(5))
        }
        #expect(fixture.launcher.started.count == 1)
        #expect(await fixture.pool.status.deaths == 0)
    }

    @Test func oneThatDoesNotLeaveIsKilled() async throws {
        let fixture = try PoolFixture(.init(obeys: false))
        let session = try await fixture.open()
        await session.close()
        let peer = try fixture.peer()
        try await fixture.pass(.seconds(10))
        try await until { await fixture.pool.status.processes.isEmpty }
        #expect(!peer.wasKilled)
        try await fixture.pass(.milliseconds(800))
        try await until { peer.wasKilled }
        try await until { await fixture.pool.hasNoProcess }
        // It was to go: no death.
        #expect(await fixture.pool.status.deaths == 0)
    }

    @Test func cancellingAFrameLeavesTheSession() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        var held: [DecodedFrame] = []
        for _ in 0..<3 { held.append(try #require(try await session.nextFrame())) }
        let waiting = Task { try await session.nextFrame() }
        waiting.cancel()
        await #expect(throws: DecoderError.cancelled) { try await waiting.value }
        held = []
        #expect(try await session.numbers(limit: 2) == [3, 4])
    }

    @Test func cancellingAnOpeningClosesIt() async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, _ in if case .open(1, _) = request { true } else { false } }))
        let opening = Task { try await fixture.open() }
        try await until { await fixture.pool.isOwed }
        opening.cancel()
        await #expect(throws: DecoderError.cancelled) { try await opening.value }
        let peer = try fixture.peer()
        try await until { peer.requests.contains(.close(session: 1)) }
        #expect(try await fixture.open().numbers(limit: 1) == [0])
        #expect(fixture.launcher.started.count == 1)
    }

    @Test func cancellingACheckClosesTheSession() async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, _ in if case .check = request { true } else { false } }))
        let session = try await fixture.open(.intake)
        let checking = Task { try await session.check(seconds: 60) { _ in } }
        let peer = try fixture.peer()
        try await until { peer.requests.contains { if case .check = $0 { true } else { false } } }
        checking.cancel()
        await #expect(throws: DecoderError.cancelled) { try await checking.value }
        try await until { peer.requests.contains(.close(session: 1)) }
        #expect(try await fixture.open(.intake).numbers(limit: 1) == [0])
    }

    @Test func shuttingDownEndsEverything() async throws {
        let fixture = try PoolFixture()
        let current = try await fixture.open(.current)
        let next = try await fixture.open(.next)
        let waiting = Task { try await current.numbers() }
        await fixture.pool.shutDown()
        await #expect(throws: DecoderError.closed) { try await waiting.value }
        await #expect(throws: DecoderError.closed) { try await next.nextFrame() }
        #expect(fixture.launcher.started.allSatisfy { $0.hasEnded })
        await #expect(throws: DecoderError.cannotStart(reason: "the daemon is stopping")) { try await fixture.open() }
    }

    @Test func shuttingDownKillsWhatHangs() async throws {
        let fixture = try PoolFixture(.init(obeys: false))
        let session = try await fixture.open()
        let ending = Task { await fixture.pool.shutDown() }
        try await until { await fixture.pool.isStopping }
        try await fixture.pass(.seconds(1))
        await ending.value
        #expect(try fixture.peer().wasKilled)
        _ = session
    }

    @Test func shuttingDownLeavesBehindWhatNothingEnds() async throws {
        let fixture = try PoolFixture(.init(obeys: false, isUnkillable: true))
        let session = try await fixture.open()
        let ending = Task { await fixture.pool.shutDown() }
        try await until { await fixture.pool.isStopping }
        let peer = try fixture.peer()
        try await fixture.pass(.milliseconds(800))
        try await until { peer.wasKilled }
        try await fixture.pass(.seconds(1))
        await ending.value
        #expect(!peer.hasEnded)
        peer.die(.exited(status: 1))
        _ = session
    }

    @Test func theServiceEndsWithItsTask() async throws {
        let fixture = try PoolFixture()
        let service = Task { try await fixture.pool.run() }
        let session = try await fixture.open()
        service.cancel()
        try await service.value
        #expect(try fixture.peer().hasEnded)
        await #expect(throws: DecoderError.closed) { try await session.nextFrame() }
    }

    @Test func losingThePoolEndsItsProcesses() async throws {
        let peer: FakeDecoder
        do {
            let fixture = try PoolFixture()
            _ = try await fixture.open().numbers(limit: 2)
            peer = try fixture.peer()
        }
        try await until { peer.hasEnded }
    }
}

extension DecoderPool {
    /// When the first process is taken to stand still; nil when none owes anything.
    var stallDeadline: MonotonicInstant? { processes.values.compactMap(\.watch.deadline).min() }
    var jobDeadline: MonotonicInstant? { sessions.values.compactMap(\.jobDeadline).min() }
    var hasNoProcess: Bool { processes.isEmpty }
    var isOwed: Bool { stallDeadline != nil }
}
