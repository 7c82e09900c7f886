import DecoderProtocol
import Frames
import LinuxSystem
import Synchronization
import Testing

@testable import DecoderClient

/// Which class of memory a session's frames lie in.
@Suite struct LendingTests {
    /// A display's memory, and what happened to it.
    private final class Lender: FrameLending {
        struct State {
            var wants = true
            var hasMemory = true
            /// It lends although it does not want to.
            var isGenerous = false
            var limit = Int.max
            var lent = 0
            var writers = 0
            var returned = 0
        }

        private final class Memory: ScanoutMemory {
            let lender: Lender

            init(_ lender: Lender) { self.lender = lender }
            deinit { lender.state.withLock { $0.returned += 1 } }

            func beginWriting() { lender.state.withLock { $0.writers += 1 } }
            func endWriting() { lender.state.withLock { $0.writers -= 1 } }
        }

        let state = Mutex(State())

        func wants(_ layout: FrameLayout, hasBuffer: Bool) -> Bool {
            state.withLock { $0.wants && (hasBuffer || $0.lent < $0.limit) }
        }

        func lend(_ number: UInt32, for layout: FrameLayout) -> FrameBuffer? {
            let mayLend = state.withLock { state in
                guard state.wants || state.isGenerous, state.hasMemory, state.lent < state.limit else { return false }
                state.lent += 1
                return true
            }
            guard mayLend, layout == FakeDecoder.layout,
                let memory = try? MemoryFile(name: "glass", byteCount: layout.byteCount + 4_096)
            else { return nil }
            return FrameBuffer(id: number, memory: memory, scanout: Memory(self))
        }
    }

    /// The classes of the next frames, each let go at once; true: a display's.
    private func classes(_ session: any DecoderSession, count: Int) async throws -> [Bool] {
        var classes: [Bool] = []
        while classes.count < count {
            let decoded = try #require(try await session.nextFrame())
            #expect(number(in: decoded.frame) != nil, "what the decoder wrote is seen")
            classes.append(decoded.frame.buffer.scanout != nil)
        }
        return classes
    }

    @Test(.timeLimit(.minutes(1))) func buffersChangeTheirClassAsTheyComeBack() async throws {
        var script = FakeDecoder.Script()
        script.frames = 1_000
        let fixture = try PoolFixture(script)
        let session = try await fixture.open()
        let lender = Lender()
        #expect(try await classes(session, count: 6) == [false, false, false, false, false, false])
        let numbers = try fixture.peer().lentBuffers
        await session.lend(from: lender)
        // Those that the decoder had already come first, then the display's alone.
        let changing = try await classes(session, count: 12)
        #expect(changing.suffix(4) == [true, true, true, true])
        #expect(lender.state.withLock { $0.lent } == numbers.count)
        // The same numbers: the decoder has no more mapped than before.
        #expect(try fixture.peer().lentBuffers == numbers)
        lender.state.withLock { $0.wants = false }
        let back = try await classes(session, count: 12)
        #expect(back.suffix(4) == [false, false, false, false])
        try await until { lender.state.withLock { $0.returned } == numbers.count }
        #expect(lender.state.withLock { $0.writers } == 0)
        await session.lend(from: nil)
        lender.state.withLock { $0.wants = true }
        #expect(try await classes(session, count: 8) == Array(repeating: false, count: 8))
        await session.close()
        await fixture.pool.shutDown()
    }

    @Test(.timeLimit(.minutes(1))) func whatADisplayHasNoMemoryForGoesElsewhere() async throws {
        var script = FakeDecoder.Script()
        script.frames = 1_000
        let fixture = try PoolFixture(script)
        let session = try await fixture.open()
        let lender = Lender()
        lender.state.withLock { $0.hasMemory = false }
        await session.lend(from: lender)
        #expect(try await classes(session, count: 12) == Array(repeating: false, count: 12))
        #expect(lender.state.withLock { $0.lent } == 0)
        await session.close()
        await fixture.pool.shutDown()
    }

    /// A display is asked for memory only for frames that it wants.
    @Test(.timeLimit(.minutes(1))) func whatIsNotWantedIsNotAskedFor() async throws {
        var script = FakeDecoder.Script()
        script.frames = 1_000
        let fixture = try PoolFixture(script)
        let session = try await fixture.open()
        let lender = Lender()
        lender.state.withLock { $0.isGenerous = true }
        await session.lend(from: lender)
        #expect(try await classes(session, count: 12).suffix(4) == [true, true, true, true])
        let lent = lender.state.withLock { state in
            state.wants = false
            return state.lent
        }
        #expect(try await classes(session, count: 16).suffix(8) == Array(repeating: false, count: 8)[...])
        #expect(lender.state.withLock { $0.lent } == lent)
        await session.close()
        await fixture.pool.shutDown()
    }

    /// A decoder that cannot use it is no medium's fault, and is not tried again.
    @Test(.timeLimit(.minutes(1))) func memoryThatADecoderCannotUseIsLentNoMore() async throws {
        let lender = Lender()
        var script = FakeDecoder.Script()
        script.frames = 1_000
        script.answer = { request, peer in
            guard case .lend(let session, _, _) = request, lender.state.withLock({ $0.lent }) > 0 else { return false }
            peer.send(
                .failed(session: session, DecodeFailure(code: .misuse, reason: "No such memory.", suggestion: "None.")))
            return true
        }
        let fixture = try PoolFixture(script)
        let session = try await fixture.open()
        await session.lend(from: lender)
        await #expect(throws: DecoderError.closed) { _ = try await classes(session, count: 100) }
        await session.close()
        lender.state.withLock { $0.lent = 0 }
        let again = try await fixture.open()
        await again.lend(from: lender)
        #expect(try await classes(again, count: 12) == Array(repeating: false, count: 12))
        #expect(lender.state.withLock { $0.lent } == 0)
        await again.close()
        await fixture.pool.shutDown()
    }

    /// Those that there is memory for stay, and nothing changes to and fro.
    @Test(.timeLimit(.minutes(1))) func aPartOfThemMayBeTheDisplays() async throws {
        var script = FakeDecoder.Script()
        script.frames = 1_000
        let fixture = try PoolFixture(script)
        let session = try await fixture.open()
        let lender = Lender()
        lender.state.withLock { $0.limit = 1 }
        await session.lend(from: lender)
        _ = try await classes(session, count: 12)
        let later = try await classes(session, count: 9)
        #expect(later.contains(true) && later.contains(false))
        #expect(lender.state.withLock { $0.lent } == 1)
        #expect(lender.state.withLock { $0.returned } == 0)
        await session.close()
        await fixture.pool.shutDown()
    }

    @Test func framesThatAreKeptAreReplacedBySomethingNew() throws {
        var machine = SessionMachine(
            id: 1, request: PoolFixture.request, role: .current, counts: DecoderPoolSettings.Buffers())
        _ = try machine.received(
            .opened(session: 1, FakeDecoder.video, bufferByteCount: FakeDecoder.layout.byteCount))
        let buffer = try FrameBuffer(name: "test", byteCount: FakeDecoder.layout.byteCount)
        _ = machine.allocated([buffer])
        _ = try machine.received(.frame(session: 1, FakeDecoder.report(buffer: buffer.id)))
        guard case .exchange(let number, _, true)? = machine.released(buffer.id, asScanout: true).first else {
            Issue.record("no exchange")
            return
        }
        #expect(number == buffer.id)
        // It is not there any more until another has its number.
        #expect(machine.released(buffer.id, asScanout: true).isEmpty)
        #expect(machine.bufferCount == 0)
    }
}
