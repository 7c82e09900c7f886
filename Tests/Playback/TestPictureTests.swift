import Frames
import LinuxSystem
import Testing

@testable import Playback

@Suite struct TestPictureTests {
    let size = PixelSize(width: 320, height: 180)

    func picture() async throws -> TestPicture { try await LetteredCards().testPicture(size: size) }

    private func pixels(_ scene: Scene) -> [UInt32] {
        let layout = FrameLayout(format: .xrgb8888, size: size, stride: 4 * size.width)
        var pixels = [UInt32](repeating: 0, count: size.pixelCount)
        pixels.withUnsafeMutableBytes { Compositor.compose(scene, screen: size, into: $0, layout: layout) }
        return pixels.map { $0 & 0xFF_FFFF }
    }

    @Test func barsRampAndMarksAreWhereTheyBelong() async throws {
        let pixels = pixels(try await picture().scene(nil))
        func at(_ x: Int, _ y: Int) -> UInt32 { pixels[y * size.width + x] }
        #expect(
            [20, 60, 100, 140, 180, 220, 260, 300].map { at($0, 40) }
                == [0xFF_FFFF, 0xFF_FF00, 0x00_FFFF, 0x00_FF00, 0xFF_00FF, 0xFF_0000, 0x00_00FF, 0x00_0000])
        #expect([at(0, 0), at(319, 0), at(0, 179), at(319, 179)] == [0xFF_0000, 0x00_FF00, 0x00_00FF, 0xFF_FFFF])
        #expect([at(160, 0), at(160, 179), at(0, 90), at(319, 90)] == [0x80_8080, 0x80_8080, 0x80_8080, 0x80_8080])
        let ramp = (1..<319).map { at($0, 100) & 0xFF }
        #expect(zip(ramp, ramp.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(ramp.first! < 3 && ramp.last! > 252)
    }

    @Test func theBarMovesAndTheCounterCounts() async throws {
        let picture = try await picture()
        let scenes = (0..<3).map { picture.scene($0) }
        #expect(Set(scenes.map { $0.layers[1].destination.x }).count == 3)
        #expect(Set(scenes.map { pixels($0) }).count == 3)
        // Units are the last to the right: the first digit layer.
        #expect(scenes[2].layers[2].frame === picture.digits[2])
        #expect(
            picture.scene(123_456).layers.dropFirst(2).map { layer in picture.digits.firstIndex { $0 === layer.frame } }
                == [6, 5, 4, 3, 2, 1])
        for scene in scenes {
            for layer in scene.layers {
                #expect(layer.destination.intersection(PixelRectangle(size)) == layer.destination)
            }
        }
    }

    @Test func itTakesTheScreenForItsTimeAndGivesItBack() async throws {
        let stage = Stage()
        stage.addPhoto(1)
        await stage.begin()
        await stage.pass(.seconds(1))
        _ = stage.shown()
        try await stage.ask { await $0.showTestPicture(for: .seconds(2), moves: true) }
        #expect(try await stage.status.rule == "test")
        await stage.pass(.seconds(1))
        // A present for each refresh.
        #expect(stage.shown().count >= 50)
        await stage.pass(.seconds(2))
        #expect(try await stage.status.current?.id == testID(1))
        #expect(stage.mediaShown().last == 1)
        try await stage.end()
    }
}
