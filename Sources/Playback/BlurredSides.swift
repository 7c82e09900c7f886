import Dispatch
import Frames
import LinuxSystem

/// What is beside a photo: the photo itself, filling the screen, blurred and darker.
///
/// It is painted once, as pictures of a few dozen pixels, and the display enlarges them: its interpolation is the rest of
/// the blur.
struct BlurredSides: Sendable {
    /// A side's picture has one pixel for so many on a screen of 1080 rows, and never more on another.
    private static let shrinkage = 24
    private let queue = BlockingQueue(label: "vitrine.sides", qos: .userInitiated)

    /// - Parameter place: where the photo goes.
    /// - Returns: what is to be shown below the photo; nothing where it leaves nothing free.
    func layers(beside photo: Frame, at place: PixelRectangle, on screen: PixelSize) async throws -> [Layer] {
        let areas = Self.areas(beside: place, on: screen)
        guard !areas.isEmpty else { return [] }
        return try await queue.run { () throws in
            var layers: [Layer] = []
            for area in areas { layers.append(try Self.layer(area, of: photo, on: screen)) }
            return layers
        }
    }

    /// What a picture in the middle leaves free: its left and its right, or what is above and below.
    static func areas(beside place: PixelRectangle, on screen: PixelSize) -> [PixelRectangle] {
        let all = PixelRectangle(screen)
        let beside = [
            PixelRectangle(x: 0, y: 0, width: place.x, height: screen.height),
            PixelRectangle(x: place.maxX, y: 0, width: screen.width - place.maxX, height: screen.height),
            PixelRectangle(x: 0, y: 0, width: screen.width, height: place.y),
            PixelRectangle(x: 0, y: place.maxY, width: screen.width, height: screen.height - place.maxY),
        ]
        return beside.map { $0.intersection(all) }.filter { !$0.isEmpty }
    }

    /// The picture of one side.
    private static func layer(_ area: PixelRectangle, of photo: Frame, on screen: PixelSize) throws -> Layer {
        let unit = max(2, shrinkage * min(screen.width, screen.height) / 1_080)
        let small = PixelSize(
            width: max(1, (area.width + unit - 1) / unit), height: max(1, (area.height + unit - 1) / unit))
        var place = Fit.cover.destination(of: photo.size, on: screen)
        place.x -= area.x
        place.y -= area.y
        let layout = FrameLayout(packed: .xrgb8888, size: small)
        let buffer = try FrameBuffer(name: "side", byteCount: layout.byteCount)
        buffer.memory.withBytes { bytes in
            Compositor.compose(
                Scene(layers: [Layer(frame: photo, destination: place)]), screen: area.size, into: bytes,
                layout: layout)
            blur(bytes, layout)
        }
        return Layer(frame: Frame(buffer: buffer, layout: layout), destination: area)
    }

    /// Twice a binomial of five, across and down, and five eighths of the light.
    private static func blur(_ bytes: UnsafeMutableRawBufferPointer, _ layout: FrameLayout) {
        let (width, height) = (layout.size.width, layout.size.height)
        var line = [UInt32](repeating: 0, count: max(width, height))
        func smooth(start: Int, step: Int, count: Int) {
            for channel in 0..<3 {
                for index in 0..<count { line[index] = UInt32(bytes[start + index * step + channel]) }
                func value(_ index: Int) -> UInt32 { line[min(max(index, 0), count - 1)] }
                for index in 0..<count {
                    let sum =
                        value(index - 2) + 4 * value(index - 1) + 6 * value(index) + 4 * value(index + 1)
                        + value(index + 2)
                    bytes[start + index * step + channel] = UInt8((sum + 8) / 16)
                }
            }
        }
        for _ in 0..<2 {
            for y in 0..<height { smooth(start: y * layout.stride, step: 4, count: width) }
            for x in 0..<width { smooth(start: 4 * x, step: layout.stride, count: height) }
        }
        for y in 0..<height {
            for index in y * layout.stride..<y * layout.stride + 4 * width {
                bytes[index] = UInt8(UInt32(bytes[index]) * 5 / 8)
            }
        }
    }
}
