import DecoderProtocol
import Frames

/// Where a medium's pictures go: which part of the stored pixels is shown, how it is turned, and the frame it becomes.
struct FramePlacement: Equatable {
    /// Size of the pictures as stored, before turning.
    var stored: PixelSize
    var orientation: Orientation
    /// Size of the whole picture as shown: upright, the pixel aspect counted into it.
    var shown: PixelSize
    /// The part of the stored picture that is seen, in stored pixels; its edges are even, so that it cuts no chroma sample.
    var crop: PixelRectangle
    /// The frame: xrgb8888, as large as the part of the screen that the picture covers; or planes, see `inPlanes`.
    var layout: FrameLayout

    /// - Parameters:
    ///   - stored: size as decoded, before turning.
    ///   - pixelAspect: width of a stored pixel by its height.
    ///   - screen: size of the display; the picture is fitted to it.
    init(stored: PixelSize, pixelAspect: Double = 1, orientation: Orientation, screen: PixelSize, fit: Fit) {
        self.stored = stored
        self.orientation = orientation
        // Beyond 1:16 it is a mistake in the file.
        let aspect = pixelAspect.isFinite && pixelAspect > 1 / 16 && pixelAspect < 16 ? pixelAspect : 1
        let stretched = PixelSize(
            width: max(1, Int((Double(stored.width) * aspect).rounded())), height: stored.height)
        shown =
            orientation.swapsAxes
            ? PixelSize(width: stretched.height, height: stretched.width) : stretched

        let destination = fit.destination(of: shown, on: screen)
        let visible = destination.intersection(PixelRectangle(screen))
        layout = FrameLayout(
            packed: .xrgb8888, size: PixelSize(width: max(1, visible.width), height: max(1, visible.height)))

        // What is cut off, as a part of the whole, along the axes of the stored picture.
        let across = Self.seen(from: visible.x - destination.x, length: visible.width, of: destination.width)
        let down = Self.seen(from: visible.y - destination.y, length: visible.height, of: destination.height)
        let alongX = orientation.swapsAxes ? down : across
        let alongY = orientation.swapsAxes ? across : down
        let (x, width) = Self.cut(alongX, mirrored: orientation.mirrorsStoredX, length: stored.width)
        let (y, height) = Self.cut(alongY, mirrored: orientation.mirrorsStoredY, length: stored.height)
        crop = PixelRectangle(x: x, y: y, width: width, height: height)
    }

    /// The same as planes of YUV, for what stands upright: unscaled, unless it is larger than its place on the screen.
    func inPlanes(_ format: PixelFormat, colour: ColourCoding) -> FramePlacement {
        var result = self
        let fits = crop.width <= layout.size.width && crop.height <= layout.size.height
        result.layout = FrameLayout(packed: format, size: fits ? crop.size : layout.size, colour: colour)
        return result
    }

    /// Whether the crop leaves nothing out.
    var showsAll: Bool { crop == PixelRectangle(stored) }

    /// The frame's size before it is turned: what scaling yields.
    var scaled: PixelSize {
        orientation.swapsAxes
            ? PixelSize(width: layout.size.height, height: layout.size.width) : layout.size
    }

    private static func seen(from start: Int, length: Int, of whole: Int) -> (start: Double, end: Double) {
        guard whole > 0 else { return (0, 1) }
        return (Double(start) / Double(whole), Double(start + length) / Double(whole))
    }

    private static func cut(
        _ part: (start: Double, end: Double), mirrored: Bool, length: Int
    ) -> (start: Int, length: Int) {
        let (low, high) = mirrored ? (1 - part.end, 1 - part.start) : (part.start, part.end)
        let start = min(length - 1, Int((low * Double(length) / 2).rounded()) * 2)
        // The far edge may be odd only where the picture itself ends.
        let end = high > 0.999_999 ? length : min(length, Int((high * Double(length) / 2).rounded()) * 2)
        return (max(0, start), max(1, end - max(0, start)))
    }
}
