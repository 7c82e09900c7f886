import Frames
import Lettering
import LinuxSystem
import Testing

@Suite struct QRCodeTests {
    @Test func theThreeCornersAndTheTimingLinesAreThere() throws {
        let code = try QRCode("http://vitrine.local")
        let side = code.side
        #expect(side >= 21 && (side - 17) % 4 == 0)
        #expect(code.modules.count == side * side)
        for (left, top) in [(0, 0), (side - 7, 0), (0, side - 7)] {
            for y in 0..<7 {
                for x in 0..<7 {
                    // Rings: dark, light, dark.
                    let ring = max(abs(x - 3), abs(y - 3))
                    #expect(code.modules[(top + y) * side + left + x] == (ring != 2))
                }
            }
        }
        for place in 8..<side - 8 {
            #expect(code.modules[6 * side + place] == (place % 2 == 0))
            #expect(code.modules[place * side + 6] == (place % 2 == 0))
        }
    }

    @Test(arguments: [1, 3, 10])
    func everyModuleIsASquareOfItsColour(moduleSize: Int) throws {
        let code = try QRCode("http://192.168.178.143:8080/", correction: .low)
        let frame = try code.frame(moduleSize: moduleSize)
        let sheet = Sheet(frame)
        #expect(frame.size.width == code.sideWithQuietZone * moduleSize)
        #expect(frame.size.height == frame.size.width)
        for y in 0..<frame.size.height {
            for x in 0..<frame.size.width {
                let column = x / moduleSize - QRCode.quietZone
                let row = y / moduleSize - QRCode.quietZone
                let inside = (0..<code.side).contains(column) && (0..<code.side).contains(row)
                let isDark = inside && code.modules[row * code.side + column]
                #expect(sheet[x, y] == (isDark ? 0 : 0xFF_FFFF))
            }
        }
    }

    @Test func moreCorrectionOrMoreTextNeedsMoreModules() throws {
        let text = String(repeating: "vitrine", count: 10)
        #expect(try QRCode(text, correction: .low).side < QRCode(text, correction: .medium).side)
        #expect(try QRCode("a").side == 21)
        #expect(try QRCode("a") == QRCode("a"))
        #expect(try QRCode("a") != QRCode("b"))
    }

    @Test func whatHasNoRoomIsRefused() {
        #expect(throws: LetteringError.codeTooLong(byteCount: 3000)) {
            try QRCode(String(repeating: "x", count: 3000))
        }
    }
}
