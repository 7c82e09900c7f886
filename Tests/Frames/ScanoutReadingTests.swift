import Frames
import LinuxSystem
import Testing

/// Memory that is slow to read gives the same pictures.
@Suite struct ScanoutReadingTests {
    private final class Memory: ScanoutMemory {
        func beginWriting() {}
        func endWriting() {}
    }

    @Test(arguments: PixelFormat.allCases, [0, 1])
    func picturesAreTheSame(_ format: PixelFormat, _ first: Int) throws {
        let layout = FrameLayout(packed: format, size: PixelSize(width: 37, height: 23))
        let plain = try FrameBuffer(name: "test", byteCount: layout.byteCount)
        plain.memory.withBytes { bytes in
            for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 131 &+ index >> 5) }
        }
        let slow = FrameBuffer(id: plain.id, memory: plain.memory, scanout: Memory())
        // As it is, enlarged, and made smaller; from an odd column on, too.
        let source = PixelRectangle(x: first, y: first, width: 37 - first, height: 23 - first)
        for place in [
            PixelRectangle(x: 2, y: 3, width: source.width, height: source.height),
            PixelRectangle(x: -3, y: -2, width: 60, height: 41), PixelRectangle(x: 1, y: 1, width: 11, height: 7),
        ] {
            for alpha: UInt8 in [255, 90] {
                let pictures = [plain, slow].map { buffer in
                    var canvas = Canvas(41, 29)
                    canvas.compose(
                        Scene(layers: [
                            Layer(
                                frame: Frame(buffer: buffer, layout: layout), source: source, destination: place,
                                alpha: alpha)
                        ]))
                    return canvas.colours
                }
                #expect(pictures[0] == pictures[1], "\(place) \(alpha)")
            }
        }
    }
}
