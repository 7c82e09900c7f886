import LinuxSystem

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
        let isDirect =
            frame.layout.format == .xrgb8888 || (frame.layout.format == .argb8888 && !premultiplies)
        converted = isDirect ? nil : .allocate(capacity: 2 * columns.count)
    }

    deinit { converted?.deallocate() }

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
        let raw = UnsafeRawPointer(row)
        switch frame.layout.format {
        case .xrgb8888, .argb8888:
            let pixels = raw.assumingMemoryBound(to: UInt32.self) + columns.lowerBound
            Kernels.premultiply(pixels, into: target, count: columns.count)
        case .rgb565:
            let pixels = raw.assumingMemoryBound(to: UInt16.self) + columns.lowerBound
            ColourConversion.rgb565(pixels, into: target, count: columns.count)
        case .yuv420:
            ColourConversion.yuv(
                row, chroma(1, y), chroma(2, y), step: 1, first: columns.lowerBound, by: factors, into: target,
                count: columns.count)
        case .nv12:
            ColourConversion.yuv(
                row, chroma(1, y), chroma(1, y) + 1, step: 2, first: columns.lowerBound, by: factors, into: target,
                count: columns.count)
        }
    }

    private func chroma(_ plane: Int, _ y: Int) -> UnsafePointer<UInt8> {
        base + planes[plane].offset + planes[plane].stride * (y / 2)
    }
}
