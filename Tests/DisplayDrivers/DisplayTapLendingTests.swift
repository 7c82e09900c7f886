import Dispatch
import Frames
import LinuxSystem
import Synchronization
import Testing

@testable import DisplayDrivers

/// What the tap holds of frames that are lent, and how snapshots share the work.
@Suite struct DisplayTapLendingTests {
    let clock = ManualClock()
    let screen = PixelSize(width: 64, height: 36)
    let board = SceneBoard()
    let queue = BlockingQueue(label: "vitrine.display-tap")
    let lender = Lender()
    let tap: DisplayTap

    init() { tap = DisplayTap(of: board, clock: clock, logger: quiet, queue: queue) }

    /// Counts frames that were lent and have not come back.
    final class Lender: Sendable {
        private let lent = Mutex(0)

        var lentCount: Int { lent.withLock { $0 } }

        func lend(_ colour: UInt32) throws -> Frame {
            let plain = try solidFrame(colour)
            lent.withLock { $0 += 1 }
            return Frame(buffer: plain.buffer, layout: plain.layout) { _ in self.lent.withLock { $0 -= 1 } }
        }
    }

    func publish(_ colour: UInt32) throws {
        board.publish(fullScene(try lender.lend(colour), on: screen), screen: screen)
    }

    /// Keeps the queue busy during the body, so that whatever is asked of the tap waits.
    func whileQueueIsBusy(_ body: () async throws -> Void) async throws {
        let isOver = DispatchSemaphore(value: 0)
        let (began, begins) = AsyncStream.makeStream(of: Void.self)
        async let busy: Void = queue.run {
            begins.finish()
            isOver.wait()
        }
        for await _ in began {}
        do { try await body() } catch {
            isOver.signal()
            throw error
        }
        isOver.signal()
        await busy
    }

    func askForSnapshots(_ count: Int) async -> [Task<[UInt8]?, any Error>] {
        let asked = (0..<count).map { _ in Task { [tap] in try await tap.snapshot() } }
        #expect(await areWaiting(count))
        return asked
    }

    func areWaiting(_ count: Int) async -> Bool {
        await eventually { [tap] in await tap.snapshotWaiterCount == count }
    }

    @Test func aComposedPictureHoldsNoFrame() throws {
        try publish(1)
        let picture = ComposedPicture(of: try #require(board.latest))
        try publish(2)
        #expect(lender.lentCount == 1)
        #expect(try picture.png().starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test func whoWaitsHoldsNoFrame() async throws {
        try publish(0)
        let narrow = await tap.stream(DisplayTap.StreamParameters(maximumWidth: 16))
        let wide = await tap.stream(DisplayTap.StreamParameters(maximumWidth: 32))
        var asked: [Task<[UInt8]?, any Error>] = []
        try await whileQueueIsBusy {
            asked = await askForSnapshots(12)
            for colour in 1..<20 {
                try publish(UInt32(colour))
                #expect(lender.lentCount == 1, "only what is on the glass")
            }
        }
        for colour in 20..<200 {
            try publish(UInt32(colour))
            #expect(lender.lentCount <= 2, "what is on the glass, and what is being drawn")
        }
        for snapshot in asked { #expect(try await snapshot.value != nil) }
        var narrowPictures = narrow.makeAsyncIterator()
        var widePictures = wide.makeAsyncIterator()
        #expect(await narrowPictures.next() != nil)
        #expect(await widePictures.next() != nil)
        // The views now pause until time passes, which it does not.
        try publish(200)
        #expect(lender.lentCount == 1)
        #expect(await tap.viewerCount == 2)
        withExtendedLifetime((narrow, wide)) {}
    }

    @Test func snapshotsThatWaitTogetherAreEncodedOnce() async throws {
        try publish(0x00FF_0000)
        var asked: [Task<[UInt8]?, any Error>] = []
        try await whileQueueIsBusy {
            asked = await askForSnapshots(12)
            #expect(await tap.encodedCount == 0)
        }
        let first = try #require(try await asked[0].value)
        for snapshot in asked { #expect(try await snapshot.value == first) }
        #expect(await tap.encodedCount == 1)
        try publish(0x0000_FF00)
        #expect(try await tap.snapshot() != first)
        #expect(await tap.encodedCount == 2)
        #expect(await tap.snapshotWaiterCount == 0)
    }

    @Test(arguments: [0, 1]) func oneWhoIsCancelledDoesNotBreakTheOthers(_ cancelled: Int) async throws {
        try publish(1)
        var asked: [Task<[UInt8]?, any Error>] = []
        try await whileQueueIsBusy {
            // One after the other: the first begins the picture, the others join.
            asked = await askForSnapshots(1)
            asked += (1..<4).map { _ in Task { [tap] in try await tap.snapshot() } }
            #expect(await areWaiting(4))
            asked[cancelled].cancel()
        }
        for (index, snapshot) in asked.enumerated() where index != cancelled {
            #expect(try await snapshot.value != nil)
        }
        #expect(await tap.encodedCount == 1)
    }

    @Test func aSnapshotIsNotOlderThanTheQuestion() throws {
        try publish(1)
        let moment = SnapshotMoment(board)
        try publish(2)
        #expect(moment.isCurrent, "it has not looked yet")
        #expect(moment.take()?.sequence == 2)
        #expect(moment.isCurrent, "it shows what is still on the glass")
        try publish(3)
        #expect(!moment.isCurrent)
    }
}
