import Frames
import LinuxSystem
import Testing

@Suite struct ColourConversionTests {
    /// A frame with given bytes in each plane.
    private func frame(_ layout: FrameLayout, _ fill: (_ plane: Int, _ x: Int, _ y: Int) -> UInt8) throws -> Frame {
        let buffer = try FrameBuffer(name: "test", byteCount: layout.byteCount)
        buffer.memory.withBytes { bytes in
            for (index, plane) in layout.planes.enumerated() {
                for y in 0..<plane.size.height {
                    for x in 0..<plane.stride { bytes[plane.offset + y * plane.stride + x] = fill(index, x, y) }
                }
            }
        }
        return Frame(buffer: buffer, layout: layout)
    }

    private func shown(_ frame: Frame) -> Canvas {
        var canvas = Canvas(frame.size.width, frame.size.height)
        canvas.compose(Scene(layers: [Layer(frame: frame, destination: PixelRectangle(frame.size))]))
        return canvas
    }

    @Test func rgb565ReachesBlackAndWhite() throws {
        let layout = FrameLayout(packed: .rgb565, size: PixelSize(width: 5, height: 1))
        let pixels: [UInt16] = [0, 0xFFFF, 0xF800, 0x07E0, 0x001F]
        let picture = try frame(layout) { _, x, _ in
            x < 10 ? UInt8(truncatingIfNeeded: pixels[x / 2] >> (8 * (x % 2))) : 0
        }
        #expect(shown(picture).colours == [0, 0xFF_FFFF, 0xFF_0000, 0x00_FF00, 0x00_00FF])
    }

    /// BT.709 in limited range, values as in ITU-R BT.709 and Poynton's tables.
    @Test(arguments: [
        ([16, 128, 128], [0, 0, 0]), ([235, 128, 128], [255, 255, 255]), ([126, 128, 128], [128, 128, 128]),
        ([63, 102, 240], [255, 0, 0]), ([173, 42, 26], [0, 255, 0]), ([32, 240, 118], [0, 0, 255]),
    ])
    func coloursOfBT709(yuv: [Int], rgb: [Int]) throws {
        for format in [PixelFormat.yuv420, .nv12] {
            // Odd sides: the last column and row have chroma of their own.
            let layout = FrameLayout(packed: format, size: PixelSize(width: 5, height: 3))
            let picture = try frame(layout) { plane, x, _ in
                UInt8(plane == 0 ? yuv[0] : format == .nv12 ? yuv[1 + x % 2] : yuv[plane])
            }
            let canvas = shown(picture)
            for y in 0..<3 {
                for x in 0..<5 {
                    let distances = zip(channels(canvas[x, y]), [rgb[2], rgb[1], rgb[0]]).map { abs($0 - $1) }
                    #expect(distances.allSatisfy { $0 <= 3 }, "\(format) \(distances)")
                }
            }
        }
    }

    /// Every coding, by the definition of each recommendation: brightness is a weighted sum, and colour what differs from it.
    @Test(arguments: ColourCoding.Matrix.allCases, [false, true])
    func coloursOfEveryCoding(matrix: ColourCoding.Matrix, isFull: Bool) throws {
        let weights = [ColourCoding.Matrix.bt601: (0.299, 0.114), .bt709: (0.2126, 0.0722), .bt2020: (0.2627, 0.0593)]
        let (ofRed, ofBlue) = try #require(weights[matrix])
        let layout = FrameLayout(
            packed: .nv12, size: PixelSize(width: 2, height: 2),
            colour: ColourCoding(matrix: matrix, isFullRange: isFull))
        for rgb in [
            [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [200, 100, 40], [30, 60, 90],
        ] {
            let (red, green, blue) = (Double(rgb[0]), Double(rgb[1]), Double(rgb[2]))
            let y = ofRed * red + (1 - ofRed - ofBlue) * green + ofBlue * blue
            let u = (blue - y) / (2 * (1 - ofBlue))
            let v = (red - y) / (2 * (1 - ofRed))
            func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value.rounded()))) }
            let luma = byte(isFull ? y : 16 + y * 219 / 255)
            let chroma = [u, v].map { byte(128 + $0 * (isFull ? 1 : 224.0 / 255)) }
            let picture = try frame(layout) { plane, x, _ in plane == 0 ? luma : chroma[x % 2] }
            let distances = zip(channels(shown(picture)[1, 1]), rgb.reversed()).map { abs($0 - $1) }
            #expect(distances.allSatisfy { $0 <= 3 }, "\(rgb) \(distances)")
        }
    }

    @Test func eachChromaSampleServesItsFourPixels() throws {
        let layout = FrameLayout(packed: .nv12, size: PixelSize(width: 4, height: 4))
        let picture = try frame(layout) { plane, x, y in
            if plane == 0 { return 100 }
            return x % 2 == 0 ? 128 : UInt8(60 + 40 * min(1, x / 2) + 80 * y)
        }
        let reds = (0..<4).map { y in (0..<4).map { x in shown(picture)[x, y] >> 16 } }
        #expect(reds[0][0] == reds[1][1])
        #expect(reds[0][0] < reds[0][2])
        #expect(reds[0][2] == reds[1][3])
        #expect(reds[1][3] < reds[2][0])
        #expect(reds[2][0] == reds[3][1])
        // From an odd column and row on it is the same.
        var canvas = Canvas(3, 3)
        canvas.compose(
            Scene(layers: [
                Layer(
                    frame: picture, source: PixelRectangle(x: 1, y: 1, width: 3, height: 3),
                    destination: PixelRectangle(canvas.size))
            ]))
        for y in 0..<3 { for x in 0..<3 { #expect(canvas[x, y] >> 16 == reds[y + 1][x + 1]) } }
    }
}
