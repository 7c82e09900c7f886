import CFFmpeg
import DecoderProtocol
import Frames

/// Scales, converts and turns decoded pixels, once, into a frame.
///
/// Rows may come in bands, from the top, so that a reader need not hold the whole picture. Alpha is laid on black before
/// scaling, which keeps the colours of transparent pixels out of their neighbours.
final class PictureWriter {
    enum Quality {
        /// Cheap enough for video: the assembler of unscaled conversion, bilinear to shrink; to enlarge YUV, bicubic, which
        /// costs a tenth more there and is much sharper (with RGB it would cost twice as much).
        case fast
        /// For a picture that stays: bicubic, with chroma interpolated.
        case best
    }

    let source: SourcePixels
    let placement: FramePlacement
    private let scaler: Scaler
    private let flattener: AlphaFlattener?
    private var turning: TurningBuffer?
    private var target: Scaler.Target?
    private var pixels: UnsafeMutableRawBufferPointer?

    /// Throws `tooLarge` when there is no memory for it and `unsupported` for pixels that cannot be converted.
    init(source: SourcePixels, placement: FramePlacement, quality: Quality) throws(DecodeFailure) {
        self.source = source
        self.placement = placement
        let crop = placement.crop
        if source.hasAlpha {
            let flattener = try AlphaFlattener(source: source, crop: crop)
            self.flattener = flattener
            scaler = try Scaler(
                source: SourcePixels(format: AV_PIX_FMT_BGR0, size: crop.size), target: placement.scaled,
                quality: quality)
        } else {
            flattener = nil
            var cropped = source
            cropped.size = crop.size
            scaler = try Scaler(source: cropped, target: placement.scaled, quality: quality)
        }
        if placement.orientation.swapsAxes { turning = try TurningBuffer(size: placement.scaled) }
    }

    /// What a writer allocates for itself, in bytes, for estimates.
    static func byteCount(placement: FramePlacement, hasAlpha: Bool) -> Int {
        let turning = placement.orientation.swapsAxes ? placement.layout.byteCount : 0
        let flattening = hasAlpha ? AlphaFlattener.bandRows * placement.crop.width * 4 : 0
        // The scaler's line buffers, at 16 bits in four planes, and its filters.
        return turning + flattening + (placement.crop.width + placement.scaled.width) * 2 * 4 * 24
    }

    /// Writes a whole picture. `planes` is all of the stored picture, uncropped.
    func write(_ planes: PixelPlanes, into pixels: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
        begin(into: pixels)
        try feed(planes, rows: 0..<placement.stored.height)
        finish()
    }

    /// Begins a picture that comes in bands. `pixels` is the whole buffer, `placement.layout` says where in it.
    func begin(into pixels: UnsafeMutableRawBufferPointer) {
        precondition(pixels.count >= placement.layout.byteCount)
        self.pixels = pixels
        target = turning?.target ?? directTarget(pixels)
        scaler.begin()
    }

    /// Converts the next rows. Bands follow each other without a gap, and begin at multiples of the chroma rows.
    /// Their memory must be readable for 64 bytes beyond the last row.
    ///
    /// - Parameter planes: the band's first row and those below it, uncropped.
    func feed(_ planes: PixelPlanes, rows: Range<Int>) throws(DecodeFailure) {
        guard let target else { return }
        let crop = placement.crop
        let wanted = rows.clamped(to: crop.y..<crop.maxY)
        guard !wanted.isEmpty else { return }
        let inside = planes.moved(x: crop.x, y: wanted.lowerBound - rows.lowerBound, of: source)
        if let flattener {
            try flattener.flatten(inside, rows: wanted.count) { (band, offset, count) throws(DecodeFailure) in
                try scaler.scale(band, row: wanted.lowerBound - crop.y + offset, count: count, into: target)
            }
        } else {
            try scaler.scale(inside, row: wanted.lowerBound - crop.y, count: wanted.count, into: target)
        }
    }

    /// Turns what was scaled, where the orientation asks for it. The frame is complete then.
    func finish() {
        guard let pixels, let base = pixels.baseAddress else { return }
        let layout = placement.layout
        let rows = base + layout.offset
        if let turning {
            PixelTurning.transpose(
                turning.pixels, from: placement.scaled, stride: turning.stride, into: rows, stride: layout.stride,
                mirroringX: placement.orientation.mirrorsStoredX, mirroringY: placement.orientation.mirrorsStoredY)
        } else if placement.orientation.mirrorsStoredX {
            PixelTurning.mirrorRows(rows, size: layout.size, stride: layout.stride)
        }
        target = nil
        self.pixels = nil
    }

    private func directTarget(_ pixels: UnsafeMutableRawBufferPointer) -> Scaler.Target? {
        guard let base = pixels.baseAddress else { return nil }
        let layout = placement.layout
        let top = base + layout.offset
        // Written from the last row upwards, the picture comes out upside down for nothing.
        return placement.orientation.mirrorsStoredY
            ? Scaler.Target(first: top + (layout.size.height - 1) * layout.stride, stride: -layout.stride)
            : Scaler.Target(first: top, stride: layout.stride)
    }
}
