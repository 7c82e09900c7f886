import Frames
import LinuxSystem
import Testing

@Suite struct CompositorTests {
    @Test func anEmptySceneIsBlack() {
        var canvas = Canvas(5, 3)
        canvas.compose(.black)
        #expect(canvas.colours.allSatisfy { $0 == 0 })
    }

    @Test func anOpaqueLayerOfTheSameSizeIsCopied() throws {
        let picture = try frame(.xrgb8888, 7, 5) { UInt32($0 * 1000 + $1 * 77) | 0xFF00_0000 }
        var canvas = Canvas(7, 5)
        canvas.compose(Scene(layers: [Layer(frame: picture, destination: PixelRectangle(canvas.size))]))
        for y in 0..<5 { for x in 0..<7 { #expect(canvas[x, y] == UInt32(x * 1000 + y * 77)) } }
    }

    @Test func aLayerIsCutOffAtEveryEdgeAndBlackIsAround() throws {
        let picture = try frame(.xrgb8888, 4, 4) { UInt32(1 + $0 + 10 * $1) }
        for (dx, dy) in [(-2, -1), (3, 2), (-2, 2), (3, -1), (1, 0), (-9, 0), (0, 99)] {
            var canvas = Canvas(5, 4)
            let place = PixelRectangle(x: dx, y: dy, width: 4, height: 4)
            canvas.compose(Scene(layers: [Layer(frame: picture, destination: place)]))
            for y in 0..<4 {
                for x in 0..<5 {
                    let inside = (0..<4).contains(x - dx) && (0..<4).contains(y - dy)
                    #expect(canvas[x, y] == (inside ? UInt32(1 + x - dx + 10 * (y - dy)) : 0))
                }
            }
        }
    }

    @Test func onlyTheClipIsTouched() throws {
        let picture = try frame(.argb8888, 6, 6) { _, _ in 0xFF12_3456 }
        var canvas = Canvas(6, 6)
        let clip = PixelRectangle(x: 2, y: 1, width: 3, height: 2)
        let place = PixelRectangle(x: 0, y: 0, width: 4, height: 6)
        canvas.compose(Scene(layers: [Layer(frame: picture, destination: place)]), clip: clip)
        for y in 0..<6 {
            for x in 0..<6 {
                let touched = (2..<5).contains(x) && (1..<3).contains(y)
                #expect(canvas[x, y] == (touched ? (x < 4 ? 0x12_3456 : 0) : Canvas.untouched))
            }
        }
        canvas.compose(.black, clip: PixelRectangle(x: -5, y: 9, width: 3, height: 3))
        #expect(canvas[5, 5] == Canvas.untouched)
    }

    @Test func mixingIsExactForEveryAlphaAndValue() throws {
        // x: the value above, y: the value below; all four channels alike.
        func grey(_ value: Int) -> UInt32 { UInt32(value) * 0x01_0101 }
        let above = try frame(.xrgb8888, 256, 256) { x, _ in grey(x) | 0x7700_0000 }
        let below = try frame(.xrgb8888, 256, 256) { _, y in grey(y) }
        let place = PixelRectangle(above.layout.size)
        for alpha in [0, 1, 2, 100, 127, 128, 254, 255] {
            var canvas = Canvas(256, 256)
            canvas.compose(
                Scene(layers: [
                    Layer(frame: below, destination: place),
                    Layer(frame: above, destination: place, alpha: UInt8(alpha)),
                ]))
            var wrong = 0
            for y in 0..<256 {
                for x in 0..<256 where canvas[x, y] != grey((2 * (x * alpha + y * (255 - alpha)) + 255) / 510) {
                    wrong += 1
                }
            }
            #expect(wrong == 0, "alpha \(alpha)")
        }
    }

    @Test func pixelAlphaIsExactForEveryAlpha() throws {
        let above = try frame(.argb8888, 256, 3) { x, y in UInt32(x) << 24 | [0xFF_8001, 0x00_00FF, 0x12_34AB][y] }
        let below = try frame(.xrgb8888, 256, 3) { x, _ in UInt32(x) | 0xFF_0080_00 }
        let place = PixelRectangle(above.layout.size)
        for layerAlpha in [0, 1, 77, 255] {
            var canvas = Canvas(256, 3)
            canvas.compose(
                Scene(layers: [
                    Layer(frame: below, destination: place),
                    Layer(frame: above, destination: place, alpha: UInt8(layerAlpha)),
                ]))
            for y in 0..<3 {
                for x in 0..<256 {
                    let alpha = (2 * x * layerAlpha + 255) / 510
                    let mixed = zip(
                        channels([0xFF_8001, 0x00_00FF, 0x12_34AB][y]), channels(UInt32(x) | 0xFF_0080_00)
                    )
                    .map { (2 * ($0 * alpha + $1 * (255 - alpha)) + 255) / 510 }
                    #expect(Array(channels(canvas[x, y]).prefix(3)) == Array(mixed.prefix(3)))
                }
            }
        }
    }

    @Test func layersLieInTheirOrderAndHiddenOnesAreSkipped() throws {
        let red = try frame(.xrgb8888, 2, 2) { _, _ in 0xFF_0000 }
        let blue = try frame(.xrgb8888, 2, 2) { _, _ in 0x00_00FF }
        let place = PixelRectangle(x: 0, y: 0, width: 2, height: 2)
        var canvas = Canvas(3, 2)
        canvas.compose(
            Scene(layers: [Layer(frame: red, destination: place), Layer(frame: blue, destination: place)]))
        #expect(canvas.colours == [0xFF, 0xFF, 0, 0xFF, 0xFF, 0])
        canvas.compose(
            Scene(layers: [
                Layer(frame: blue, destination: PixelRectangle(canvas.size)),
                Layer(frame: red, destination: PixelRectangle(canvas.size)),
            ]))
        #expect(canvas.colours.allSatisfy { $0 == 0xFF_0000 })
    }

    @Test func aPartOfAFrameIsShownAndWhatIsOutsideItIsNot() throws {
        let picture = try frame(.xrgb8888, 8, 8, offset: 128) { UInt32($0 + 16 * $1) }
        var canvas = Canvas(3, 2)
        canvas.compose(
            Scene(layers: [
                Layer(
                    frame: picture, source: PixelRectangle(x: 4, y: 5, width: 3, height: 2),
                    destination: PixelRectangle(canvas.size))
            ]))
        #expect(canvas.colours == [0x54, 0x55, 0x56, 0x64, 0x65, 0x66])
        // A source beyond the frame must not read beyond it.
        canvas.compose(
            Scene(layers: [
                Layer(
                    frame: picture, source: PixelRectangle(x: 7, y: 7, width: 300, height: 300),
                    destination: PixelRectangle(canvas.size))
            ]))
        #expect(canvas.colours.allSatisfy { $0 == 0x77 })
        canvas.compose(
            Scene(layers: [
                Layer(
                    frame: picture, source: PixelRectangle(x: 8, y: 0, width: 3, height: 3),
                    destination: PixelRectangle(canvas.size))
            ]))
        #expect(canvas.colours.allSatisfy { $0 == 0 })
    }

    @Test func composingOnlyTheDamageGivesTheWholePicture() throws {
        var random = SeededGenerator(seed: 7)
        let pictures = try (0..<4).map { index in
            try frame(index % 2 == 0 ? .xrgb8888 : .argb8888, 9, 7) { x, y in
                UInt32(truncatingIfNeeded: (x + 31 * y + 97 * index) &* 2_654_435_761)
            }
        }
        var old = Scene.black
        var canvas = Canvas(40, 30)
        canvas.compose(old)
        let layout = FrameLayout(format: .xrgb8888, size: canvas.size, stride: 160)
        for _ in 0..<200 {
            var new = old
            if let index = new.layers.indices.randomElement(using: &random), Bool.random(using: &random) {
                new.layers.remove(at: index)
            }
            if new.layers.count < 4 {
                let place = PixelRectangle(
                    x: .random(in: -5...38, using: &random), y: .random(in: -5...28, using: &random),
                    width: .random(in: 1...20, using: &random), height: 7)
                new.layers.insert(
                    Layer(
                        frame: pictures[.random(in: 0..<4, using: &random)], destination: place,
                        alpha: .random(in: 0...255, using: &random)),
                    at: .random(in: 0...new.layers.count, using: &random))
            }
            let damage = Damage.between(old, new)
            canvas.pixels.withUnsafeMutableBytes {
                Compositor.compose(new, damage: damage, into: $0, layout: layout)
            }
            var whole = Canvas(40, 30)
            whole.compose(new)
            #expect(canvas.colours == whole.colours)
            old = new
        }
    }
}
