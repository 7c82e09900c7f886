import DecoderProtocol
import Frames
import LinuxSystem
import Supervision
import SystemPackage
import Testing

@testable import DecoderClient

#if canImport(Glibc)
    import Glibc
#endif

/// Decoders that die, stand still or lie.
@Suite(.timeLimit(.minutes(1))) struct DecoderFaultTests {
    @Test(arguments: [
        (ExitCause.signal(SIGSEGV), "SIGSEGV", true), (.signal(SIGKILL), "SIGKILL", false),
        (.outOfMemory, "out of memory: it needed more than its limit", true),
        (.exited(status: 0), "exit status 0", false), (.exited(status: 1), "exit status 1", false),
    ])
    func aDeathIsTold(cause: ExitCause, how: String, ownDoing: Bool) async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        var held: [DecodedFrame] = []
        for _ in 0..<3 { held.append(try #require(try await session.nextFrame())) }
        try fixture.peer().die(cause)
        await #expect(throws: DecoderError.died(how: how, ownDoing: ownDoing)) { try await session.nextFrame() }
        let status = await fixture.pool.status
        #expect(status == DecoderStatus(processes: [], deaths: 1))
        // The next one is well.
        let next = try await fixture.open()
        #expect(try await next.numbers(limit: 3) == [0, 1, 2])
    }

    @Test func framesThatCameBeforeTheDeathAreNotLost() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        let peer = try fixture.peer()
        try await until { peer.framesSent == 3 }
        peer.die(.signal(SIGSEGV))
        var held: [DecodedFrame] = []
        for expected in 0..<3 {
            let decoded = try #require(try await session.nextFrame())
            #expect(number(in: decoded.frame) == expected)
            held.append(decoded)
        }
        await #expect(throws: DecoderError.died(how: "SIGSEGV", ownDoing: true)) { try await session.nextFrame() }
    }

    @Test func anIdleProcessMayDie() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        await session.close()
        try fixture.peer().die(.signal(SIGKILL))
        try await until { await fixture.pool.status.processes.isEmpty }
        #expect(await fixture.pool.status.deaths == 1)
        let next = try await fixture.open()
        #expect(try await next.numbers(limit: 1) == [0])
    }

    @Test func silenceIsAStall() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        let peer = try fixture.peer()
        try await until { peer.framesSent == 3 }
        peer.freeze()
        // What has come is there; letting go of it makes the decoder owe.
        #expect(try await session.numbers(limit: 3) == [0, 1, 2])
        let waiting = Task { try await session.nextFrame() }
        try await until { await fixture.pool.isOwed }
        try await fixture.pass(.seconds(10))
        await #expect(throws: DecoderError.stalled(after: .seconds(10))) { try await waiting.value }
        #expect(peer.wasKilled)
        #expect(await fixture.pool.status.deaths == 1)
    }

    @Test func whoIsOwedNothingMayWaitForAnHour() async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open()
        var held: [DecodedFrame] = []
        for _ in 0..<3 { held.append(try #require(try await session.nextFrame())) }
        try fixture.peer().freeze()
        for _ in 0..<360 { fixture.clock.advance(by: .seconds(10)) }
        #expect(await !fixture.pool.isOwed)
        #expect(await fixture.pool.status.deaths == 0)
        #expect(held.count == 3)
        _ = session
    }

    @Test func anOpeningMayStall() async throws {
        let fixture = try PoolFixture(.init(answer: { request, _ in if case .open = request { true } else { false } }))
        let opening = Task { try await fixture.open() }
        try await until { await fixture.pool.isOwed }
        try await fixture.pass(.seconds(10))
        await #expect(throws: DecoderError.stalled(after: .seconds(10))) { try await opening.value }
    }

    /// A slow board at work on a large photo, beside a decoder that plays, says nothing for long.
    @Test func intakeIsGivenMorePatience() async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, _ in if case .thumbnail = request { true } else { false } }))
        let session = try await fixture.open(.intake)
        let making = Task { try await session.thumbnail(size: PixelSize(width: 32, height: 32)) }
        try await until { await fixture.pool.isOwed }
        #expect(await fixture.pool.stallDeadline == fixture.clock.now.advanced(by: .seconds(60)))
        try await fixture.pass(.seconds(60))
        await #expect(throws: DecoderError.stalled(after: .seconds(60))) { try await making.value }
    }

    /// A check that is refused leaves nothing behind that could end the one that runs.
    @Test func aRefusedCheckChangesNothing() async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, _ in if case .check = request { true } else { false } }))
        let session = try await fixture.open(.intake)
        let (progress, report) = AsyncStream<Double>.makeStream()
        let checking = Task { try await session.check(seconds: 100) { report.yield($0) } }
        let peer = try fixture.peer()
        try await until { peer.requests.contains { if case .check = $0 { true } else { false } } }
        let deadline = await fixture.pool.jobDeadline
        let refusal = await failure { _ = try await session.check(seconds: 1) { _ in } }
        #expect(refusal?.failureCode == .misuse)
        #expect(await fixture.pool.jobDeadline == deadline)
        peer.send(.progress(session: peer.session, fraction: 0.25))
        peer.send(.checked(session: peer.session, CheckReport(frames: 1, decodeRate: nil, partial: false)))
        #expect(try await checking.value.frames == 1)
        report.finish()
        #expect(await progress.reduce(into: []) { $0.append($1) } == [0.25])
    }

    /// The decoder would not understand more, and say nothing for ever.
    @Test(arguments: [(1e300, 86_400.0), (-1e300, 0), (.nan, 0)])
    func aCheckIsBounded(asked: Double, sent: Double) async throws {
        let fixture = try PoolFixture()
        let session = try await fixture.open(.intake)
        #expect(try await session.check(seconds: asked) { _ in }.frames == 25)
        // The peer notes a request after it has answered.
        let peer = try fixture.peer()
        try await until { peer.requests.contains(.check(session: 1, seconds: sent)) }
    }

    @Test func progressDoesNotKeepACheckAliveForEver() async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, _ in if case .check = request { true } else { false } }))
        let session = try await fixture.open(.intake)
        let checking = Task { try await session.check(seconds: 1) { _ in } }
        let peer = try fixture.peer()
        try await until { peer.requests.contains { if case .check = $0 { true } else { false } } }
        // 4 × 1 s of work and 2 × 60 s of silence are allowed.
        for _ in 0..<5 {
            peer.send(.progress(session: peer.session, fraction: 0.1))
            let deadline = fixture.clock.now.advanced(by: .seconds(60))
            try await until { await fixture.pool.stallDeadline == deadline }
            fixture.clock.advance(by: .seconds(25))
        }
        await #expect(throws: DecoderError.stalled(after: .seconds(124))) { try await checking.value }
        #expect(peer.wasKilled)
    }

    @Test func aDecoderThatDoesNotReadIsAStall() async throws {
        let fixture = try PoolFixture(
            .init(answer: { _, peer in
                if peer.framesSent == 3 { peer.freeze() }
                return false
            }))
        let session = try await fixture.open()
        var held: [DecodedFrame] = []
        for _ in 0..<3 { held.append(try #require(try await session.nextFrame())) }
        for position in 0..<5_000 { await session.late(before: Int64(position)) }
        await #expect(throws: DecoderError.stalled(after: .seconds(10))) { try await session.nextFrame() }
        #expect(try fixture.peer().wasKilled)
    }

    @Test func theGreetingHasADeadline() async throws {
        let fixture = try PoolFixture(.init(greets: false))
        let opening = Task { try await fixture.open() }
        try await fixture.pass(.seconds(20))
        let reason = try #require(await failure { _ = try await opening.value }?.startReason)
        #expect(reason.contains("greeting"))
        #expect(try fixture.peer().wasKilled)
    }

    @Test func otherVersionsAreRefused() async throws {
        let fixture = try PoolFixture(.init(version: 9))
        let reason = try #require(await failure { _ = try await fixture.open() }?.startReason)
        #expect(reason.contains("version 9"))
        #expect(try fixture.peer().wasKilled)
    }

    @Test func aDeathBeforeTheGreetingIsNotTheMediumsFault() async throws {
        let fixture = try PoolFixture(
            .init(answer: { _, peer in
                peer.die(.exited(status: 127))
                return true
            }))
        let reason = try #require(await failure { _ = try await fixture.open() }?.startReason)
        #expect(reason.contains("exit status 127"))
    }

    @Test func aProgramThatIsMissingIsSaid() async throws {
        let pool = DecoderPool(
            launcher: FakeLauncher(), loop: try EventLoop(name: "decoders"), log: PoolFixture.silent)
        let file = try Descriptor.open("/dev/null", .readOnly)
        await #expect(throws: DecoderError.cannotStart(reason: "there is no decoder")) {
            try await pool.open(file, PoolFixture.request, role: .current, name: "clip")
        }
        #expect(await pool.status == DecoderStatus(processes: [], deaths: 0))
    }

    /// What a process did before must not count against the medium that comes after.
    @Test func theBlameOfAnEarlierMediumIsNotPassedOn() async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, peer in
                guard case .open(2, _) = request else { return false }
                peer.die(.signal(SIGSEGV))
                return true
            }), then: .init())
        let first = try await fixture.open(name: "hostile")
        await first.close()
        let second = try await fixture.open(name: "innocent")
        #expect(try await second.numbers(limit: 2) == [0, 1])
        #expect(fixture.launcher.started.count == 2)
        #expect(await fixture.pool.status.deaths == 1)
    }

    @Test func aMediumThatKillsAFreshProcessIsBlamed() async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, peer in
                guard case .open = request else { return false }
                peer.die(.signal(SIGSEGV))
                return true
            }))
        await #expect(throws: DecoderError.died(how: "SIGSEGV", ownDoing: true)) { try await fixture.open() }
        #expect(fixture.launcher.started.count == 1)
    }

    static let lies: [(String, @Sendable (FakeDecoder, UInt32, UInt32) -> Void)] = [
        ("no message", { peer, _, _ in peer.send([1]) }),
        ("second greeting", { peer, _, _ in peer.send(.hello(version: 1, sandbox: SandboxReport())) }),
        ("never lent", { peer, session, _ in peer.send(.frame(session: session, FakeDecoder.report(buffer: .max))) }),
        (
            "given back",
            { peer, session, buffer in
                peer.send(.frame(session: session, FakeDecoder.report(buffer: buffer)))
                peer.send(.frame(session: session, FakeDecoder.report(buffer: buffer)))
            }
        ),
        (
            "does not fit",
            { peer, session, buffer in
                var layout = FakeDecoder.layout
                layout.offset = 4
                peer.send(.frame(session: session, FakeDecoder.report(buffer: buffer, layout: layout)))
            }
        ),
        (
            "stride",
            { peer, session, buffer in
                let layout = FrameLayout(
                    format: .xrgb8888, size: FakeDecoder.layout.size, stride: FakeDecoder.layout.stride - 4)
                peer.send(.frame(session: session, FakeDecoder.report(buffer: buffer, layout: layout)))
            }
        ),
        (
            "larger than the screen",
            { peer, session, buffer in
                let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 65, height: 2))
                peer.send(.frame(session: session, FakeDecoder.report(buffer: buffer, layout: layout)))
            }
        ),
        (
            "a format that nobody asked for",
            { peer, session, buffer in
                let layout = FrameLayout(packed: .rgb565, size: FakeDecoder.layout.size)
                peer.send(.frame(session: session, FakeDecoder.report(buffer: buffer, layout: layout)))
            }
        ),
        (
            "after the end",
            { peer, session, buffer in
                peer.send(.ended(session: session))
                peer.send(.frame(session: session, FakeDecoder.report(buffer: buffer)))
            }
        ),
        (
            "out of turn",
            { peer, session, _ in peer.send(.opened(session: session, FakeDecoder.video, bufferByteCount: 9)) }
        ),
        ("nobody asked", { peer, session, _ in peer.send(.thumbnail(session: session, buffer: 1, byteCount: 4)) }),
        ("nobody asked", { peer, session, _ in peer.send(.progress(session: session, fraction: 0.1)) }),
        (
            "nobody asked",
            { peer, session, _ in
                peer.send(.checked(session: session, CheckReport(frames: 1, decodeRate: nil, partial: false)))
            }
        ),
    ]

    @Test(arguments: lies.indices) func aLiarIsEnded(index: Int) async throws {
        let (text, lie) = Self.lies[index]
        let fixture = try PoolFixture(
            .init(answer: { request, peer in
                guard case .lend(let session, let buffer, _) = request else { return false }
                lie(peer, session, buffer)
                return true
            }))
        let session = try await fixture.open()
        let error = await failure { while try await session.nextFrame() != nil {} }
        // A session that has ended is told nothing more; its process is ended all the same.
        if text != "after the end" {
            let how = try #require(error?.ownDeath)
            #expect(how.contains(text))
        }
        try await until { await fixture.pool.status.deaths == 1 }
        #expect(try fixture.peer().wasKilled)
    }

    @Test(arguments: [0, -1, 64 * 48 * 4 * 100]) func aSillyBufferSizeIsALie(byteCount: Int) async throws {
        let fixture = try PoolFixture(
            .init(answer: { request, peer in
                guard case .open(let session, _) = request else { return false }
                peer.send(.opened(session: session, FakeDecoder.video, bufferByteCount: byteCount))
                return true
            }))
        let how = try #require(await failure { _ = try await fixture.open() }?.ownDeath)
        #expect(how.hasPrefix("the decoder sent"))
        #expect(try fixture.peer().wasKilled)
    }
}
