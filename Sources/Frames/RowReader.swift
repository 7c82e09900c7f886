import LinuxSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The rows of a part of a frame as 32-bit pixels: in place where they are such already, else converted into a row of
/// its own.
final class RowReader {
    private let frame: Frame
    /// The first byte of the buffer. The mapping lives as long as `frame`, which this object holds.
    private let base: UnsafePointer<UInt8>
    private let planes: [FramePlane]
    private let factors: ColourFactors
    private let columns: Range<Int>
    private let premultiplies: Bool
    /// Two converted rows, so that interpolation between neighbours converts each row once.
    private let converted: UnsafeMutablePointer<UInt32>?
    private var convertedRows = (-1, -1)
    /// Room for a row and its colours, fetched as a whole from memory that is slow to read byte by byte; nil: it is not.
    private let fetched: UnsafeMutablePointer<UInt8>?

    /// - Parameters:
    ///   - columns: the columns of the frame that rows begin and end with; inside the frame.
    ///   - premultiplies: multiply the colours of argb8888 by their alpha.
    init(_ frame: Frame, columns: Range<Int>, premultiplies: Bool) {
        self.frame = frame
        self.columns = columns
        self.premultiplies = premultiplies
        planes = frame.layout.planes
        factors = ColourFactors(frame.layout.colour)
        let address = frame.buffer.memory.withBytes { UInt(bitPattern: $0.baseAddress) }
        guard let base = UnsafePointer<UInt8>(bitPattern: address) else {
            preconditionFailure("mapped memory has an address")
        }
        self.base = base
        let format = frame.layout.format
        let isSlow = frame.buffer.scanout != nil
        let isDirect = !isSlow && (format == .xrgb8888 || (format == .argb8888 && !premultiplies))
        converted = isDirect ? nil : .allocate(capacity: 2 * columns.count)
        fetched = isSlow ? .allocate(capacity: (columns.count + 2) * max(2, format.bytesPerPixel)) : nil
    }

    deinit {
        converted?.deallocate()
        fetched?.deallocate()
    }

    /// A row of the frame, from the first of the columns on; valid until the row after the next is asked for.
    func row(_ y: Int) -> UnsafePointer<UInt8> {
        let luma = base + planes[0].offset + planes[0].stride * y
        guard let converted else { return luma + 4 * columns.lowerBound }
        let isOdd = y & 1 == 1
        let target = converted + (isOdd ? columns.count : 0)
        if (isOdd ? convertedRows.1 : convertedRows.0) != y {
            convert(luma, y: y, into: target)
            if isOdd { convertedRows.1 = y } else { convertedRows.0 = y }
        }
        return UnsafePointer(UnsafeRawPointer(target).assumingMemoryBound(to: UInt8.self))
    }

    private func convert(_ row: UnsafePointer<UInt8>, y: Int, into target: UnsafeMutablePointer<UInt32>) {
        let format = frame.layout.format
        // Two columns share a sample of colour: the first one's column is even.
        let start = format.isYUV ? columns.lowerBound & ~1 : columns.lowerBound
        let (first, width) = (columns.lowerBound - start, columns.upperBound - start)
        let unit = format.bytesPerPixel
        let pixels = fetch(row + unit * start, count: unit * width, at: 0)
        let raw = UnsafeRawPointer(pixels)
        switch format {
        case .xrgb8888, .argb8888:
            let pixels = raw.assumingMemoryBound(to: UInt32.self)
            if premultiplies, format == .argb8888 {
                Kernels.premultiply(pixels, into: target, count: width)
            } else {
                target.update(from: pixels, count: width)
            }
        case .rgb565:
            ColourConversion.rgb565(raw.assumingMemoryBound(to: UInt16.self), into: target, count: width)
        case .yuv420:
            let half = (width + 1) / 2
            ColourConversion.yuv(
                pixels, fetch(chroma(1, y) + start / 2, count: half, at: width),
                fetch(chroma(2, y) + start / 2, count: half, at: width + half), step: 1, first: first, by: factors,
                into: target, count: columns.count)
        case .nv12:
            let pairs = fetch(chroma(1, y) + start, count: (width + 1) / 2 * 2, at: width)
            ColourConversion.yuv(
                pixels, pairs, pairs + 1, step: 2, first: first, by: factors, into: target, count: columns.count)
        }
    }

    /// Bytes in place, or where they were copied to.
    private func fetch(_ bytes: UnsafePointer<UInt8>, count: Int, at offset: Int) -> UnsafePointer<UInt8> {
        guard let fetched else { return bytes }
        memcpy(fetched + offset, bytes, count)
        return UnsafePointer(fetched + offset)
    }

    private func chroma(_ plane: Int, _ y: Int) -> UnsafePointer<UInt8> {
        base + planes[plane].offset + planes[plane].stride * (y / 2)
    }
}
