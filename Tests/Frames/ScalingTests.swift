import Frames
import LinuxSystem
import Testing

/// What scaling should give, one pixel at a time in floating point.
private struct Reference {
    let scene: Scene
    let size: PixelSize

    /// Weights of the source's pixels for one pixel of the target.
    func taps(_ position: Int, source: Int, target: Int) -> [(Int, Double)] {
        if source == target { return [(position, 1)] }
        let scale = Double(source) / Double(target)
        if source > 2 * target {
            let from = Double(position) * scale
            let to = from + scale
            return (Int(from)..<min(source, Int(to.rounded(.up)))).map { column in
                (column, (min(to, Double(column + 1)) - max(from, Double(column))) / scale)
            }
        }
        let centre = min(max((Double(position) + 0.5) * scale - 0.5, 0), Double(source - 1))
        let first = Int(centre)
        return [(first, 1 - centre + Double(first)), (min(first + 1, source - 1), centre - Double(first))]
    }

    /// Blue, green, red.
    func pixel(_ x: Int, _ y: Int) -> [Double] {
        var result = [0.0, 0, 0]
        for layer in scene.layers {
            let place = layer.destination
            guard (place.x..<place.maxX).contains(x), (place.y..<place.maxY).contains(y) else { continue }
            var colour = [0.0, 0, 0]
            var alpha = 0.0
            for (column, across) in taps(x - place.x, source: layer.source.width, target: place.width) {
                for (row, down) in taps(y - place.y, source: layer.source.height, target: place.height) {
                    let word = layer.frame.withPixels {
                        $0.load(
                            fromByteOffset: (layer.source.y + row) * layer.frame.layout.stride
                                + 4 * (layer.source.x + column), as: UInt32.self)
                    }
                    let parts = channels(word).map(Double.init)
                    let share = across * down * (layer.frame.layout.format == .argb8888 ? parts[3] / 255 : 1)
                    alpha += share
                    for channel in 0..<3 { colour[channel] += parts[channel] * share }
                }
            }
            let strength = Double(layer.alpha) / 255
            for channel in 0..<3 {
                result[channel] = colour[channel] * strength + result[channel] * (1 - alpha * strength)
            }
        }
        return result
    }
}

@Suite struct ScalingTests {
    @Test func randomScenesMatchASimpleReference() throws {
        var random = SeededGenerator(seed: 42)
        for round in 0..<60 {
            var canvas = Canvas(.random(in: 1...40, using: &random), .random(in: 1...30, using: &random))
            var scene = Scene.black
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let (width, height) = (Int.random(in: 1...50, using: &random), Int.random(in: 1...50, using: &random))
                let picture = try frame(Bool.random(using: &random) ? .xrgb8888 : .argb8888, width, height) { _, _ in
                    UInt32.random(in: 0...UInt32.max, using: &random)
                }
                let left = Int.random(in: 0..<width, using: &random)
                let top = Int.random(in: 0..<height, using: &random)
                scene.layers.append(
                    Layer(
                        frame: picture,
                        source: PixelRectangle(
                            x: left, y: top, width: .random(in: 1...(width - left), using: &random),
                            height: .random(in: 1...(height - top), using: &random)),
                        destination: PixelRectangle(
                            x: .random(in: -10...20, using: &random), y: .random(in: -10...20, using: &random),
                            width: .random(in: 1...60, using: &random), height: .random(in: 1...60, using: &random)),
                        alpha: Bool.random(using: &random) ? 255 : .random(in: 0...255, using: &random)))
            }
            canvas.compose(scene)
            let reference = Reference(scene: scene, size: canvas.size)
            var worst = 0.0
            for y in 0..<canvas.size.height {
                for x in 0..<canvas.size.width {
                    for (value, expected) in zip(channels(canvas[x, y]), reference.pixel(x, y)) {
                        worst = max(worst, abs(Double(value) - expected))
                    }
                }
            }
            #expect(worst <= 3.5, "round \(round)")
        }
    }

    @Test(arguments: [(1, 7), (7, 1), (3, 40), (40, 3), (100, 1), (1000, 3), (2, 2)])
    func oneColourStaysThatColour(source: Int, target: Int) throws {
        let picture = try frame(.xrgb8888, source, source) { _, _ in 0x00FF_FE01 }
        let sheer = try frame(.argb8888, source, source) { _, _ in 0xFFFF_FE01 }
        for picture in [picture, sheer] {
            var canvas = Canvas(target, target)
            canvas.compose(Scene(layers: [Layer(frame: picture, destination: PixelRectangle(canvas.size))]))
            #expect(canvas.colours.allSatisfy { $0 == 0xFF_FE01 })
        }
    }

    @Test func theOutermostPixelsKeepTheirColourWhenEnlarged() throws {
        let picture = try frame(.xrgb8888, 2, 1) { x, _ in x == 0 ? 0 : 0xFF }
        var canvas = Canvas(8, 3)
        canvas.compose(Scene(layers: [Layer(frame: picture, destination: PixelRectangle(canvas.size))]))
        // Centres at −0.375, −0.125, 0.125, … of a source pixel; 1/256 steps.
        #expect((0..<8).map { canvas[$0, 1] } == [0, 0, 32, 96, 159, 223, 255, 255])
    }

    @Test func shrinkingByTenAveragesEveryPixel() throws {
        // One white pixel in a hundred black ones.
        for index in [0, 37, 99] {
            let picture = try frame(.xrgb8888, 10, 10) { x, y in 10 * y + x == index ? 0xFF_FFFF : 0 }
            var canvas = Canvas(1, 1)
            canvas.compose(Scene(layers: [Layer(frame: picture, destination: PixelRectangle(canvas.size))]))
            #expect((2...3).contains(canvas[0, 0] & 0xFF))
        }
    }

    @Test func anyClipOfAScaledSceneIsThatPartOfIt() throws {
        let picture = try frame(.xrgb8888, 23, 19) { UInt32(truncatingIfNeeded: ($0 + 57 * $1) &* 40_503) }
        for place in [PixelRectangle(x: -3, y: -4, width: 31, height: 27), .init(x: 2, y: 3, width: 8, height: 6)] {
            let scene = Scene(layers: [Layer(frame: picture, destination: place, alpha: 200)])
            var whole = Canvas(20, 16)
            whole.compose(scene)
            var random = SeededGenerator(seed: 3)
            for _ in 0..<40 {
                let clip = PixelRectangle(
                    x: .random(in: -3...19, using: &random), y: .random(in: -3...15, using: &random),
                    width: .random(in: 1...20, using: &random), height: .random(in: 1...16, using: &random))
                var part = Canvas(20, 16)
                part.compose(scene, clip: clip)
                for y in 0..<16 {
                    for x in 0..<20 {
                        let inside = (clip.x..<clip.maxX).contains(x) && (clip.y..<clip.maxY).contains(y)
                        #expect(part[x, y] == (inside ? whole[x, y] : Canvas.untouched))
                    }
                }
            }
        }
    }

    @Test func aSceneOnASmallerPictureIsScaledAsAWhole() throws {
        let left = try frame(.xrgb8888, 960, 1080) { _, _ in 0xFF_0000 }
        let right = try frame(.xrgb8888, 10, 10) { _, _ in 0x00_FF00 }
        let scene = Scene(layers: [
            Layer(frame: left, destination: PixelRectangle(x: 0, y: 0, width: 960, height: 1080)),
            Layer(frame: right, destination: PixelRectangle(x: 960, y: 270, width: 960, height: 540)),
        ])
        var canvas = Canvas(64, 36)
        canvas.compose(scene, screen: PixelSize(width: 1920, height: 1080))
        for y in 0..<36 {
            for x in 0..<64 {
                #expect(canvas[x, y] == (x < 32 ? 0xFF_0000 : (9..<27).contains(y) ? 0x00_FF00 : 0))
            }
        }
        // A place that is less than half a pixel there vanishes; nothing crashes.
        var tiny = Canvas(1, 1)
        tiny.compose(
            Scene(layers: [Layer(frame: right, destination: PixelRectangle(x: 5, y: 5, width: 2, height: 2))]),
            screen: PixelSize(width: 1920, height: 1080))
        #expect(tiny[0, 0] == 0)
    }
}
