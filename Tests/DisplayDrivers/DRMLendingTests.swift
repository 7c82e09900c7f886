import Frames
import KMS
import LinuxSystem
import Testing

@testable import DisplayDrivers

/// Buffers that decoders write into and planes show as they are.
@Suite struct DRMLendingTests {
    private let size = PixelSize(width: 64, height: 36)

    /// What a decoder would do with a lent buffer.
    private func painted(_ buffer: FrameBuffer, _ layout: FrameLayout, _ generator: inout SeededGenerator) -> Frame {
        buffer.scanout?.beginWriting()
        buffer.memory.withBytes { bytes in
            for index in bytes.indices { bytes[index] = 16 + UInt8.random(in: 0...200, using: &generator) }
        }
        buffer.scanout?.endWriting()
        return Frame(buffer: buffer, layout: layout)
    }

    private func whole(_ frame: Frame, alpha: UInt8 = 255) -> Scene {
        Scene(layers: [Layer(frame: frame, destination: PixelRectangle(size), alpha: alpha)])
    }

    @Test(arguments: [PixelFormat.yuv420, .nv12, .xrgb8888, .rgb565])
    func lentFramesAreShownWithoutACopy(_ format: PixelFormat) async throws {
        let stage = DRMStage()
        let layout = FrameLayout(packed: format, size: size)
        let (size, whole, painted) = (size, whole, painted)
        try await stage.play { display in
            var generator = SeededGenerator(seed: 3)
            let lender = try #require(display.lender)
            let buffers = stage.card.usage.buffers
            #expect(!lender.wants(layout, hasBuffer: false), "nothing is on planes yet")
            #expect(lender.lend(7, for: layout) == nil)
            let plain = try noiseFrame(.xrgb8888, size, using: &generator)
            _ = try await display.present(whole(plain, 255), notBefore: stage.clock.now)
            #expect(lender.wants(layout, hasBuffer: false))
            for number: UInt32 in 7...9 {
                let buffer = try #require(lender.lend(number, for: layout))
                #expect(buffer.id == number)
                let frame = painted(buffer, layout, &generator)
                _ = try await display.present(whole(frame, 255), notBefore: stage.clock.now)
                #expect(stage.card.litFormats == [format.fourCC])
                #expect(stage.card.glass == composed(whole(frame, 255), size))
                // Nothing was copied anywhere, and what was shown before has gone.
                #expect(stage.card.usage.buffers - buffers == 1)
            }
            #expect(stage.card.usage.writers == 0)
            _ = try await display.present(.black, notBefore: stage.clock.now)
            #expect(stage.card.usage.buffers == buffers)
        }
        #expect(stage.card.usage.buffers == 0)
    }

    /// What is composed is to be read: then memory that is slow to read is of no use.
    @Test func nothingIsLentWhileScenesAreComposed() async throws {
        let stage = DRMStage { $0.plane.hasAlpha = false }
        let layout = FrameLayout(packed: .yuv420, size: size)
        let (size, whole, painted) = (size, whole, painted)
        try await stage.play { display in
            var generator = SeededGenerator(seed: 4)
            let lender = try #require(display.lender)
            _ = try await display.present(
                whole(try noiseFrame(.nv12, size, using: &generator), 255), notBefore: stage.clock.now)
            let frame = painted(try #require(lender.lend(1, for: layout)), layout, &generator)
            _ = try await display.present(whole(frame, 100), notBefore: stage.clock.now)
            #expect(stage.card.litFormats == [KMSFormat.xrgb8888])
            #expect(stage.card.glass == composed(whole(frame, 100), size), "it can be read all the same")
            #expect(!lender.wants(layout, hasBuffer: false))
            _ = try await display.present(whole(frame, 255), notBefore: stage.clock.now)
            #expect(lender.wants(layout, hasBuffer: false))
        }
    }

    /// In a transition the picture before is read for each refresh.
    @Test func whatStaysWhileScenesAreComposedIsFetchedOnce() async throws {
        let stage = DRMStage { $0.plane.hasAlpha = false }
        let layout = FrameLayout(packed: .nv12, size: size)
        let (size, whole, painted) = (size, whole, painted)
        try await stage.play { display in
            var generator = SeededGenerator(seed: 9)
            let lender = try #require(display.lender)
            let new = try noiseFrame(.nv12, size, using: &generator)
            _ = try await display.present(whole(new, 255), notBefore: stage.clock.now)
            let old = painted(try #require(lender.lend(1, for: layout)), layout, &generator)
            _ = try await display.present(whole(old, 255), notBefore: stage.clock.now)
            for round in 0..<2 {
                let scenes = [40, 90, 200].map { alpha in
                    Scene(layers: whole(old, 255).layers + whole(new, alpha).layers)
                }
                let pictures = scenes.map { composed($0, size) }
                for (scene, picture) in zip(scenes, pictures) {
                    _ = try await display.present(scene, notBefore: stage.clock.now)
                    #expect(stage.card.litFormats == [KMSFormat.xrgb8888])
                    let isRight = stage.card.glass == picture
                    #expect(isRight, "round \(round)")
                    // Who reads it again would see this.
                    old.buffer.memory.withBytes { bytes in for index in bytes.indices { bytes[index] ^= 0x55 } }
                }
                // A plane shows it from where it lies.
                _ = try await display.present(whole(old, 255), notBefore: stage.clock.now)
                #expect(stage.card.glass == composed(whole(old, 255), size))
            }
        }
    }

    @Test func onlyWhatStaysIsCopiedAndOnlyForAsLong() throws {
        var generator = SeededGenerator(seed: 10)
        let plain = try noiseFrame(.nv12, size, using: &generator)
        let slow = Frame(
            buffer: FrameBuffer(id: 1, memory: plain.buffer.memory, scanout: UnheededMemory()), layout: plain.layout)
        let copies = ReadableCopies()
        let scene = Scene(layers: whole(slow).layers + whole(plain, alpha: 9).layers)
        #expect(copies.scene(scene, after: whole(plain)).layers.map { $0.frame === slow } == [true, false])
        let first = copies.scene(scene, after: scene).layers
        #expect(first[0].frame !== slow && first[0].frame.buffer.scanout == nil && first[1].frame === plain)
        #expect(first.map(\.alpha) == [255, 9])
        #expect(composed(Scene(layers: first), size) == composed(scene, size))
        // Kept as long as it stays, whatever is on the glass.
        #expect(copies.scene(whole(slow), after: .black).layers[0].frame === first[0].frame)
        #expect(copies.scene(whole(plain), after: scene).layers[0].frame === plain)
        #expect(copies.scene(scene, after: .black).layers[0].frame === slow)
        #expect(copies.scene(scene, after: scene).layers[0].frame !== first[0].frame)
        copies.forget()
        #expect(copies.scene(scene, after: .black).layers[0].frame === slow)
    }

    private final class UnheededMemory: ScanoutMemory {
        func beginWriting() {}
        func endWriting() {}
    }

    /// What was shown last goes while its plane is off.
    @Test func framesThatGoWhileTheScreenSleepsLeaveNothingBehind() async throws {
        let stage = DRMStage()
        let layout = FrameLayout(packed: .nv12, size: size)
        let (size, whole, painted) = (size, whole, painted)
        try await stage.play { display in
            var generator = SeededGenerator(seed: 11)
            let lender = try #require(display.lender)
            let buffers = stage.card.usage.buffers
            let plain = try noiseFrame(.nv12, size, using: &generator)
            _ = try await display.present(whole(plain, 255), notBefore: stage.clock.now)
            for number: UInt32 in 1...3 {
                let frame = painted(try #require(lender.lend(number, for: layout)), layout, &generator)
                _ = try await display.present(whole(frame, 255), notBefore: stage.clock.now)
                if number == 1 { try await display.setPower(false) }
            }
            let last = painted(try #require(lender.lend(4, for: layout)), layout, &generator)
            _ = try await display.present(whole(last, 255), notBefore: stage.clock.now)
            #expect(stage.card.glass == nil)
            try await display.setPower(true)
            #expect(stage.card.glass == composed(whole(last, 255), size))
            #expect(stage.card.usage.buffers - buffers == 1)
        }
        #expect(stage.card.usage.buffers == 0)
    }

    /// The screen goes off in the middle of a transition, and may stay so all night.
    @Test func whatWasComposedIsNotHeldWhileTheScreenSleeps() async throws {
        let stage = DRMStage { $0.plane.hasAlpha = false }
        let layout = FrameLayout(packed: .nv12, size: size)
        let (whole, painted) = (whole, painted)
        try await stage.play { display in
            var generator = SeededGenerator(seed: 12)
            let lender = try #require(display.lender)
            let new = try noiseFrame(.nv12, layout.size, using: &generator)
            _ = try await display.present(whole(new, 255), notBefore: stage.clock.now)
            var old: Frame? = painted(try #require(lender.lend(1, for: layout)), layout, &generator)
            for alpha: UInt8 in [0, 90] {
                let layers = try whole(#require(old), 255).layers + whole(new, alpha).layers
                _ = try await display.present(Scene(layers: layers), notBefore: stage.clock.now)
            }
            let buffers = stage.card.usage.buffers
            old = nil
            try await display.setPower(false)
            _ = try await display.present(whole(new, 255), notBefore: stage.clock.now)
            #expect(stage.card.usage.buffers == buffers - 1)
        }
    }

    @Test func memoryThatIsUsedUpIsAskedForAgainWhenSomeCameBack() async throws {
        let picture = 64 * 36 * 4 / 4_096 * 4_096 + 4_096
        let stage = DRMStage { $0.cma = 4 * picture }
        let layout = FrameLayout(packed: .xrgb8888, size: size)
        let (size, whole) = (size, whole)
        try await stage.play { display in
            var generator = SeededGenerator(seed: 5)
            let lender = try #require(display.lender)
            _ = try await display.present(
                whole(try noiseFrame(.xrgb8888, size, using: &generator), 255), notBefore: stage.clock.now)
            var lent = lender.lend(1, for: layout)
            #expect(lent != nil)
            #expect(lender.lend(2, for: layout) == nil)
            #expect(!lender.wants(layout, hasBuffer: false))
            #expect(lender.wants(layout, hasBuffer: true), "what it has, it keeps")
            lent = nil
            #expect(lender.wants(layout, hasBuffer: false))
            #expect(lender.lend(3, for: layout) != nil)
        }
    }

    @Test func aCardThatSharesNothingLendsNothing() async throws {
        let alone = DRMStage { $0.sharesBuffers = false }
        try await alone.play { display in #expect(display.lender == nil) }
        let single = DRMStage { $0.overlays = 0 }
        try await single.play { display in #expect(display.lender == nil) }
        #expect(alone.card.usage.buffers == 0)
    }

    /// The picture stays on the glass, and another display shows frames of the one before.
    @Test func framesOutliveTheirDisplay() async throws {
        let stage = DRMStage()
        let layout = FrameLayout(packed: .nv12, size: size)
        let (size, whole, painted) = (size, whole, painted)
        try await withTimePassing(stage.clock) {
            var generator = SeededGenerator(seed: 6)
            let first = try await stage.driver.open()
            let lender = try #require(first.lender)
            _ = try await first.present(
                whole(try noiseFrame(.nv12, size, using: &generator), 255), notBefore: stage.clock.now)
            let shown = painted(try #require(lender.lend(1, for: layout)), layout, &generator)
            let unshown = painted(try #require(lender.lend(2, for: layout)), layout, &generator)
            _ = try await first.present(whole(shown, 255), notBefore: stage.clock.now)
            await first.close()
            #expect(stage.card.glass == composed(whole(shown, 255), size), "the picture stays")
            #expect(!lender.wants(layout, hasBuffer: false))
            #expect(lender.lend(3, for: layout) == nil)
            let second = try await stage.driver.open()
            for frame in [unshown, shown] {
                _ = try await second.present(whole(frame, 255), notBefore: stage.clock.now)
                #expect(stage.card.glass == composed(whole(frame, 255), size))
            }
            _ = try await second.present(.black, notBefore: stage.clock.now)
            // Two pictures of the screen; what the first one left on the glass is gone.
            #expect(stage.card.usage.framebuffers == 2)
            #expect(stage.card.usage.buffers == 2)
            await second.close()
        }
    }

    /// A frame that does not lie as its buffer was made for is copied like any other.
    @Test func anotherLayoutIsCopied() async throws {
        let stage = DRMStage()
        let layout = FrameLayout(packed: .xrgb8888, size: size)
        let other = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 32, height: 18))
        let (size, whole, painted) = (size, whole, painted)
        try await stage.play { display in
            var generator = SeededGenerator(seed: 7)
            _ = try await display.present(
                whole(try noiseFrame(.nv12, size, using: &generator), 255), notBefore: stage.clock.now)
            let buffer = try #require(display.lender?.lend(1, for: layout))
            let frame = painted(buffer, other, &generator)
            let place = PixelRectangle(x: 3, y: 5, width: 32, height: 18)
            let scene = Scene(layers: [Layer(frame: frame, destination: place)])
            _ = try await display.present(scene, notBefore: stage.clock.now)
            #expect(stage.card.glass == composed(scene, size))
        }
    }

    @Test func nothingIsLentWhileSomebodyWatches() async throws {
        let stage = DRMStage()
        let chain = DisplayChain(
            drivers: [stage.driver], lastResort: HeadlessDriver(size: size, clock: stage.clock), clock: stage.clock,
            logger: quiet)
        let tap = DisplayTap(of: chain, clock: stage.clock, logger: quiet)
        let layout = FrameLayout(packed: .nv12, size: size)
        let (size, whole) = (size, whole)
        try await withTimePassing(stage.clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await chain.run() }
                var generator = SeededGenerator(seed: 8)
                let frame = try noiseFrame(.nv12, size, using: &generator)
                #expect(!chain.wants(layout, hasBuffer: false))
                try await chain.present(whole(frame, 255), for: size, notBefore: stage.clock.now)
                #expect(try await eventually(stage.clock) { chain.wants(layout, hasBuffer: false) })
                #expect(chain.lend(1, for: layout) != nil)
                var pictures: AsyncStream<[UInt8]>? = await tap.stream()
                #expect(pictures != nil)
                #expect(!chain.wants(layout, hasBuffer: false))
                #expect(chain.lend(2, for: layout) == nil)
                pictures = nil
                #expect(try await eventually(stage.clock) { chain.wants(layout, hasBuffer: false) })
                group.cancelAll()
            }
        }
        #expect(!chain.wants(layout, hasBuffer: false))
    }
}
