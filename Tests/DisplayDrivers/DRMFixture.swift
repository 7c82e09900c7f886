import DisplayDrivers
import Frames
import Foundation
import KMS
import LinuxSystem
import SystemPackage

/// A mode with timings that give exactly this rate.
func testMode(_ width: Int, _ height: Int, hertz: Int = 60, preferred: Bool = false, clock: UInt32? = nil) -> KMSMode {
    let (totalX, totalY) = ((width + 99) / 100 * 100 + 100, (height + 99) / 100 * 100 + 100)
    return KMSMode(
        clock: clock ?? UInt32(totalX * totalY * hertz / 1_000),
        horizontal: [UInt16(width), UInt16(width + 8), UInt16(width + 16), UInt16(totalX), 0],
        vertical: [UInt16(height), UInt16(height + 2), UInt16(height + 4), UInt16(totalY), 0], refresh: UInt32(hertz),
        type: preferred ? 8 : 0, name: "\(width)x\(height)")
}

/// A card in virtual time.
struct DRMStage: Sendable {
    let clock = ManualClock()
    let card: SimulatedKMS
    let driver: DRMDriver

    init(_ configuration: DRMConfiguration = DRMConfiguration(), _ adjust: (inout SimulatedCard) -> Void = { _ in }) {
        var simulated = SimulatedCard(modes: [testMode(64, 36, preferred: true)], edid: testEDID)
        adjust(&simulated)
        card = SimulatedKMS(simulated, clock: clock)
        driver = DRMDriver(configuration, host: card, clock: clock)
    }

    /// Runs a body with an open display, in virtual time.
    func play(_ body: @escaping @Sendable (any Display) async throws -> Void) async throws {
        let stage = self
        try await withTimePassing(clock) {
            let display = try await stage.driver.open()
            do {
                try await body(display)
            } catch {
                await display.close()
                throw error
            }
            await display.close()
        }
    }
}

/// A base block after VESA's EDID 1.4: made by `name`, 708 by 398 mm.
let testEDID = edid(name: "Vitrine", width: 708, height: 398)

func edid(name: String?, width: Int, height: Int, manufacturer: String = "SAM") -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 128)
    bytes.replaceSubrange(0..<8, with: [0, 255, 255, 255, 255, 255, 255, 0])
    let letters = manufacturer.utf8.map { UInt16($0) - 64 }
    let code = letters[0] << 10 | letters[1] << 5 | letters[2]
    (bytes[8], bytes[9]) = (UInt8(code >> 8), UInt8(code & 255))
    (bytes[18], bytes[19]) = (1, 4)
    (bytes[21], bytes[22]) = (UInt8(width / 10), UInt8(height / 10))
    // A detailed timing of 1920×1080 at 60 Hz.
    bytes.replaceSubrange(
        54..<72,
        with: [
            0x02, 0x3A, 0x80, 0x18, 0x71, 0x38, 0x2D, 0x40, 0x58, 0x2C, 0x45, 0x00, UInt8(width & 255),
            UInt8(height & 255), UInt8((width >> 8) << 4 | height >> 8), 0, 0, 0x1E,
        ])
    if let name {
        let text = Array((name + "\n").utf8.prefix(13))
        bytes.replaceSubrange(72..<77, with: [0, 0, 0, 0xFC, 0])
        for index in 0..<13 { bytes[77 + index] = index < text.count ? text[index] : 0x20 }
    }
    bytes[127] = 0 &- bytes[..<127].reduce(0, &+)
    return bytes
}

/// The scene in software, with the unused byte cleared, as the glass would show it.
func composed(_ scene: Scene, _ size: PixelSize) -> [UInt32] {
    let layout = FrameLayout(format: .xrgb8888, size: size, stride: 4 * size.width)
    var pixels = [UInt32](repeating: 0, count: size.pixelCount)
    pixels.withUnsafeMutableBytes { Compositor.compose(scene, screen: size, into: $0, layout: layout) }
    return pixels.map { $0 & 0xFF_FFFF }
}

extension SimulatedKMS {
    var glass: [UInt32]? { picture().map { $0.map { $0 & 0xFF_FFFF } } }
}

/// Rounds of a campaign: few unless `VITRINE_ROUNDS` says otherwise.
func rounds(_ usual: Int) -> Int { ProcessInfo.processInfo.environment["VITRINE_ROUNDS"].flatMap(Int.init) ?? usual }

/// xorshift64*, so that a round can be played again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed | 1 }
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 2_685_821_657_736_338_717
    }
}

/// A frame of noise; of YUV with values in their limited range.
func noiseFrame(
    _ format: PixelFormat, _ size: PixelSize, using generator: inout SeededGenerator
) throws -> Frame {
    let layout = FrameLayout(packed: format, size: size)
    let buffer = try FrameBuffer(name: "test", byteCount: layout.byteCount)
    buffer.memory.withBytes { bytes in
        for index in bytes.indices {
            let value = UInt8.random(in: .min ... .max, using: &generator)
            bytes[index] = format == .yuv420 || format == .nv12 ? 16 + value % 220 : value
        }
    }
    return Frame(buffer: buffer, layout: layout)
}
