import Frames
import LinuxSystem
import Testing

@testable import DisplayDrivers

@Suite struct DisplayTapTests {
    let clock = ManualClock()
    let screen = PixelSize(width: 1280, height: 720)

    /// A chain that shows one colour, and its tap.
    func watched(_ body: @escaping @Sendable (DisplayChain, DisplayTap) async throws -> Void) async throws {
        let chain = DisplayChain(
            drivers: [], lastResort: HeadlessDriver(size: screen, clock: clock), clock: clock, logger: quiet)
        let tap = DisplayTap(of: chain, clock: clock)
        try await withTimePassing(clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await chain.run() }
                try await body(chain, tap)
                group.cancelAll()
            }
        }
    }

    func show(_ colour: UInt32, on chain: DisplayChain) async throws {
        try await chain.present(fullScene(try solidFrame(colour), on: screen), for: screen, notBefore: clock.now)
    }

    @Test func nothingShownIsNoSnapshot() async throws {
        let chain = DisplayChain(
            drivers: [], lastResort: HeadlessDriver(size: screen, clock: clock), clock: clock, logger: quiet)
        #expect(try await DisplayTap(of: chain, clock: clock).snapshot() == nil)
    }

    @Test func aSnapshotHasTheScreensSize() async throws {
        try await watched { chain, tap in
            try await show(0x00FF_0000, on: chain)
            let png = try #require(try await tap.snapshot())
            #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
            // Width and height in the IHDR chunk (PNG specification, 11.2.1).
            #expect(Array(png[16..<24]) == [0, 0, 5, 0, 0, 0, 2, 0xD0])
        }
    }

    @Test func viewersShareOneEncoding() async throws {
        try await watched { chain, tap in
            try await show(0x0000_FF00, on: chain)
            var first = await tap.stream().makeAsyncIterator()
            let picture = await first.next()
            #expect(picture?.starts(with: [0xFF, 0xD8]) == true)
            var second = await tap.stream().makeAsyncIterator()
            #expect(await second.next() == picture)
            #expect(await tap.encodedCount == 1)
            #expect(await tap.viewerCount == 2)
            try await show(0x0000_00FF, on: chain)
            let changed = await first.next()
            #expect(changed != picture)
            #expect(await second.next() == changed)
            #expect(await tap.encodedCount == 2)
            // Other parameters are another encoding.
            var narrow = await tap.stream(DisplayTap.StreamParameters(maximumWidth: 160)).makeAsyncIterator()
            #expect(await narrow.next() != changed)
            #expect(await tap.encodedCount == 3)
        }
    }

    @Test func nothingIsEncodedWhileNobodyWatches() async throws {
        try await watched { chain, tap in
            for colour in 0..<20 { try await show(UInt32(colour), on: chain) }
            #expect(await tap.encodedCount == 0)
            do {
                var viewer = await tap.stream().makeAsyncIterator()
                #expect(await viewer.next() != nil)
            }
            #expect(try await eventually(clock) { await tap.viewerCount == 0 })
            let count = await tap.encodedCount
            for colour in 0..<20 { try await show(UInt32(colour), on: chain) }
            #expect(await tap.encodedCount == count)
        }
    }

    @Test func theRateIsBounded() async throws {
        try await watched { chain, tap in
            let viewer = Task { for await _ in await tap.stream() {} }
            let start = clock.now
            for colour in 0..<600 { try await show(UInt32(colour * 1000), on: chain) }
            viewer.cancel()
            let seconds = start.duration(to: clock.now).secondsAsDouble
            #expect(await tap.encodedCount <= Int(seconds * 5) + 1)
            #expect(try await eventually(clock) { await tap.viewerCount == 0 })
        }
    }
}
