@testable import Frames
import LinuxSystem
import Testing

@Suite struct FramePoolTests {
    private let small = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 32, height: 32))

    @Test func aReleasedFramesBufferIsLentAgain() throws {
        let pool = FramePool(name: "test", byteLimit: 1 << 20)
        var first: Frame? = try pool.makeFrame(small) { $0.initializeMemory(as: UInt8.self, repeating: 7) }
        let id = first?.buffer.id
        #expect(pool.usage == .init(lentCount: 1, lentBytes: 4096, idleCount: 0, idleBytes: 0))
        #expect(first?.withPixels { $0.allSatisfy { $0 == 7 } } == true)
        first = nil
        #expect(pool.usage == .init(lentCount: 0, lentBytes: 0, idleCount: 1, idleBytes: 4096))
        let second = try pool.makeFrame(small) { _ in }
        #expect(second.buffer.id == id)
        let third = try pool.makeFrame(small) { _ in }
        #expect(third.buffer.id != id)
    }

    @Test func idsAreUniqueAcrossPools() throws {
        let pools = (0..<3).map { _ in FramePool(name: "test", byteLimit: 1 << 20) }
        let frames = try pools.flatMap { pool in try (0..<5).map { _ in try pool.makeFrame(small) { _ in } } }
        #expect(Set(frames.map(\.buffer.id)).count == 15)
    }

    @Test func itIsBoundedAndIdleBuffersMakeRoom() throws {
        let pool = FramePool(name: "test", byteLimit: 3 * 4096)
        var frames = try (0..<3).map { _ in try pool.makeFrame(small) { _ in } }
        #expect(throws: FramePoolError.exhausted(byteLimit: 3 * 4096)) { try pool.lend(byteCount: 1) }
        frames.removeLast(2)
        // Two idle buffers of one page have to go for one of two pages.
        let large = try pool.lend(byteCount: 8192)
        #expect(pool.usage == .init(lentCount: 2, lentBytes: 3 * 4096, idleCount: 0, idleBytes: 0))
        pool.takeBack(large)
        pool.trim()
        #expect(pool.usage == .init(lentCount: 1, lentBytes: 4096, idleCount: 0, idleBytes: 0))
    }

    @Test func aFailedPaintingLosesNothing() throws {
        struct Spilt: Error {}
        let pool = FramePool(name: "test", byteLimit: 4096)
        for _ in 0..<3 {
            #expect(throws: Spilt.self) { _ = try pool.makeFrame(small) { _ in throw Spilt() } }
        }
        #expect(pool.usage.lentCount == 0)
    }

    @Test func sizesNextToEachOtherShareBuffers() throws {
        let pool = FramePool(name: "test", byteLimit: 64 << 20)
        let buffer = try pool.lend(byteCount: 1920 * 1080 * 4)
        #expect(buffer.memory.byteCount >= 1920 * 1080 * 4)
        #expect(buffer.memory.byteCount <= 1920 * 1080 * 4 * 9 / 8 + 4096)
        let id = buffer.id
        pool.takeBack(buffer)
        #expect(try pool.lend(byteCount: 1920 * 1080 * 4 - 5000).id == id)
    }

    @Test func manyThreadsMayUseIt() async throws {
        let pool = FramePool(name: "test", byteLimit: 8 * 4096)
        let made = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var made = 0
                    for _ in 0..<200 where (try? pool.makeFrame(small) { $0[0] = 1 }) != nil { made += 1 }
                    return made
                }
            }
            return await group.reduce(0, +)
        }
        #expect(made == 1600)
        #expect(pool.usage.lentCount == 0)
        #expect(pool.usage.idleCount <= 8)
    }

    @Test func aFrameOutlivesItsPool() throws {
        var pool: FramePool? = FramePool(name: "test", byteLimit: 1 << 20)
        let frame = try pool?.makeFrame(small) { $0.initializeMemory(as: UInt8.self, repeating: 9) }
        pool = nil
        #expect(frame?.withPixels { $0.allSatisfy { $0 == 9 } } == true)
    }
}
