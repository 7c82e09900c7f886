import Frames
import GPIO
import LinuxSystem
import PanelBus
import SystemPackage

@testable import DisplayDrivers

/// A panel in virtual time.
struct PanelStage: Sendable {
    let clock: ManualClock
    let panel: SimulatedPanel
    let driver: SPIPanelDriver
    let model: PanelModel
    let rotation: Int

    init(
        _ model: PanelModel, rotation: Int = 0, refreshRate: Double = 60, clock: ManualClock = ManualClock(),
        _ adjust: (inout SimulatedPanel.Traits) -> Void = { _ in }
    ) {
        var traits = SimulatedPanel.Traits()
        adjust(&traits)
        (self.clock, self.model, self.rotation) = (clock, model, rotation)
        panel = SimulatedPanel(model, traits: traits, clock: clock)
        driver = SPIPanelDriver(
            SPIPanelConfiguration(
                panel: model.name, dataCommandLine: 25, rotation: rotation, refreshRate: refreshRate),
            host: panel, clock: clock)
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

    /// What the glass must show.
    func expected(_ scene: Scene) -> [UInt32] {
        let size = driver.size
        let pixels = PanelReference.converted(composed(scene, size), size, model.format)
        return PanelReference.turned(pixels, size, rotation)
    }
}

extension SPIPanelDriver {
    var size: PixelSize { (try? configuration.resolved().size) ?? PixelSize(width: 0, height: 0) }
}

/// The conversion, written down plainly and apart from the product's.
enum PanelReference {
    /// Colours as the glass has them, from full colours.
    static func converted(_ pixels: [UInt32], _ size: PixelSize, _ format: WireFormat) -> [UInt32] {
        pixels.enumerated().map { index, pixel in
            let (x, y) = (index % size.width, index / size.width)
            let threshold = 16 * bayer(x, y) + 7
            func channel(_ shift: UInt32, levels: UInt32) -> UInt32 {
                let value = (pixel >> shift & 0xFF) * levels + threshold
                let level = value / 255
                // Five bits become six as the controller does it.
                return levels == 31 ? level << 1 | level >> 4 : level
            }
            let outer: UInt32 = format == .rgb565 ? 31 : 63
            return glass(channel(16, levels: outer)) << 16 | glass(channel(8, levels: 63)) << 8
                | glass(channel(0, levels: outer))
        }
    }

    /// Bayer's order from the bits of the coordinates, the lower ones weighing more.
    static func bayer(_ x: Int, _ y: Int) -> UInt32 {
        let crossed = x ^ y
        return UInt32((crossed & 1) * 8 + (y & 1) * 4 + (crossed >> 1 & 1) * 2 + (y >> 1 & 1))
    }

    private static func glass(_ six: UInt32) -> UInt32 { six * 4 + six / 16 }

    /// A picture turned clockwise.
    static func turned(_ pixels: [UInt32], _ size: PixelSize, _ degrees: Int) -> [UInt32] {
        let (width, height) = (size.width, size.height)
        switch degrees {
        case 90: return (0..<width).flatMap { y in (0..<height).map { x in pixels[(height - 1 - x) * width + y] } }
        case 180: return pixels.reversed()
        case 270: return (0..<width).flatMap { y in (0..<height).map { x in pixels[x * width + width - 1 - y] } }
        default: return pixels
        }
    }
}

/// A frame in which no two places look alike.
func patternFrame(_ size: PixelSize, salt: UInt32 = 0) throws -> Frame {
    let layout = FrameLayout(packed: .xrgb8888, size: size)
    let buffer = try FrameBuffer(name: "test", byteCount: layout.byteCount)
    buffer.memory.withBytes { bytes in
        for y in 0..<size.height {
            for x in 0..<size.width {
                let value = UInt32(x * 255 / size.width) << 16 | UInt32(y * 255 / size.height) << 8
                let pixel = value | (UInt32(x &* 7 &+ y &* 13) &+ salt) & 0xFF
                bytes.storeBytes(of: pixel, toByteOffset: layout.stride * y + 4 * x, as: UInt32.self)
            }
        }
    }
    return Frame(buffer: buffer, layout: layout)
}

/// Layers as programmes have them and as they don't: all formats, some scaled, some from the scene before.
func randomPanelScene(
    _ screen: PixelSize, _ kept: inout [Frame], _ generator: inout SeededGenerator
) throws -> Scene {
    var layers: [Layer] = []
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let frame: Frame
        if let old = kept.randomElement(using: &generator), Int.random(in: 0..<3, using: &generator) > 0 {
            frame = old
        } else {
            let format = PixelFormat.allCases.randomElement(using: &generator) ?? .xrgb8888
            let width = 2 * Int.random(in: 2...40, using: &generator)
            let height = 2 * Int.random(in: 2...40, using: &generator)
            frame = try noiseFrame(format, PixelSize(width: width, height: height), using: &generator)
            kept.append(frame)
            if kept.count > 4 { kept.removeFirst() }
        }
        let isScaled = Int.random(in: 0..<4, using: &generator) == 0
        let place = PixelRectangle(
            x: Int.random(in: -20..<screen.width, using: &generator),
            y: Int.random(in: -20..<screen.height, using: &generator),
            width: isScaled ? Int.random(in: 1...screen.width, using: &generator) : frame.size.width,
            height: isScaled ? Int.random(in: 1...screen.height, using: &generator) : frame.size.height)
        let alpha: UInt8 = Bool.random(using: &generator) ? 255 : UInt8.random(in: 0...255, using: &generator)
        layers.append(Layer(frame: frame, destination: place, alpha: alpha))
    }
    return Scene(layers: layers)
}
