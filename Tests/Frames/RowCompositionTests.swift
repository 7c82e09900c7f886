import LinuxSystem
import Testing

@testable import Frames

/// Composition by row gives the same pixels as the other one.
@Suite struct RowCompositionTests {
    private let size = PixelSize(width: 50, height: 30)

    @Test func rowsAreThoseOfTheWhole() throws {
        var state: UInt64 = 7
        func random(_ range: ClosedRange<Int>) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return range.lowerBound + Int(state >> 33) % range.count
        }
        for _ in 0..<60 {
            var layers: [Layer] = []
            for _ in 0..<random(0...4) {
                let frame = try noise(
                    random(0...1) == 0 ? .xrgb8888 : .argb8888,
                    PixelSize(width: random(1...70), height: random(1...40)),
                    seed: random(1...1_000))
                let source = PixelRectangle(
                    x: random(0...frame.size.width - 1), y: 0, width: 1, height: frame.size.height)
                let part = PixelRectangle(
                    x: source.x, y: 0, width: random(1...frame.size.width - source.x), height: source.height)
                layers.append(
                    Layer(
                        frame: frame, source: part,
                        destination: PixelRectangle(
                            x: random(-20...49), y: random(-20...29), width: part.width, height: part.height),
                        alpha: random(0...2) == 0 ? UInt8(random(0...255)) : 255))
            }
            let scene = Scene(layers: layers)
            #expect(Compositor.composesByRow(scene))
            let left = random(0...20)
            let right = random(left + 1...50)
            let layout = FrameLayout(format: .xrgb8888, size: size, stride: 4 * size.width)
            var whole = [UInt32](repeating: 0, count: size.pixelCount)
            whole.withUnsafeMutableBytes { Compositor.compose(scene, screen: size, into: $0, layout: layout) }
            for y in 0..<size.height {
                var row = [UInt32](repeating: 0x5555_5555, count: right - left)
                row.withUnsafeMutableBufferPointer { pixels in
                    guard let base = pixels.baseAddress else { return }
                    Compositor.composeRow(scene, y: y, columns: left..<right, into: base)
                }
                let expected = whole[y * size.width + left..<y * size.width + right]
                #expect(row.map { $0 & 0xFF_FFFF } == expected.map { $0 & 0xFF_FFFF })
            }
        }
    }

    @Test func scenesThatNeedMoreAreLeftToTheOther() throws {
        let frame = try noise(.xrgb8888, PixelSize(width: 8, height: 8), seed: 1)
        let small = PixelRectangle(x: 0, y: 0, width: 4, height: 8)
        #expect(!Compositor.composesByRow(Scene(layers: [Layer(frame: frame, destination: small)])))
        let outside = PixelRectangle(x: 4, y: 0, width: 8, height: 8)
        let place = PixelRectangle(x: 0, y: 0, width: 8, height: 8)
        #expect(!Compositor.composesByRow(Scene(layers: [Layer(frame: frame, source: outside, destination: place)])))
        let other = try noise(.rgb565, PixelSize(width: 8, height: 8), seed: 1)
        #expect(!Compositor.composesByRow(Scene(layers: [Layer(frame: other, destination: place)])))
        // What is not seen does not count.
        #expect(Compositor.composesByRow(Scene(layers: [Layer(frame: other, destination: place, alpha: 0)])))
    }

    private func noise(_ format: PixelFormat, _ size: PixelSize, seed: Int) throws -> Frame {
        let layout = FrameLayout(packed: format, size: size)
        let buffer = try FrameBuffer(name: "test", byteCount: layout.byteCount)
        var state = UInt32(truncatingIfNeeded: seed)
        buffer.memory.withBytes { bytes in
            for index in bytes.indices {
                state = state &* 1_664_525 &+ 1_013_904_223
                bytes[index] = UInt8(truncatingIfNeeded: state >> 24)
            }
        }
        return Frame(buffer: buffer, layout: layout)
    }
}
