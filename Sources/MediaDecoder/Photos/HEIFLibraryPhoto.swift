import CFFmpeg
import CHeif
import DecoderProtocol
import Frames

/// A HEIF picture that is more than coded tiles (alpha, mirrored, cropped, laid over others), by libheif, which does all
/// that itself: as a whole, as RGB, and so for smaller pictures only.
struct HEIFLibraryPhoto: StillPhoto {
    let format: String
    let codec = "libheif"
    let size: PixelSize
    let orientation = Orientation.upright
    let taken: Int64?
    private let file: PhotoFile
    private let memoryLimit: Int

    init(_ file: PhotoFile, format: String, request: OpenRequest) throws(DecodeFailure) {
        self.file = file
        self.format = format
        memoryLimit = request.memoryLimit
        let heif = try HEIFFile(file, memoryLimit: request.memoryLimit)
        size = heif.size
        let read = { (offset: Int, count: Int) throws(DecodeFailure) -> [UInt8] in
            try file.bytes(at: offset, count: count)
        }
        taken = try HEIFItems(read: read)?.exif(read: read).flatMap(CaptureTime.find)
        // The decoder's picture, libheif's copy of it, planes of RGB, those turned, and the pixels that come out.
        try PhotoCost(
            size: size, bytes: size.pixelCount * (heif.bitDepth > 8 ? 16 : 10),
            what: format == "avif" ? "AVIF" : "HEIC",
            suggestion: "Make the picture smaller, or save it as JPEG, and upload it again."
        ).admit(limit: request.memoryLimit)
    }

    func paint(placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
        let heif = try HEIFFile(file, memoryLimit: memoryLimit)
        let picture = try HEIFPicture(heif)
        guard heif.size == size, picture.size == size, let planes = picture.planes else {
            throw .brokenPhoto("HEIF", detail: "the picture is not what the file says")
        }
        // Premultiplied is the same as laid on black.
        let source = SourcePixels(format: heif.isPremultiplied ? AV_PIX_FMT_RGB0 : AV_PIX_FMT_RGBA, size: size)
        let writer = try PictureWriter(source: source, placement: placement, quality: .best)
        try writer.write(planes, into: pixels)
    }
}

/// A decoded picture, in libheif's memory: four bytes a pixel.
private final class HEIFPicture {
    private let image: OpaquePointer

    init(_ file: HEIFFile) throws(DecodeFailure) {
        guard let options = heif_decoding_options_alloc() else { throw .outOfMemory(doing: "decoding") }
        defer { heif_decoding_options_free(options) }
        options.pointee.convert_hdr_to_8bit = 1
        var image: OpaquePointer?
        let error = heif_decode_image(
            file.handle, &image, heif_colorspace_RGB, heif_chroma_interleaved_RGBA, options)
        guard error.code == heif_error_Ok, let image else { throw file.failure(error) }
        self.image = image
    }

    deinit { heif_image_release(image) }

    var size: PixelSize {
        PixelSize(width: Int(heif_image_get_primary_width(image)), height: Int(heif_image_get_primary_height(image)))
    }

    var planes: PixelPlanes? {
        var stride: CInt = 0
        guard let pointer = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride) else { return nil }
        return PixelPlanes(packed: pointer, stride: Int(stride))
    }
}
