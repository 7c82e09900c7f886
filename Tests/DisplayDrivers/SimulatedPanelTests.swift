import Frames
import GPIO
import LinuxSystem
import PanelBus
import SystemPackage
import Testing

@testable import DisplayDrivers

/// The simulated panel itself: it notices what a real one would not forgive, and shows what a real one would show.
@Suite struct SimulatedPanelTests {
    private struct Wires {
        let clock = ManualClock()
        let panel: SimulatedPanel
        let bus: any PanelBus

        init(_ model: PanelModel = .st7789Size135x240, largestTransfer: Int = 4_096) throws {
            var traits = SimulatedPanel.Traits()
            traits.largestTransfer = largestTransfer
            panel = SimulatedPanel(model, traits: traits, clock: clock)
            bus = try panel.open(PanelWiring(device: "", dataCommandLine: 25))
            try bus.setBacklight(1)
        }

        func send(_ command: UInt8, _ parameters: [UInt8] = [], after milliseconds: Int = 0) throws {
            clock.advance(by: .milliseconds(milliseconds))
            try parameters.withUnsafeBytes { try bus.send(command, $0) }
        }

        func pixels(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try bus.send(pixels: $0) } }

        /// Awake, 16 bits, as the glass of these models wants it.
        func wake() throws {
            try send(0x01)
            try send(0x11, after: 120)
            try send(0x3A, [0x55], after: 120)
            try send(0x21)
            try send(0x29)
        }
    }

    @Test func timesAreKept() throws {
        let wires = try Wires()
        try wires.send(0x01)
        try wires.send(0x36, [0], after: 4)
        #expect(wires.panel.faults == ["command 36h within 5 ms after SWRESET"])
        let early = try Wires()
        try early.send(0x01)
        try early.send(0x11, after: 100)
        try early.send(0x10, after: 100)
        #expect(early.panel.faults.count == 2)
        let good = try Wires()
        try good.wake()
        #expect(good.panel.faults == [])
    }

    @Test func resetLineResets() throws {
        let wires = try Wires()
        try wires.wake()
        try wires.bus.setReset(asserted: true)
        try wires.send(0x29)
        #expect(wires.panel.faults == ["command 29h while RESX is low"])
        try wires.bus.setReset(asserted: false)
        #expect(wires.panel.isAsleep)
        try wires.send(0x11, after: 119)
        #expect(wires.panel.faults.count == 2)
    }

    @Test func windowTurnAndInversionAreSeen() throws {
        let wires = try Wires()
        try wires.wake()
        // The glass begins at column 52 and row 40.
        try wires.send(0x2A, [0, 52, 0, 53])
        try wires.send(0x2B, [0, 40, 0, 41])
        try wires.send(0x2C)
        try wires.pixels([0xF8, 0x00, 0x07, 0xE0, 0x00, 0x1F, 0xFF, 0xFF])
        let glass = wires.panel.glass()
        #expect(Array(glass.pixels[0..<2]) == [0xFF_0000, 0x00_FF00])
        #expect(Array(glass.pixels[135..<137]) == [0x00_00FF, 0xFF_FFFF])
        // Blue first, and the negative.
        try wires.send(0x36, [0x08])
        #expect(wires.panel.glass().pixels[0] == 0x00_00FF)
        try wires.send(0x36, [0x00])
        try wires.send(0x20)
        #expect(wires.panel.glass().pixels[0] == 0x00_FFFF)
        try wires.send(0x21)
        // Columns and rows exchanged and mirrored: the same place by other numbers.
        try wires.send(0x36, [0xE0])
        try wires.send(0x2A, [0x01, 0x17, 0x01, 0x17])
        try wires.send(0x2B, [0, 187, 0, 187])
        try wires.send(0x2C)
        try wires.pixels([0xFF, 0xFF])
        #expect(wires.panel.glass().pixels[0] == 0xFF_FFFF)
        #expect(wires.panel.faults == [])
        try wires.send(0x28)
        #expect(wires.panel.glass().pixels.allSatisfy { $0 == 0 })
    }

    @Test func writingGoesOnWhereItWas() throws {
        let wires = try Wires()
        try wires.wake()
        try wires.send(0x2A, [0, 52, 0, 53])
        try wires.send(0x2B, [0, 40, 0, 40])
        try wires.send(0x2C)
        try wires.pixels([0xFF, 0xFF])
        try wires.send(0x3C)
        try wires.pixels([0xF8, 0x00])
        #expect(Array(wires.panel.glass().pixels[0..<2]) == [0xFF_FFFF, 0xFF_0000])
        try wires.pixels([0, 0])
        #expect(wires.panel.faults == ["more pixels than the window has"])
    }

    @Test func nonsenseIsNoticed() throws {
        let wires = try Wires(.ili9488Size320x480)
        try wires.send(0x2C)
        #expect(wires.panel.faults.last == "RAMWR before COLMOD")
        try wires.send(0x3A, [0x55])
        #expect(wires.panel.faults.last == "COLMOD 55h is no format for ILI9488 on SPI")
        try wires.send(0x2A, [0, 0, 1, 64])
        #expect(wires.panel.faults.last == "command 2Ah with 0 to 320, outside the memory")
        try wires.send(0x3A, [0x66])
        try wires.send(0x2C)
        try wires.pixels([1, 2])
        try wires.send(0x2C)
        #expect(wires.panel.faults.last == "a pixel without its last bytes")
    }

    @Test func cutWiresFailUntilTheyAreOpenedAgain() throws {
        let wires = try Wires(largestTransfer: 8)
        wires.panel.cut(afterBytes: 3)
        try wires.send(0x29)
        let error = #expect(throws: PanelBusError.self) { try wires.pixels([0, 0, 0, 0]) }
        #expect(error?.errno == .ioError)
        #expect(throws: PanelBusError.self) { try wires.send(0x29) }
        #expect(wires.panel.traffic.bytes == 3)
        let again = try wires.panel.open(PanelWiring(device: "", dataCommandLine: 25))
        try again.send(0x29, UnsafeRawBufferPointer(start: nil, count: 0))
        let long = #expect(throws: PanelBusError.self) { try wires.send(0xE0, [UInt8](repeating: 0, count: 9)) }
        #expect(long?.errno == .messageTooLong)
    }

    // MARK: Data

    @Test(arguments: [
        // What published drivers write to CASET and RASET for the top left pixel.
        ("st7789-240x240", 0, 0, 0), ("st7789-240x240", 180, 0, 80), ("st7789-240x240", 90, 0, 0),
        ("st7789-240x240", 270, 80, 0), ("st7789-135x240", 0, 52, 40), ("st7789-135x240", 180, 53, 40),
        ("st7789-135x240", 90, 40, 53), ("st7789-135x240", 270, 40, 52), ("st7735s-128x128", 90, 1, 2),
        ("st7789-170x320", 0, 35, 0), ("st7735s-128x160", 0, 2, 1),
        ("st7735s-128x128", 0, 2, 1), ("st7735s-128x128", 180, 2, 3), ("gc9a01-240x240", 90, 0, 0),
    ])
    func glassBeginsWhereItDoes(_ name: String, _ rotation: Int, _ column: Int, _ row: Int) throws {
        let origin = try #require(PanelCatalogue.entry(named: name)).model.origin(rotation: rotation)
        #expect(origin == (column, row))
    }

    @Test func turnsAreThePublishedOnes() {
        #expect(
            [0, 90, 180, 270].map { PanelModel.ili9341Size240x320.memoryAccess(rotation: $0) } == [
                0x48, 0x28, 0x88, 0xE8,
            ])
        #expect(
            [0, 90, 180, 270].map { PanelModel.st7789Size240x320.memoryAccess(rotation: $0) } == [
                0x00, 0x60, 0xC0, 0xA0,
            ])
    }

    @Test func cataloguesNamesAreUniqueAndMeanSomething() throws {
        #expect(Set(PanelCatalogue.names).count == PanelCatalogue.names.count)
        for name in PanelCatalogue.names {
            #expect(name == name.lowercased())
            #expect(PanelCatalogue.entry(named: name.uppercased()) != nil)
            let isModel = PanelCatalogue.models.contains { $0.name == name }
            let configuration = SPIPanelConfiguration(panel: name, dataCommandLine: isModel ? 25 : nil)
            let panel = try configuration.resolved()
            let memory = PixelRectangle(panel.model.memory)
            #expect(panel.model.visible.intersection(memory) == panel.model.visible)
        }
        for preset in PanelCatalogue.presets {
            // No button on a line that the panel needs.
            var used = [preset.wiring.dataCommandLine, preset.wiring.resetLine].compactMap(\.self)
            if case .line(let line) = preset.wiring.backlight { used.append(line) }
            used += preset.buttons.map(\.line)
            #expect(Set(used).count == used.count, "\(preset.name)")
        }
    }
}
