import Frames
import StillEncoding

/// A scene drawn into memory of its own. It holds no frame, so that encoding it, however long that takes, keeps no
/// buffer from whoever lent it.
struct ComposedPicture: ~Copyable {
    private let layout: FrameLayout
    private let pixels: UnsafeMutableRawBufferPointer

    /// - Parameter maximumWidth: in pixels; a wider screen is drawn smaller.
    init(of shown: consuming ShownScene, within maximumWidth: Int = .max) {
        layout = FrameLayout(packed: .xrgb8888, size: Self.size(of: shown.screen, within: maximumWidth))
        pixels = .allocate(byteCount: layout.byteCount, alignment: 64)
        Compositor.compose(shown.scene, screen: shown.screen, into: pixels, layout: layout)
    }

    deinit { pixels.deallocate() }

    func png() throws(StillEncodingError) -> [UInt8] {
        try StillEncoding.png(UnsafeRawBufferPointer(pixels), layout: layout)
    }

    func jpeg(quality: Int) throws(StillEncodingError) -> [UInt8] {
        try StillEncoding.jpeg(UnsafeRawBufferPointer(pixels), layout: layout, quality: quality)
    }

    private static func size(of screen: PixelSize, within maximumWidth: Int) -> PixelSize {
        guard screen.width > maximumWidth else { return screen }
        return PixelSize(
            width: maximumWidth, height: max(1, (screen.height * maximumWidth + screen.width / 2) / screen.width))
    }
}
