import LinuxSystem
import Testing

@testable import BoardSupport

@Suite("Status lines on an OLED")
struct StatusLinesTests {
    private let well = StatusLines(
        name: "kitchen", addresses: ["http://192.168.178.123/", "http://[2001:db8::1]/"], state: .playing("Sunset.jpg"))

    @Test("Address, state and name; what is wrong takes the last rows")
    func four() {
        #expect(well.lines(rows: 4).map { $0.text } == ["192.168.178.123", "\u{25B6} Sunset.jpg", "kitchen"])
        var ill = well
        ill.fault = "The card is full"
        #expect(
            ill.lines(rows: 4) == [
                .init("192.168.178.123", shrinks: true), .init("\u{25B6} Sunset.jpg"),
                .init("The card is full", rows: 2),
            ])
        ill.addresses = []
        ill.state = .waiting
        #expect(ill.lines(rows: 4).map { $0.text } == ["No network", "Waiting for pictures", "The card is full"])
    }

    @Test("With two rows, a fault displaces the state")
    func two() {
        #expect(well.lines(rows: 2).map { $0.text } == ["192.168.178.123", "\u{25B6} Sunset.jpg"])
        var ill = well
        ill.fault = "WiFi: wrong password"
        #expect(ill.lines(rows: 2).map { $0.text } == ["192.168.178.123", "WiFi: wrong password"])
    }

    @Test("Painted: every line has its row, nothing leaves the glass at any shift", arguments: OLEDModel.all)
    func painted(model: OLEDModel) throws {
        var lines = well
        lines.fault = "The card is full: remove some media, or use a larger card, then start again"
        let painter = StatusPainter()
        let still = try painter.paint(lines, width: model.width, height: model.height)
        let rows = model.height / StatusPainter.rowHeight
        for row in 0..<rows {
            let lit = (0..<StatusPainter.rowHeight).contains { y in
                (0..<model.width).contains { still[$0, row * StatusPainter.rowHeight + y] }
            }
            #expect(lit)
        }
        // The same dots, moved: nothing is cut off.
        for (right, down) in [(4, 0), (0, 2), (4, 2)] {
            let moved = try painter.paint(
                lines, width: model.width, height: model.height, shift: .init(right: right, down: down))
            #expect(moved.litCount == still.litCount)
            for y in 0..<(model.height - down) {
                for x in 0..<(model.width - right) { #expect(moved[x + right, y + down] == still[x, y]) }
            }
        }
    }

    @Test("A long address is set smaller, not cut off")
    func longAddress() throws {
        var lines = well
        lines.addresses = ["http://192.168.178.123:8080/"]
        let painter = StatusPainter()
        let picture = try painter.paint(lines, width: 128, height: 64)
        lines.addresses = ["http://192.168.178.123:8089/"]
        #expect(try painter.paint(lines, width: 128, height: 64) != picture)
    }

    @Test("Bright after a change, then dim, dark at night; the picture wanders over its whole margin")
    func care() {
        let clock = ManualClock()
        var care = OLEDCare(at: clock.now)
        care.show(well, at: clock.now)
        #expect(care.contrast(at: clock.now) == OLEDCare.bright)
        clock.advance(by: .seconds(200))
        care.show(well, at: clock.now)
        #expect(care.contrast(at: clock.now) == OLEDCare.dimmed)
        var changed = well
        changed.state = .waiting
        care.show(changed, at: clock.now)
        #expect(care.contrast(at: clock.now) == OLEDCare.bright)
        care.see(lux: 1)
        #expect(care.contrast(at: clock.now) == OLEDCare.night)
        care.see(lux: 5)
        #expect(care.contrast(at: clock.now) == OLEDCare.night)
        care.see(lux: 8)
        #expect(care.contrast(at: clock.now) == OLEDCare.bright)

        var places: Set<[Int]> = []
        var last = care.shift(at: clock.now)
        for _ in 0..<64 {
            clock.advance(by: OLEDCare.moveEvery)
            let next = care.shift(at: clock.now)
            #expect(abs(next.right - last.right) <= 1 && abs(next.down - last.down) <= 1)
            #expect(next != last)
            places.insert([next.right, next.down])
            last = next
        }
        #expect(places.count == 15)
        #expect(places.allSatisfy { (0...4).contains($0[0]) && (0...2).contains($0[1]) })
    }
}
