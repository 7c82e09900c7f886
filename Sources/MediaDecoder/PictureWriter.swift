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
    private let band: WritingBand?
    /// The first pixel of the frame that is being written.
    private var frame: UnsafeMutableRawPointer?
    /// Where the scaler puts rows that go straight into it.
    private var target: Scaler.Target?

    /// Throws `tooLarge` when there is no memory for it and `unsupported` for pixels that cannot be converted.
    init(source: SourcePixels, placement: FramePlacement, quality: Quality) throws(DecodeFailure) {
        self.source = source
        self.placement = placement
        let crop = placement.crop
        // Alpha is taken away as of a standard picture.
        let light = source.hasAlpha ? .standard : source.light
        let output = Self.output(placement.layout, light)
        // Planes of YUV come upright, and as they are.
        band =
            !placement.layout.format.isYUV && WritingBand.isNeeded(placement.orientation, light)
            ? try WritingBand(
                size: placement.scaled, sourceHeight: crop.height, orientation: placement.orientation, light: light)
            : nil
        let stride = band?.stride ?? placement.layout.stride
        if source.hasAlpha {
            let flattener = try AlphaFlattener(source: source, crop: crop)
            self.flattener = flattener
            scaler = try Scaler(
                source: SourcePixels(format: AV_PIX_FMT_BGR0, size: crop.size), target: placement.scaled,
                stride: stride, output: output, quality: quality)
        } else {
            flattener = nil
            var cropped = source
            cropped.size = crop.size
            scaler = try Scaler(
                source: cropped, target: placement.scaled, stride: stride, output: output, quality: quality)
        }
    }

    private static func output(_ layout: FrameLayout, _ light: SourceLight) -> Scaler.Output {
        switch layout.format {
        case .yuv420: .yuv420(layout.colour)
        case .nv12: .nv12(layout.colour)
        case .xrgb8888, .argb8888, .rgb565: light.needsMapping ? .deepPlanes : .xrgb
        }
    }

    /// What a writer allocates for itself, in bytes, for estimates.
    static func byteCount(
        placement: FramePlacement, hasAlpha: Bool, light: SourceLight = .standard, quality: Quality
    ) -> Int {
        let band =
            WritingBand.isNeeded(placement.orientation, light)
            ? WritingBand.byteCount(size: placement.scaled, sourceHeight: placement.crop.height, light: light) : 0
        let flattening = hasAlpha ? AlphaFlattener.bandRows * placement.crop.width * 4 : 0
        // The scaler's line buffers, at 16 bits in four planes, and its filters.
        let lines = (placement.crop.width + placement.scaled.width) * 2 * 4 * 24
        let enlarged =
            quality == .fast && EnlargedRows.enlarges(placement.crop.size, to: placement.scaled)
            ? EnlargedRows.byteCount(placement.scaled, sourceHeight: placement.crop.height) : 0
        return band + flattening + enlarged + lines
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
        frame = pixels.baseAddress.map { $0 + placement.layout.offset }
        target = pixels.baseAddress.map { directTarget($0) }
        band?.begin()
    }

    /// Converts the next rows. Bands follow each other without a gap, and begin at multiples of the chroma rows.
    /// Their memory must be readable for 64 bytes beyond the last row.
    ///
    /// - Parameter planes: the band's first row and those below it, uncropped.
    func feed(_ planes: PixelPlanes, rows: Range<Int>) throws(DecodeFailure) {
        let crop = placement.crop
        let wanted = rows.clamped(to: crop.y..<crop.maxY)
        guard !wanted.isEmpty else { return }
        let inside = planes.moved(x: crop.x, y: wanted.lowerBound - rows.lowerBound, of: source)
        let first = wanted.lowerBound - crop.y
        if let flattener {
            try flattener.flatten(inside, rows: wanted.count) { (part, offset, count) throws(DecodeFailure) in
                try scale(part, row: first + offset, count: count)
            }
        } else if let band {
            var row = 0
            while row < wanted.count {
                let count = min(band.sourceRows, wanted.count - row)
                try scale(inside.moved(x: 0, y: row, of: source), row: first + row, count: count)
                row += count
            }
        } else {
            try scale(inside, row: first, count: wanted.count)
        }
    }

    /// The frame is complete, once all rows were fed.
    func finish() {
        frame = nil
        target = nil
    }

    private func directTarget(_ base: UnsafeMutableRawPointer) -> Scaler.Target {
        let layout = placement.layout
        let planes = layout.planes.map { (first: base + $0.offset, stride: $0.stride) }
        guard placement.orientation.mirrorsStoredY, let only = planes.first else {
            return Scaler.Target(planes: planes)
        }
        // Written from the last row upwards, the picture comes out upside down for nothing.
        return Scaler.Target(first: only.first + (layout.size.height - 1) * layout.stride, stride: -layout.stride)
    }

    /// - Parameter row: counted from the first row that is seen.
    private func scale(_ planes: PixelPlanes, row: Int, count: Int) throws(DecodeFailure) {
        guard let frame, let target else { return }
        if let band {
            let rows = try scaler.scale(planes, row: row, count: count, into: band.target)
            band.take(rows, into: frame, stride: placement.layout.stride)
        } else {
            _ = try scaler.scale(planes, row: row, count: count, into: target)
        }
    }
}
