import CFFmpeg
import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

@Suite struct PlacementTests {
    @Test func fitsAndCounts() {
        let placement = FramePlacement(
            stored: PixelSize(width: 720, height: 576), pixelAspect: 64.0 / 45, orientation: .upright,
            screen: PixelSize(width: 1280, height: 720), fit: .contain)
        #expect(placement.shown == PixelSize(width: 1024, height: 576))
        #expect(placement.layout.size == PixelSize(width: 1280, height: 720))
        #expect(placement.showsAll)
    }

    @Test func coverCutsEvenlyAndOnEvenPixels() {
        let placement = FramePlacement(
            stored: PixelSize(width: 640, height: 480), orientation: .upright,
            screen: PixelSize(width: 1280, height: 720), fit: .cover)
        #expect(placement.layout.size == PixelSize(width: 1280, height: 720))
        #expect(placement.crop == PixelRectangle(x: 0, y: 60, width: 640, height: 360))
    }

    /// A portrait screen cuts the sides of what stands upright, whichever way it is stored.
    @Test(arguments: Orientation.allCases) func coverCutsWhatIsSeen(_ orientation: Orientation) {
        let stored =
            orientation.swapsAxes ? PixelSize(width: 480, height: 640) : PixelSize(width: 640, height: 480)
        let placement = FramePlacement(
            stored: stored, orientation: orientation, screen: PixelSize(width: 240, height: 480), fit: .cover)
        #expect(placement.shown == PixelSize(width: 640, height: 480))
        #expect(placement.layout.size == PixelSize(width: 240, height: 480))
        let expected =
            orientation.swapsAxes
            ? PixelRectangle(x: 0, y: 200, width: 480, height: 240)
            : PixelRectangle(x: 200, y: 0, width: 240, height: 480)
        #expect(placement.crop == expected)
    }

    @Test(arguments: [0.0, -1, .nan, .infinity, 100]) func aspectsThatMakeNoSenseCountAsSquare(_ aspect: Double) {
        let placement = FramePlacement(
            stored: PixelSize(width: 64, height: 48), pixelAspect: aspect, orientation: .upright,
            screen: PixelSize(width: 64, height: 48), fit: .contain)
        #expect(placement.shown == PixelSize(width: 64, height: 48))
    }

    /// The four turns of phones, as ISO 14496-12 writes them, and both mirrors.
    @Test func displayMatrixBecomesOrientation() {
        func orientation(_ a: Int32, _ b: Int32, _ c: Int32, _ d: Int32) -> Orientation {
            Orientation(displayMatrix: (a << 16, b << 16, c << 16, d << 16))
        }
        #expect(orientation(1, 0, 0, 1) == .upright)
        #expect(orientation(0, 1, -1, 0) == .turned90)
        #expect(orientation(-1, 0, 0, -1) == .turned180)
        #expect(orientation(0, -1, 1, 0) == .turned270)
        #expect(orientation(-1, 0, 0, 1) == .mirrored)
        #expect(orientation(1, 0, 0, -1) == .flipped)
    }

    /// Every orientation, compared pixel by pixel with its definition.
    @Test(arguments: Orientation.allCases) func writesUpright(_ orientation: Orientation) throws {
        let stored = PixelSize(width: 21, height: 34)
        let placement = FramePlacement(
            stored: stored, orientation: orientation,
            screen: orientation.swapsAxes ? PixelSize(width: 34, height: 21) : stored, fit: .contain)
        let source = SourcePixels(format: AV_PIX_FMT_RGB24, size: stored)
        // Each pixel says where it lies.
        var bytes: [UInt8] = []
        for y in 0..<stored.height { for x in 0..<stored.width { bytes += [UInt8(x), UInt8(y), 7] } }
        bytes += [UInt8](repeating: 0, count: 64)

        let writer = try PictureWriter(source: source, placement: placement, quality: .fast)
        let layout = placement.layout
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.byteCount, alignment: 64)
        defer { pixels.deallocate() }
        try bytes.withUnsafeBufferPointer { buffer in
            let base = try #require(buffer.baseAddress)
            // In two bands, as a reader by rows does it.
            writer.begin(into: pixels)
            try writer.feed(PixelPlanes(packed: base, stride: 63), rows: 0..<16)
            try writer.feed(PixelPlanes(packed: base + 16 * 63, stride: 63), rows: 16..<34)
            writer.finish()
        }
        let picture = RGBPicture(UnsafeRawBufferPointer(pixels), layout: layout)
        for y in 0..<layout.size.height {
            for x in 0..<layout.size.width {
                let (w, h) = (stored.width - 1, stored.height - 1)
                let (fromX, fromY) =
                    switch orientation {
                    case .upright: (x, y)
                    case .mirrored: (w - x, y)
                    case .turned180: (w - x, h - y)
                    case .flipped: (x, h - y)
                    case .transposed: (y, x)
                    case .turned90: (y, h - x)
                    case .transversed: (w - y, h - x)
                    case .turned270: (w - y, x)
                    }
                #expect(picture.pixel(x, y) == [UInt8(fromX), UInt8(fromY), 7])
            }
        }
    }

    @Test func alphaIsLaidOnBlack() {
        // blue, green, red, alpha
        var pixels: [UInt8] = [200, 100, 50, 255, 200, 100, 50, 128, 200, 100, 50, 0, 255, 255, 255, 1]
        pixels.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { AlphaFlattener.flatten(base, count: 4) }
        }
        #expect(pixels == [200, 100, 50, 255, 100, 50, 25, 255, 0, 0, 0, 255, 1, 1, 1, 255])
    }

    /// So small that libswscale would take another way, which knows no bands.
    @Test(arguments: [31, 70, 220, 300]) func scalesDownAsFarAsAsked(_ ratio: Int) throws {
        let stored = PixelSize(width: 16 * ratio, height: 9 * ratio)
        let placement = FramePlacement(
            stored: stored, orientation: .upright, screen: PixelSize(width: 16, height: 9), fit: .contain)
        let writer = try PictureWriter(
            source: SourcePixels(format: AV_PIX_FMT_GRAY8, size: stored), placement: placement, quality: .best)
        let row = [UInt8](repeating: 90, count: stored.width * 16 + 64)
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: placement.layout.byteCount, alignment: 64)
        defer { pixels.deallocate() }
        try row.withUnsafeBufferPointer { buffer in
            let base = try #require(buffer.baseAddress)
            writer.begin(into: pixels)
            for y in stride(from: 0, to: stored.height, by: 16) {
                try writer.feed(PixelPlanes(packed: base, stride: stored.width), rows: y..<min(y + 16, stored.height))
            }
            writer.finish()
        }
        let picture = RGBPicture(UnsafeRawBufferPointer(pixels), layout: placement.layout)
        for channel in picture.bytes { #expect(abs(Int(channel) - 90) <= 1) }
    }
}
