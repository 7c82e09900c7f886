import DecoderProtocol
import Dispatch
import Frames
import LinuxSystem
import Synchronization
import SystemPackage
import Testing

@testable import DecoderClient

extension DecoderPool {
    fileprivate func makeBuffers(by make: @escaping BufferMaking) { makeBuffer = make }
}

/// Where memory for a buffer is not there when it is wanted.
@Suite struct BufferDebtTests {
    /// Memory that is there or not.
    private final class Memory: Sendable {
        private let state = Mutex((isThere: true, refused: 0))

        var refused: Int { state.withLock { $0.refused } }

        func set(_ isThere: Bool) { state.withLock { $0.isThere = isThere } }

        func make(_ number: UInt32?, _ byteCount: Int) throws(Errno) -> FrameBuffer {
            let isThere = state.withLock { state in
                if !state.isThere { state.refused += 1 }
                return state.isThere
            }
            guard isThere else { throw .noMemory }
            return try DecoderPool.makeMemory(number, byteCount)
        }
    }

    /// A display that wants its frames, or not.
    private final class Lender: FrameLending {
        private final class Glass: ScanoutMemory {
            func beginWriting() {}
            func endWriting() {}
        }

        let isWanting = Mutex(true)

        func wants(_ layout: FrameLayout, hasBuffer: Bool) -> Bool { isWanting.withLock { $0 } }

        func lend(_ number: UInt32, for layout: FrameLayout) -> FrameBuffer? {
            guard isWanting.withLock({ $0 }),
                let memory = try? MemoryFile(name: "glass", byteCount: layout.byteCount)
            else { return nil }
            return FrameBuffer(id: number, memory: memory, scanout: Glass())
        }
    }

    private func fixture(_ memory: Memory) async throws -> PoolFixture {
        var script = FakeDecoder.Script()
        script.frames = 10_000
        let fixture = try PoolFixture(script)
        await fixture.pool.makeBuffers { (number, byteCount) throws(Errno) in try memory.make(number, byteCount) }
        return fixture
    }

    private let start = MonotonicInstant(nanoseconds: 7_000_000_000)

    @Test func whatIsLackingIsAskedForOnceASecond() {
        var debt = BufferDebt()
        #expect(debt.takeDue(at: start) == nil)
        debt.failed(4_096, at: start)
        debt.failed(4_096, at: start)
        #expect(debt.takeDue(at: start.advanced(by: .milliseconds(999))) == nil)
        let later = start.advanced(by: .seconds(1))
        #expect(debt.takeDue(at: later) == 4_096)
        debt.failed(4_096, at: later)
        #expect(debt.takeDue(at: later) == nil)
        let last = later.advanced(by: .seconds(1))
        #expect(debt.takeDue(at: last) == 4_096)
        #expect(debt.takeDue(at: last) == 4_096)
        #expect(debt.takeDue(at: last) == nil)
        debt.failed(4_096, at: last)
        debt.forget()
        #expect(debt.takeDue(at: last.advanced(by: .seconds(5))) == nil)
    }

    /// What the cache keeps is replaced when there is memory again: a session does not go on with less for ever.
    @Test(.timeLimit(.minutes(1))) func aBufferThatCouldNotBeReplacedComesLater() async throws {
        let memory = Memory()
        let fixture = try await fixture(memory)
        let session = try await fixture.open()
        let kept = try #require(try await session.nextFrame())
        memory.set(false)
        await session.keep(kept.frame)
        try await until { memory.refused == 1 }
        // It plays on with two, and does not ask for memory with each frame.
        #expect(try await session.numbers(limit: 20) == Array(1...20))
        let peer = try fixture.peer()
        try await until { peer.lentBuffers.count == 2 }
        #expect(memory.refused == 1)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await session.numbers(limit: 5) == Array(21...25))
        try await until { memory.refused == 2 }
        memory.set(true)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await session.numbers(limit: 5) == Array(26...30))
        try await until { peer.lentBuffers.count == 3 }
        #expect(try await session.numbers(limit: 5) == Array(31...35))
        #expect(peer.lentBuffers.count == 3)
        #expect(number(in: kept.frame) == 0)
        await session.close()
        await fixture.pool.shutDown()
    }

    /// With the last frame on the screen and nothing to decode into, it would stand still for ever.
    @Test(.timeLimit(.minutes(1))) func whoHasTooFewToGoOnIsTold() async throws {
        let memory = Memory()
        let fixture = try await fixture(memory)
        let session = try await fixture.open()
        memory.set(false)
        let error = await failure {
            var kept: [DecodedFrame] = []
            while kept.count < 10, let next = try await session.nextFrame() {
                await session.keep(next.frame)
                kept.append(next)
            }
        }
        #expect(error?.failureCode == .tooLarge)
        await session.close()
        // It says nothing of those that come later.
        memory.set(true)
        let again = try await fixture.open()
        #expect(try await again.numbers(limit: 9).count == 9)
        await again.close()
        await fixture.pool.shutDown()
    }

    @Test(.timeLimit(.minutes(1))) func itBeginsWithWhatThereIs() async throws {
        let made = Mutex(0)
        let fixture = try await fixture(Memory())
        await fixture.pool.makeBuffers { (number, byteCount) throws(Errno) in
            let count = made.withLock { count in
                count += 1
                return count
            }
            guard count != 3 else { throw .noMemory }
            return try DecoderPool.makeMemory(number, byteCount)
        }
        let session = try await fixture.open()
        #expect(try await session.numbers(limit: 5) == Array(0..<5))
        let peer = try fixture.peer()
        #expect(peer.lentBuffers.count == 2)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await session.numbers(limit: 5) == Array(5..<10))
        try await until { peer.lentBuffers.count == 3 }
        await session.close()
        await fixture.pool.shutDown()
    }

    /// One that becomes current while a buffer is on its way to it gets no more than there are to be.
    @Test(.timeLimit(.minutes(1))) func whatIsOnItsWayCounts() async throws {
        let made = Mutex(0)
        let gate = DispatchSemaphore(value: 0)
        let fixture = try await fixture(Memory())
        await fixture.pool.makeBuffers { (number, byteCount) throws(Errno) in
            let count = made.withLock { count in
                count += 1
                return count
            }
            // Two to begin with; the third is made on a queue that may wait.
            if count == 3 { gate.wait() }
            return try DecoderPool.makeMemory(number, byteCount)
        }
        let session = try await fixture.open(.next)
        let kept = try #require(try await session.nextFrame())
        await session.keep(kept.frame)
        try await until { made.withLock { $0 } == 3 }
        await session.promote()
        gate.signal()
        let peer = try fixture.peer()
        try await until { peer.lentBuffers.count == 3 }
        #expect(try await session.numbers(limit: 9) == Array(1...9))
        #expect(peer.lentBuffers.count == 3)
        #expect(made.withLock { $0 } == 4)
        await session.close()
        await fixture.pool.shutDown()
    }

    /// A buffer that is to change its class stays what it is until there is another in its place.
    @Test(.timeLimit(.minutes(1))) func whatCannotBeExchangedGoesRoundAsItIs() async throws {
        let memory = Memory()
        let fixture = try await fixture(memory)
        let session = try await fixture.open()
        let lender = Lender()
        await session.lend(from: lender)
        func classes(_ count: Int) async throws -> [Bool] {
            var classes: [Bool] = []
            while classes.count < count {
                classes.append(try #require(try await session.nextFrame()).frame.buffer.scanout != nil)
            }
            return classes
        }
        #expect(try await classes(15).suffix(6) == Array(repeating: true, count: 6)[...])
        memory.set(false)
        lender.isWanting.withLock { $0 = false }
        #expect(try await classes(20) == Array(repeating: true, count: 20))
        let refused = memory.refused
        #expect((1...3).contains(refused))
        let peer = try fixture.peer()
        #expect(peer.lentBuffers.count == 3)
        memory.set(true)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await classes(15).suffix(6) == Array(repeating: false, count: 6)[...])
        #expect(peer.lentBuffers.count == 3)
        await session.close()
        await fixture.pool.shutDown()
    }
}
