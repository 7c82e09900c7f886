import CHeif
import DecoderProtocol
import Frames

/// A HEIC, HEIF or still AVIF, by libheif, which turns and mirrors by the file's own properties: its EXIF orientation says
/// the same once more and is left alone. Where the library can, a grid is decoded a row of tiles at a time.
struct HEIFPhoto: StillPhoto {
    let format: String
    var codec: String { format }
    let size: PixelSize
    let orientation = Orientation.upright
    private let file: PhotoFile
    private let memoryLimit: Int

    init(_ file: PhotoFile, brand: String, request: OpenRequest) throws(DecodeFailure) {
        self.file = file
        memoryLimit = request.memoryLimit
        format = brand == "avif" ? "avif" : "heic"
        let heif = try HEIFFile(file, memoryLimit: request.memoryLimit)
        size = heif.size
        let kinds = Self.kinds(heif)
        try Self.cost(heif, kind: kinds[0], format: format, placement: nil).admit(limit: request.memoryLimit)
        let placement = FramePlacement(self, request: request)
        try Self.cost(heif, kind: kinds[0], format: format, placement: placement).admit(limit: request.memoryLimit)
    }

    func paint(placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
        let heif = try HEIFFile(file, memoryLimit: memoryLimit)
        guard heif.size == size else { throw .brokenPhoto("HEIF", detail: "its size changed while it was read") }
        if let grid = HEIFGrid(heif, size: size) {
            try grid.paint(heif, placement: placement, into: pixels)
            return
        }
        let picture = try Self.decode(heif)
        guard picture.size == size, let source = picture.source(isPremultiplied: heif.isPremultiplied) else {
            throw .brokenPhoto("HEIF", detail: "the picture is not what the file says")
        }
        let writer = try PictureWriter(source: source, placement: placement, quality: .best)
        try writer.write(picture.planes, into: pixels)
    }

    /// The first kind of pixels that this libheif can make of the file.
    private static func decode(_ heif: HEIFFile) throws(DecodeFailure) -> HEIFPicture {
        var refusal: DecodeFailure?
        for kind in kinds(heif) {
            do throws(DecodeFailure) {
                return try HEIFPicture(heif, kind: kind)
            } catch {
                guard error.code == .unsupported else { throw error }
                refusal = refusal ?? error
            }
        }
        throw refusal ?? .brokenPhoto("HEIF", detail: "")
    }

    /// How to ask for the pixels, best first. What a small picture's chroma has is kept; a large one is shrunk anyway.
    private static func kinds(_ heif: HEIFFile) -> [HEIFPicture.Kind] {
        if heif.hasAlpha || heif.isRGB { return [.rgba] }
        let planes: [HEIFPicture.Kind] = [.planes(heif_chroma_420), .rgba]
        return heif.size.pixelCount <= 4_000_000 ? [.planes(heif_chroma_444)] + planes : planes
    }

    private static func cost(
        _ heif: HEIFFile, kind: HEIFPicture.Kind, format: String, placement: FramePlacement?
    ) -> PhotoCost {
        let sample = heif.bitDepth > 8 ? 2 : 1
        let decoding: Int
        if let grid = HEIFGrid(heif, size: heif.size) {
            decoding = grid.byteCount(sample: sample)
        } else {
            // The decoder's picture with what it notes of every block, and libheif's copy of it.
            decoding = heif.size.pixelCount * (kind == .rgba ? 4 + 3 * sample : 5 * sample)
        }
        return PhotoCost(
            size: heif.size,
            bytes: decoding
                + (placement.map { PictureWriter.byteCount(placement: $0, hasAlpha: heif.hasAlpha) } ?? 0),
            what: format == "avif" ? "AVIF" : "HEIC",
            suggestion: "Make the picture smaller, or save it as JPEG, and upload it again.")
    }
}
