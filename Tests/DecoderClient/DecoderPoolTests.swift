import DecoderProtocol
import Frames
import LinuxSystem
import Testing

@testable import DecoderClient

@Suite(.timeLimit(.minutes(1))) struct DecoderPoolTests {
    @Test func playsAVideoInOrderToItsEnd() async throws {
        let fixture = try PoolFixture(.init(frames: 100))
        let session = try await fixture.open()
        #expect(session.description == FakeDecoder.video)
        #expect(try await session.numbers() == Array(0..<100))
        #expect(try await session.nextFrame() == nil)
    }

    @Test func tellsTimes() async throws {
        let fixture = try PoolFixture(.init(frames: 2))
        let session = try await fixture.open()
        let first = try #require(try await session.nextFrame())
        let second = try #require(try await session.nextFrame())
        #expect(first.discontinuity && !second.discontinuity)
        #expect(second.presentationTime == .milliseconds(40))
        #expect(second.duration == .milliseconds(40))
    }

    @Test func lendsNoMoreThanItsBuffers() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        var held: [DecodedFrame] = []
        for _ in 0..<3 { held.append(try #require(try await session.nextFrame())) }
        let peer = try fixture.peer()
        #expect(peer.framesSent == 3)
        let waiting = Task { try await session.nextFrame().map { number(in: $0.frame) } }
        held.removeFirst()
        #expect(try await waiting.value == 3)
        // The same three buffers go round.
        #expect(Set(peer.lentBuffers).count == 3)
    }

    @Test func aFrameThatIsKeptHasItsBufferForItself() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        var kept: [DecodedFrame] = []
        for _ in 0..<8 {
            let next = try #require(try await session.nextFrame())
            await session.keep(next.frame)
            // Once more changes nothing.
            await session.keep(next.frame)
            kept.append(next)
        }
        #expect(kept.map { number(in: $0.frame) } == Array(0..<8))
        #expect(Set(kept.map(\.frame.buffer.id)).count == 8)
        // What is not kept goes round, as ever: three buffers, and none of those that are kept.
        let peer = try fixture.peer()
        #expect(try await session.numbers(limit: 9) == Array(8..<17))
        // Of those that are kept the decoder has let go.
        try await until { peer.lentBuffers.count == 3 }
        #expect(Set(peer.lentBuffers).isDisjoint(with: kept.map(\.frame.buffer.id)))
        #expect(kept.map { number(in: $0.frame) } == Array(0..<8))
        await session.close()
        await session.keep(kept[0].frame)
        #expect(kept.map { number(in: $0.frame) } == Array(0..<8))
    }

    @Test func whatIsReadyIsTakenWithoutWaiting() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        let held = try #require(try await session.nextFrame())
        var ready: [DecodedFrame] = []
        try await until {
            if let next = try await session.readyFrame() { ready.append(next) }
            return ready.count == 2
        }
        #expect(try await session.readyFrame()?.iteration == nil)
        #expect(([held] + ready).map { number(in: $0.frame) } == [0, 1, 2])
        await session.close()
        #expect(await failure { _ = try await session.readyFrame() } == .closed)
    }

    @Test func aPhotoGetsOneBufferAndEnds() async throws {
        let fixture = try PoolFixture(.init(medium: FakeDecoder.photo))
        let session = try await fixture.open()
        #expect(try await session.numbers() == [0])
        let peer = try fixture.peer()
        #expect(peer.lentBuffers.count == 1)
        // A frame that went is not lent again.
        await session.close()
        try await until { peer.requests.last == .close(session: peer.session) }
        #expect(peer.requests.count { if case .lend = $0 { true } else { false } } == 1)
    }

    @Test func aRefusalLeavesTheProcessWell() async throws {
        let failure = DecodeFailure(code: .broken, reason: "cut off", suggestion: "copy it again")
        let fixture = try PoolFixture(
            .init(answer: { request, peer in
                guard case .open(1, _) = request else { return false }
                peer.send(.failed(session: 1, failure))
                return true
            }))
        await #expect(throws: DecoderError.failed(failure)) { try await fixture.open() }
        let session = try await fixture.open()
        #expect(try await session.numbers(limit: 5) == Array(0..<5))
        #expect(fixture.launcher.started.count == 1)
        #expect(await fixture.pool.status.deaths == 0)
    }

    @Test func framesComeBeforeTheFailureThatFollowedThem() async throws {
        let failure = DecodeFailure(code: .broken, reason: "cut off", suggestion: "copy it again")
        let fixture = try PoolFixture(
            .init(answer: { request, peer in
                guard case .lend(let session, _, _) = request, peer.framesSent == 2 else { return false }
                peer.send(.failed(session: session, failure))
                return true
            }))
        let session = try await fixture.open()
        var held: [DecodedFrame] = []
        for _ in 0..<2 { held.append(try #require(try await session.nextFrame())) }
        await #expect(throws: DecoderError.failed(failure)) { try await session.nextFrame() }
        await #expect(throws: DecoderError.failed(failure)) { try await session.nextFrame() }
        #expect(held.map { number(in: $0.frame) } == [0, 1])
    }

    @Test(.timeLimit(.minutes(1))) func framesOutliveSessionAndPool() async throws {
        var frame: Frame?
        weak var memory: MemoryFile?
        do {
            let fixture = try PoolFixture()
            let session = try await fixture.open()
            frame = try await session.nextFrame()?.frame
            memory = frame?.buffer.memory
            await session.close()
            await fixture.pool.shutDown()
        }
        #expect(frame.flatMap(number(in:)) == 0)
        frame = nil
        // Another thread may be about to let go of it.
        try await until { memory == nil }
    }

    @Test func losingTheSessionClosesIt() async throws {
        let fixture = try PoolFixture()
        do {
            let session = try await fixture.open()
            #expect(try await session.numbers(limit: 1) == [0])
        }
        let peer = try fixture.peer()
        try await until { peer.requests.contains(.close(session: peer.session)) }
        #expect(await fixture.pool.status.processes.map(\.medium) == [nil])
    }

    @Test func aClosedSessionSaysSo() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        await session.close()
        await session.close()
        await #expect(throws: DecoderError.closed) { try await session.nextFrame() }
        await #expect(throws: DecoderError.closed) { try await session.thumbnail(size: .init(width: 9, height: 9)) }
    }

    @Test func passesOnWhatIsLate() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        await session.late(before: 123)
        let peer = try fixture.peer()
        try await until { peer.requests.contains(.late(session: peer.session, position: 123)) }
    }

    @Test func makesThumbnails() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open(.intake)
        #expect(try await session.thumbnail(size: PixelSize(width: 32, height: 32)) == [0xFF, 0xD8, 0xFF, 0xD9])
        #expect(try await session.thumbnail(size: PixelSize(width: 32, height: 32)).count == 4)
        // What is only looked at is lent no buffer for frames.
        let peer = try fixture.peer()
        #expect(peer.lentBuffers.isEmpty)
        #expect(try await session.numbers(limit: 4) == Array(0..<4))
    }

    @Test func refusesThumbnailsOfNoSize() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open(.intake)
        let error = await failure { _ = try await session.thumbnail(size: PixelSize(width: 0, height: 5)) }
        #expect(error?.failureCode == .misuse)
    }

    @Test func checksWithProgress() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open(.intake)
        let (progress, report) = AsyncStream<Double>.makeStream()
        let found = try await session.check(seconds: 5) { report.yield($0) }
        report.finish()
        #expect(found == CheckReport(frames: 25, decodeRate: 100, partial: false))
        #expect(await progress.reduce(into: []) { $0.append($1) } == [0.5])
    }

    @Test func tellsItsStatus() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open(name: "holiday")
        let status = await fixture.pool.status
        #expect(
            status
                == DecoderStatus(
                    processes: [
                        .init(
                            role: .current, processID: 1_000, sandbox: SandboxReport(landlock: "none here"),
                            medium: "holiday")
                    ], deaths: 0))
        await session.close()
    }

    @Test func skipsWhatItDoesNotKnow() async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, peer in
                peer.send([0xFE, 0xCA, 2, 0, 0, 0, 1, 2])
                // An answer about a session that is over says nothing either.
                if case .lend = request { peer.send(.ended(session: 999)) }
                return false
            }))
        let session = try await fixture.open()
        #expect(try await session.numbers(limit: 3) == [0, 1, 2])
    }
}
