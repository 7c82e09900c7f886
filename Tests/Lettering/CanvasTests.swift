import Frames
import Lettering
import LinuxSystem
import Testing

@Suite struct CanvasTests {
    @Test func fillingIsCutOffAtTheEdges() {
        var sheet = Sheet(6, 5)
        sheet.draw { $0.fill(PixelRectangle(x: 4, y: -3, width: 99, height: 5), .white) }
        for y in 0..<5 {
            for x in 0..<6 { #expect(sheet[x, y] == (x >= 4 && y < 2 ? 0xFF_FFFF : Sheet.paper)) }
        }
    }

    @Test func roundCornersAreRoundAndNothingIsOutside() {
        var sheet = Sheet(60, 50)
        let box = PixelRectangle(x: 10, y: 8, width: 40, height: 30)
        sheet.draw { $0.fill(box, radius: 10, .white) }
        #expect(sheet.inked == box)
        for y in 0..<50 {
            for x in 0..<60 {
                // Distance from the middle of the pixel to the inner rectangle that the corners turn around.
                let dx = max(0, max(20 - (Double(x) + 0.5), (Double(x) + 0.5) - 40))
                let dy = max(0, max(18 - (Double(y) + 0.5), (Double(y) + 0.5) - 28))
                let distance = (dx * dx + dy * dy).squareRoot()
                if distance < 8.9 { #expect(sheet[x, y] == 0xFF_FFFF) }
                if distance > 11.1 { #expect(sheet[x, y] == Sheet.paper) }
            }
        }
        // The four corners are alike.
        for y in 0..<10 {
            for x in 0..<10 {
                #expect(sheet[10 + x, 8 + y] == sheet[49 - x, 8 + y])
                #expect(sheet[10 + x, 8 + y] == sheet[10 + x, 37 - y])
            }
        }
    }

    @Test func aRadiusThatIsTooLargeMakesAPill() {
        var sheet = Sheet(30, 12)
        sheet.draw { $0.fill(PixelRectangle(x: 2, y: 2, width: 26, height: 8), radius: 999, .white) }
        #expect(sheet[2, 2] == Sheet.paper || sheet[2, 2] != 0xFF_FFFF)
        #expect(sheet[15, 2] == 0xFF_FFFF)
    }

    @Test func textOverTextOnTransparencyKeepsBothColours() throws {
        // Half-covered red over opaque blue is half of each; over nothing it is red, half there.
        let typesetter = Typesetter()
        let block = try typesetter.set("▒O", size: 40, width: 200)
        var alone = Sheet(120, 60, format: .argb8888)
        var over = Sheet(120, 60, format: .argb8888)
        try alone.draw { try typesetter.draw(block, x: 5, y: 5, colour: Colour(0xFF_0000), on: $0) }
        try over.draw { canvas in
            canvas.fill(canvas.bounds, Colour(0x00_00FF))
            try typesetter.draw(block, x: 5, y: 5, colour: Colour(0xFF_0000), on: canvas)
        }
        var partly = 0
        for y in 0..<60 {
            for x in 0..<120 {
                let alpha = Int(alone.alpha(x, y))
                if alpha > 0 { #expect(alone[x, y] == 0xFF_0000) }
                if alpha > 0, alpha < 255 { partly += 1 }
                #expect(over.alpha(x, y) == 255)
                #expect(abs(Int(over[x, y] >> 16) - alpha) <= 1)
                #expect(abs(Int(over[x, y] & 0xFF) - (255 - alpha)) <= 1)
            }
        }
        #expect(partly > 20)
    }
}
