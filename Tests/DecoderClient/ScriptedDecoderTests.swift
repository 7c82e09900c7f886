import DecoderProtocol
import Frames
import LinuxSystem
import SystemPackage
import Testing

@testable import DecoderClient

@Suite(.timeLimit(.minutes(1))) struct ScriptedDecoderTests {
    let file: Descriptor

    init() throws { file = try Descriptor.open("/dev/null", .readOnly) }

    func open(
        _ decoder: ScriptedDecoder, _ name: String = "clip", loops: Bool = false, start: Int64 = 0,
        role: DecoderRole = .current
    ) async throws(DecoderError) -> any DecoderSession {
        var request = PoolFixture.request
        request.loops = loops
        request.start = start
        return try await decoder.open(file, request, role: role, name: name)
    }

    @Test func playsFrames() async throws {
        let decoder = ScriptedDecoder(["clip": .moving(frames: 30)])
        let session = try await open(decoder)
        #expect(try await session.numbers() == Array(0..<30))
    }

    @Test func loopsAndSeeks() async throws {
        let decoder = ScriptedDecoder(["clip": .moving(frames: 10)])
        let session = try await open(decoder, loops: true, start: 40_000_000 * 8)
        #expect(try await session.numbers(limit: 5) == [8, 9, 0, 1, 2])
        let sixth = try #require(try await session.nextFrame())
        #expect(sixth.iteration == 1)
        #expect(sixth.presentationTime == .milliseconds(40 * 13))
    }

    @Test func fitsTheScreen() async throws {
        let decoder = ScriptedDecoder(["photo": .photo(width: 4_000, height: 1_000)])
        let frame = try #require(try await open(decoder, "photo").nextFrame())
        #expect(frame.frame.size == PixelSize(width: 64, height: 16))
        #expect(frame.duration == nil)
    }

    @Test func failsAsScripted() async throws {
        let stalled = DecoderError.stalled(after: .seconds(10))
        let decoder = ScriptedDecoder([
            "open": .photo().failing(.open, stalled), "third": .moving(frames: 9).failing(.frame(2), stalled),
            "thumbnail": .photo().failing(.thumbnail, stalled), "check": .photo().failing(.check, stalled),
        ])
        await #expect(throws: stalled) { try await open(decoder, "open") }
        let third = try await open(decoder, "third")
        #expect(try await third.numbers(limit: 2) == [0, 1])
        await #expect(throws: stalled) { try await third.nextFrame() }
        let thumbnail = try await open(decoder, "thumbnail")
        await #expect(throws: stalled) { try await thumbnail.thumbnail(size: PixelSize(width: 9, height: 9)) }
        let check = try await open(decoder, "check")
        await #expect(throws: stalled) { try await check.check(seconds: 1) { _ in } }
        let error = await failure { _ = try await open(decoder, "unknown") }
        #expect(error?.failureCode == .notMedia)
    }

    @Test func canBeKilledWhilePlaying() async throws {
        let decoder = ScriptedDecoder(["clip": .moving(frames: 1_000)], bufferCount: 1)
        let session = try await open(decoder)
        let held = try await session.nextFrame()
        let waiting = Task { try await session.nextFrame() }
        decoder.fail("clip", .died(how: "SIGKILL", ownDoing: false))
        await #expect(throws: DecoderError.died(how: "SIGKILL", ownDoing: false)) { try await waiting.value }
        #expect(await decoder.status.deaths == 1)
        #expect(held != nil)
    }

    @Test func holdsBackUntilResumed() async throws {
        let decoder = ScriptedDecoder(["clip": .moving(frames: 3)])
        decoder.hold()
        let opening = Task { try await open(decoder) }
        let cancelled = Task { try await open(decoder) }
        cancelled.cancel()
        await #expect(throws: DecoderError.cancelled) { try await cancelled.value }
        #expect(decoder.events.isEmpty)
        decoder.resume()
        #expect(try await opening.value.numbers() == [0, 1, 2])
    }

    @Test func keepsARecord() async throws {
        let decoder = ScriptedDecoder(["clip": .moving(frames: 100)])
        do {
            let session = try await open(decoder, role: .next)
            await session.late(before: 40_000_000 * 7)
            await session.promote()
            #expect(await decoder.status.processes.map(\.role) == [.current])
            #expect(try await session.numbers(limit: 1) == [7])
        }
        #expect(
            decoder.events == [
                .opened(name: "clip", role: .next), .late(name: "clip", before: 280_000_000), .promoted(name: "clip"),
                .closed(name: "clip"),
            ])
        #expect(decoder.openSessions.isEmpty)
    }
}
