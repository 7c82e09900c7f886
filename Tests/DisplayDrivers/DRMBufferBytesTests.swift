import DisplayDrivers
import Frames
import KMS
import LinuxSystem
import Testing

/// The memory of a card's buffers, which no process's memory includes.
@Suite struct DRMBufferBytesTests {
    private let size = PixelSize(width: 64, height: 36)

    private func scene(_ frame: Frame) -> Scene {
        Scene(layers: [Layer(frame: frame, destination: PixelRectangle(size))])
    }

    @Test func buffersCountFromTheirMakingToTheirEnd() async throws {
        let stage = DRMStage()
        let layout = FrameLayout(packed: .nv12, size: size)
        let scene = scene
        let size = size
        #expect(stage.driver.bufferBytes == 0)
        try await stage.play { display in
            // Two pictures of 64×36×4 bytes in whole pages.
            let drawn = stage.driver.bufferBytes
            #expect(drawn == 2 * 12_288)
            var generator = SeededGenerator(seed: 1)
            let plain = try noiseFrame(.xrgb8888, size, using: &generator)
            _ = try await display.present(scene(plain), notBefore: stage.clock.now)
            #expect(stage.driver.bufferBytes == drawn + 12_288, "copied to where a plane reads it")
            var lent = [try #require(display.lender?.lend(1, for: layout))]
            lent.append(try #require(display.lender?.lend(2, for: layout)))
            // 64×36×3/2 bytes each.
            #expect(stage.driver.bufferBytes == drawn + 12_288 + 2 * 4_096)
            #expect(stage.driver.bufferBytes == stage.card.usage.cma)
            lent.removeLast()
            #expect(stage.driver.bufferBytes == drawn + 12_288 + 4_096)
            _ = try await display.present(scene(Frame(buffer: lent[0], layout: layout)), notBefore: stage.clock.now)
            lent = []
            #expect(stage.driver.bufferBytes == drawn + 4_096)
            _ = try await display.present(.black, notBefore: stage.clock.now)
            #expect(stage.driver.bufferBytes == drawn)
        }
        #expect(stage.driver.bufferBytes == 0)
    }

    @Test func aChainTellsOfAllItsDisplays() async throws {
        let stage = DRMStage()
        let headless = HeadlessDriver(size: size, clock: stage.clock)
        #expect(headless.bufferBytes == 0)
        let chain = DisplayChain(
            drivers: [stage.driver], lastResort: headless, clock: stage.clock, logger: quiet)
        let size = size
        #expect(chain.bufferBytes == 0)
        try await withTimePassing(stage.clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await chain.run() }
                try await chain.present(.black, for: size, notBefore: stage.clock.now)
                #expect(
                    try await eventually(stage.clock) {
                        chain.report.first?.outcome == .active && chain.bufferBytes == stage.card.usage.cma
                    })
                #expect(chain.bufferBytes > 0)
                group.cancelAll()
            }
        }
        #expect(chain.bufferBytes == 0)
    }
}
