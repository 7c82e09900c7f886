import CJPEG
import DecoderProtocol
import Frames
import LinuxSystem

/// A JPEG, by libjpeg-turbo. The discrete cosine transform yields it at n/8 of its size, so that a large picture never
/// exists at full size; a baseline file is read by rows, and a progressive one holds its coefficients while it is decoded.
/// An embedded ICC profile is ignored, as everywhere in Vitrine.
struct JPEGPhoto: StillPhoto {
    let format = "jpeg"
    let codec = "jpeg"
    let size: PixelSize
    let orientation: Orientation
    let taken: Int64?
    private let file: PhotoFile
    private let memoryLimit: Int

    init(_ file: PhotoFile, request: OpenRequest) throws(DecodeFailure) {
        self.file = file
        memoryLimit = request.memoryLimit
        let session = try Session(file, memoryLimit: request.memoryLimit)
        let header = session.header
        size = PixelSize(width: Int(header.width), height: Int(header.height))
        let exif = session.exif
        orientation = exif.flatMap(ExifOrientation.find) ?? .upright
        taken = exif.flatMap(CaptureTime.find)
        try Self.cost(header).admit(limit: request.memoryLimit)
        let placement = FramePlacement(self, request: request)
        let eighths = Self.eighths(placement)
        try Self.cost(header, reduced: placement.reduced(to: Self.reduced(size, eighths: eighths)))
            .admit(limit: request.memoryLimit)
    }

    func paint(placement: FramePlacement, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
        let session = try Session(file, memoryLimit: memoryLimit)
        let eighths = Self.eighths(placement)
        let decoded = try session.start(eighths: eighths)
        let reduced = Self.reduced(size, eighths: eighths)
        guard decoded.width >= reduced.width, decoded.height >= reduced.height else {
            throw .brokenPhoto("JPEG", detail: "its size changed while it was read")
        }
        // The library may write up to seven columns more than are used; the band has room for them.
        var wide = placement.reduced(to: reduced)
        wide.stored = decoded
        let band = try RowBand(placement: wide, into: pixels)
        var isFirst = true
        let rows = try band.run { (target, count) throws(DecodeFailure) in
            // Alone, so that one look tells whether even the first row was made up.
            let read = try session.readRows(into: target, stride: band.stride, count: isFirst ? 1 : count)
            if isFirst, session.header.holds_coefficients == 0, session.isCutOff { return 0 }
            isFirst = false
            return read
        }
        if rows == 0 {
            throw .brokenPhoto("JPEG", detail: session.isCutOff ? "it ends before the first row" : session.message)
        }
    }

    /// How many eighths of the size suffice: the fewest that are no smaller than what will be shown.
    static func eighths(_ placement: FramePlacement) -> Int {
        let crop = placement.crop
        let scaled = placement.scaled
        return (1...8).first { eighths in
            crop.width * eighths >= scaled.width * 8 && crop.height * eighths >= scaled.height * 8
        } ?? 8
    }

    /// The part of the library's output that is picture: it rounds up, and what hangs over the edge would stretch the rest.
    static func reduced(_ size: PixelSize, eighths: Int) -> PixelSize {
        PixelSize(width: max(1, (size.width * eighths + 4) / 8), height: max(1, (size.height * eighths + 4) / 8))
    }

    private static func cost(_ header: vitrine_jpeg_header, reduced: FramePlacement? = nil) -> PhotoCost {
        let width = Int(header.width)
        let what: String
        let suggestion: String
        if header.holds_coefficients == 0 {
            what = "JPEG"
            suggestion = "Make the picture smaller and upload it again."
        } else {
            what = header.progressive == 1 ? "progressive JPEG" : "JPEG of several scans"
            suggestion = "Save it as a baseline JPEG (not progressive), or make it smaller, and upload it again."
        }
        // The library keeps some forty rows of every component between its stages.
        let rows = width * Int(header.components) * 40
        return PhotoCost(
            size: PixelSize(width: width, height: Int(header.height)),
            bytes: Int(header.coefficient_bytes) + rows + (reduced.map { RowBand.byteCount(placement: $0) } ?? 0),
            what: what, suggestion: suggestion)
    }

    /// One reading of the file, from its header on.
    private final class Session {
        private(set) var header = vitrine_jpeg_header()
        private let reader: OpaquePointer
        private let file: PhotoFile

        init(_ file: PhotoFile, memoryLimit: Int) throws(DecodeFailure) {
            guard let reader = vitrine_jpeg_open(file.descriptor.rawValue, Int64(memoryLimit)) else {
                throw .outOfMemory(doing: "decoding")
            }
            self.reader = reader
            self.file = file
            guard vitrine_jpeg_read_header(reader, &header) == 0 else { throw failure }
        }

        deinit { vitrine_jpeg_close(reader) }

        var message: String { String(cString: vitrine_jpeg_message(reader)) }
        var isCutOff: Bool { vitrine_jpeg_is_cut_off(reader) == 1 }

        var exif: [UInt8]? {
            var count = 0
            guard let bytes = vitrine_jpeg_exif(reader, &count) else { return nil }
            return Array(UnsafeBufferPointer(start: bytes, count: count))
        }

        func start(eighths: Int) throws(DecodeFailure) -> PixelSize {
            var width: CInt = 0
            var height: CInt = 0
            guard vitrine_jpeg_start(reader, CInt(eighths), &width, &height) == 0 else { throw failure }
            return PixelSize(width: Int(width), height: Int(height))
        }

        /// 0 where nothing more can be had, be it the end or damage.
        func readRows(
            into rows: UnsafeMutablePointer<UInt8>, stride: Int, count: Int
        ) throws(DecodeFailure) -> Int {
            let read = vitrine_jpeg_read_rows(reader, rows, stride, CInt(count))
            if vitrine_jpeg_read_error(reader) != 0 { throw failure }
            return max(0, Int(read))
        }

        private var failure: DecodeFailure {
            let code = vitrine_jpeg_read_error(reader)
            return code == 0 ? .brokenPhoto("JPEG", detail: message) : .unreadable(errno: code)
        }
    }
}
