import CQREncode
public import Frames

#if canImport(Glibc)
    import Glibc
#endif

/// A QR code (ISO/IEC 18004), as small as its text allows.
public struct QRCode: Sendable, Equatable {
    /// How much of the picture may be unreadable.
    public enum Correction: Sendable {
        /// 7 %.
        case low
        /// 15 %.
        case medium
    }

    /// Modules of light around the code that readers rely on.
    public static let quietZone = 4

    /// Modules of one side, without the quiet zone.
    public let side: Int
    /// Row by row: true is dark.
    public let modules: [Bool]

    public init(_ text: String, correction: Correction = .medium) throws(LetteringError) {
        // A code of 8-bit characters ends at a zero byte; there is none in an address.
        let bytes = Array(text.utf8).filter { $0 != 0 }
        let level = correction == .low ? QR_ECLEVEL_L : QR_ECLEVEL_M
        guard let code = QRcode_encodeData(CInt(bytes.count), bytes, 0, level) else {
            if errno == ERANGE { throw .codeTooLong(byteCount: bytes.count) }
            throw .library("libqrencode", code: Int(errno))
        }
        defer { QRcode_free(code) }
        let side = Int(code.pointee.width)
        guard let data = code.pointee.data else { throw .library("libqrencode", code: 0) }
        self.side = side
        modules = (0..<side * side).map { data[$0] & 1 == 1 }
    }

    /// Modules of one side with the quiet zone.
    public var sideWithQuietZone: Int { side + 2 * Self.quietZone }

    /// Draws dark modules on a light square; the quiet zone is part of it.
    ///
    /// - Parameter moduleSize: pixels of a module's side.
    public func draw(
        x: Int, y: Int, moduleSize: Int, dark: Colour = .black, light: Colour = .white, on canvas: Canvas
    ) {
        let whole = sideWithQuietZone * moduleSize
        canvas.fill(PixelRectangle(x: x, y: y, width: whole, height: whole), light)
        drawModules(x: x, y: y, moduleSize: moduleSize, dark, on: canvas)
    }

    /// Draws the dark modules alone; x and y are the quiet zone's corner.
    func drawModules(x: Int, y: Int, moduleSize: Int, _ dark: Colour, on canvas: Canvas) {
        for row in 0..<side {
            for column in 0..<side where modules[row * side + column] {
                canvas.fill(
                    PixelRectangle(
                        x: x + (column + Self.quietZone) * moduleSize, y: y + (row + Self.quietZone) * moduleSize,
                        width: moduleSize, height: moduleSize),
                    dark)
            }
        }
    }

    /// The code as a picture of its own, xrgb8888, with its quiet zone.
    public func frame(moduleSize: Int) throws(LetteringError) -> Frame {
        let whole = sideWithQuietZone * max(1, moduleSize)
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: whole, height: whole))
        return try makeFrame(layout, name: "qr") { draw(x: 0, y: 0, moduleSize: max(1, moduleSize), on: $0) }
    }
}
