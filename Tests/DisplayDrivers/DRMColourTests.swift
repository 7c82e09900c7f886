import Testing

@testable import DisplayDrivers

/// The simulated planes' colours, against the definitions of the standards.
@Suite struct DRMColourTests {
    @Test(arguments: [UInt64(0), 1, 2], [false, true]) func greyIsGrey(_ encoding: UInt64, _ isFull: Bool) {
        let colours = YUVColours(encoding: encoding, isFull: isFull)
        #expect(colours.rgb(isFull ? 0 : 16, 128, 128) == 0)
        #expect(colours.rgb(isFull ? 255 : 235, 128, 128) == 0xFF_FFFF)
    }

    /// Kr and Kb of BT.601, BT.709 and BT.2020.
    @Test(arguments: [(UInt64(0), 0.299, 0.114), (1, 0.2126, 0.0722), (2, 0.2627, 0.0593)], [false, true])
    func coloursAreTheStandards(_ standard: (UInt64, Double, Double), _ isFull: Bool) {
        let (encoding, kr, kb) = standard
        let colours = YUVColours(encoding: encoding, isFull: isFull)
        for (y, u, v) in [(81, 90, 200), (120, 160, 100), (150, 128, 60), (60, 200, 140)] {
            let luma = (Double(y) - (isFull ? 0 : 16)) / (isFull ? 255 : 219)
            let (cb, cr) = (Double(u - 128) / (isFull ? 255 : 224), Double(v - 128) / (isFull ? 255 : 224))
            let (red, blue) = (luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb)
            let green = (luma - kr * red - kb * blue) / (1 - kr - kb)
            let pixel = colours.rgb(y, u, v)
            for (value, shift) in [(red, UInt32(16)), (green, 8), (blue, 0)] {
                let exact = max(0, min(255, value * 255))
                #expect(abs(exact - Double(pixel >> shift & 255)) <= 2, "\(encoding) \(isFull) \(y) \(u) \(v)")
            }
        }
    }
}
