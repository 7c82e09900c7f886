import DisplayDrivers
import Frames
import KMS
import LinuxSystem
import Testing

/// What the glass shows, against software composition, pixel by pixel.
@Suite struct DRMPlaneTests {
    private let size = PixelSize(width: 64, height: 36)

    @Test(arguments: [0, 180]) func planesShowWhatSoftwareWould(_ degrees: Int) async throws {
        try await campaign(DRMStage(DRMConfiguration(rotation: degrees)), degrees, seed: 1)
    }

    @Test(arguments: [0, 90, 180, 270]) func softwareShowsTheSame(_ degrees: Int) async throws {
        try await campaign(DRMStage(DRMConfiguration(rotation: degrees)) { $0.overlays = 0 }, degrees, seed: 2)
    }

    @Test func legacyShowsTheSame() async throws {
        try await campaign(DRMStage { $0.isAtomic = false }, 0, seed: 3)
    }

    @Test(arguments: [0, 90, 180]) func damageClipsNameAllThatChanged(_ degrees: Int) async throws {
        let stage = DRMStage(DRMConfiguration(rotation: degrees)) {
            $0.overlays = 0
            $0.copiesDamageOnly = true
        }
        try await campaign(stage, degrees, seed: 4)
    }

    private func campaign(_ stage: DRMStage, _ degrees: Int, seed: UInt64) async throws {
        let count = rounds(60)
        let size = size
        try await stage.play { display in
            var generator = SeededGenerator(seed: seed)
            let screen = display.capabilities.size
            var kept: [Frame] = []
            for round in 0..<count {
                let scene = try Self.randomScene(screen, &kept, &generator)
                _ = try await display.present(scene, notBefore: stage.clock.now)
                let expected = Self.turned(composed(scene, screen), screen, degrees)
                #expect(stage.card.glass == expected, "seed \(seed), round \(round)")
            }
            #expect(display.capabilities.size.pixelCount == size.pixelCount)
        }
    }

    /// Unscaled layers of all formats, some of them from the scene before.
    private static func randomScene(
        _ screen: PixelSize, _ kept: inout [Frame], _ generator: inout SeededGenerator
    ) throws -> Scene {
        var layers: [Layer] = []
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            let frame: Frame
            if let old = kept.randomElement(using: &generator), Bool.random(using: &generator) {
                frame = old
            } else {
                let format = PixelFormat.allCases.randomElement(using: &generator) ?? .xrgb8888
                let width = 2 * Int.random(in: 2...20, using: &generator)
                let height = 2 * Int.random(in: 2...12, using: &generator)
                frame = try noiseFrame(format, PixelSize(width: width, height: height), using: &generator)
                kept.append(frame)
                if kept.count > 4 { kept.removeFirst() }
            }
            let place = PixelRectangle(
                x: Int.random(in: -10..<screen.width, using: &generator),
                y: Int.random(in: -10..<screen.height, using: &generator), width: frame.size.width,
                height: frame.size.height)
            let alpha: UInt8 = Bool.random(using: &generator) ? 255 : UInt8.random(in: 0...255, using: &generator)
            layers.append(Layer(frame: frame, destination: place, alpha: alpha))
        }
        return Scene(layers: layers)
    }

    private static func turned(_ pixels: [UInt32], _ size: PixelSize, _ degrees: Int) -> [UInt32] {
        let (width, height) = (size.width, size.height)
        switch degrees {
        case 90:
            return (0..<width).flatMap { y in (0..<height).map { x in pixels[(height - 1 - x) * width + y] } }
        case 180: return pixels.reversed()
        case 270:
            return (0..<width).flatMap { y in (0..<height).map { x in pixels[x * width + width - 1 - y] } }
        default: return pixels
        }
    }

    @Test func aCrossfadeTakesTwoPlanesAndNoComposition() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            var generator = SeededGenerator(seed: 9)
            let old = try noiseFrame(.xrgb8888, PixelSize(width: 64, height: 36), using: &generator)
            let new = try noiseFrame(.yuv420, PixelSize(width: 64, height: 36), using: &generator)
            for alpha in stride(from: 0, through: 255, by: 51) {
                let whole = PixelRectangle(display.capabilities.size)
                let scene = Scene(layers: [
                    Layer(frame: old, destination: whole),
                    Layer(frame: new, destination: whole, alpha: UInt8(alpha)),
                ])
                _ = try await display.present(scene, notBefore: stage.clock.now)
                #expect(stage.card.litPlanes == (alpha == 0 ? 1 : 2))
                #expect(stage.card.glass == composed(scene, display.capabilities.size))
            }
            // Two pictures of the screen, and one upload for each frame.
            #expect(stage.card.usage.framebuffers == 4)
        }
    }

    @Test func whatTheScalerCannotDoIsComposed() async throws {
        let stage = DRMStage { $0.lineMemory = 64 }
        try await stage.play { display in
            var generator = SeededGenerator(seed: 5)
            let frame = try noiseFrame(.xrgb8888, PixelSize(width: 30, height: 20), using: &generator)
            let scene = Scene(layers: [Layer(frame: frame, destination: PixelRectangle(display.capabilities.size))])
            _ = try await display.present(scene, notBefore: stage.clock.now)
            #expect(stage.card.glass == composed(scene, display.capabilities.size))
            let tests = stage.card.commits.tests
            _ = try await display.present(scene, notBefore: stage.clock.now)
            #expect(stage.card.commits.tests == tests, "the answer is remembered")
        }
    }
}
