import Testing

@testable import BoardSupport

@Suite("OLED: what the glass shows")
struct OLEDTests {
    /// Dots that are nowhere alike, so that a shift or a mirror shows.
    private func pattern(_ model: OLEDModel, seed: Int = 1) -> OneBitPicture {
        var picture = OneBitPicture(width: model.width, height: model.height)
        for y in 0..<model.height {
            for x in 0..<model.width { picture[x, y] = (x * x + 3 * y * seed + x * y) % 7 < 3 }
        }
        return picture
    }

    private func stage(_ model: OLEDModel) -> (bus: SimulatedI2CBus, glass: SimulatedOLED, oled: OLED) {
        let bus = SimulatedI2CBus(keepsTransfers: true)
        let glass = SimulatedOLED(model)
        bus.plug(glass, at: 0x3C)
        return (bus, glass, OLED(model, on: bus, at: 0x3C))
    }

    @Test(
        "Each model shows dot for dot what it is given, and its controller knows every command",
        arguments: OLEDModel.all)
    func shows(model: OLEDModel) async throws {
        var (_, glass, oled) = stage(model)
        try await oled.show(pattern(model), contrast: 0x55)
        #expect(glass.glass == pattern(model))
        #expect(glass.contrast == 0x55)
        #expect(glass.faults.isEmpty)
    }

    @Test("The wrong model's commands are seen on the glass")
    func wrongModel() async throws {
        let (bus, glass, _) = stage(.sh1106)
        var wrong = OLED(.ssd1306, on: bus, at: 0x3C)
        try await wrong.show(pattern(.ssd1306), contrast: 0x80)
        #expect(glass.glass != pattern(.ssd1306))
        #expect(!glass.faults.isEmpty)

        let (smallBus, small, _) = stage(.ssd1306Small)
        var large = OLED(.ssd1306, on: smallBus, at: 0x3C)
        try await large.show(pattern(.ssd1306), contrast: 0x80)
        #expect(small.glass != pattern(.ssd1306Small))
    }

    @Test("Nothing is lit before the memory is cleared", arguments: OLEDModel.all)
    func noNoise(model: OLEDModel) async throws {
        var (bus, glass, oled) = stage(model)
        #expect(glass.glass.litCount == 0)
        try await oled.show(OneBitPicture(width: model.width, height: model.height), contrast: 0x80)
        #expect(glass.glass.litCount == 0)
        // Switching on is the very last that is sent.
        #expect(bus.transfers.last?.written == [0x00, 0xAF])
    }

    @Test("Any picture follows any other, and only what changed goes over the wires", arguments: OLEDModel.all)
    func updates(model: OLEDModel) async throws {
        var (bus, glass, oled) = stage(model)
        var random = SystemRandomNumberGenerator()
        var picture = pattern(model)
        try await oled.show(picture, contrast: 0x80)
        for _ in 0..<60 {
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let (x, y) = (Int.random(in: 0..<model.width), Int.random(in: 0..<model.height))
                picture[x, y] = Bool.random()
            }
            try await oled.show(picture, contrast: 0x80)
            #expect(glass.glass == picture)
        }
        let before = bus.transfers.count
        try await oled.show(picture, contrast: 0x80)
        #expect(bus.transfers.count == before)
        picture[5, 5].toggle()
        try await oled.show(picture, contrast: 0x80)
        let sent = try #require(bus.transfers.dropFirst(before).first)
        #expect(bus.transfers.count == before + 1)
        #expect(sent.written.count == 8)
        #expect(glass.faults.isEmpty)
    }

    @Test("Spans: none where nothing changed, near ones together, far ones apart")
    func spans() {
        var old = OneBitPicture(width: 128, height: 64)
        var new = old
        #expect(OLEDUpdate.spans(from: old, to: new).isEmpty)
        #expect(OLEDUpdate.spans(from: nil, to: new).map { $0.columns } == Array(repeating: 0..<128, count: 8))
        new[3, 0] = true
        new[3 + OLEDUpdate.overhead, 7] = true
        new[100, 7] = true
        new[0, 8] = true
        let expected = [
            OLEDUpdate.Span(page: 0, columns: 3..<12), OLEDUpdate.Span(page: 0, columns: 100..<101),
            OLEDUpdate.Span(page: 1, columns: 0..<1),
        ]
        #expect(OLEDUpdate.spans(from: old, to: new) == expected)
        swap(&old, &new)
        #expect(OLEDUpdate.spans(from: old, to: new) == expected)
    }

    @Test("Told apart by their status, in whatever state they are", arguments: OLEDModel.all)
    func toldApart(model: OLEDModel) async throws {
        var (bus, _, oled) = stage(model)
        #expect(try await OLED.look(at: 0x3C, on: bus) == .found(model))
        try await oled.show(pattern(model), contrast: 0x80)
        #expect(try await OLED.look(at: 0x3C, on: bus) == .found(model))
        #expect(try await OLED.look(at: 0x3D, on: bus) == .nothing)
    }

    @Test(
        "What is no OLED is left alone: nothing is ever written to it",
        arguments: [0xFF, 0x00, 0x36, 0x18, 0x0F] as [UInt8])
    func stranger(status: UInt8) async throws {
        let bus = SimulatedI2CBus(keepsTransfers: true)
        bus.plug(Stranger(answer: status), at: 0x3C)
        #expect(try await OLED.look(at: 0x3C, on: bus) == .unknown(status: status))
        #expect(bus.transfers.allSatisfy { $0.written.isEmpty })
    }

    @Test("One whose power was away is set up anew; a status that is none is not believed for ever")
    func powerAway() async throws {
        var (bus, glass, oled) = stage(.ssd1306)
        try await oled.show(pattern(.ssd1306), contrast: 0x80)
        glass.loseMemory()
        #expect(glass.glass.litCount == 0)
        try await oled.check()
        try await oled.show(pattern(.ssd1306), contrast: 0x80)
        #expect(glass.glass == pattern(.ssd1306))

        // A module that cannot be read from: all ones.
        let deaf = Stranger(answer: 0xFF)
        bus = SimulatedI2CBus(keepsTransfers: true)
        bus.plug(deaf, at: 0x3C)
        oled = OLED(.ssd1306, on: bus, at: 0x3C)
        for _ in 0..<5 {
            try await oled.show(pattern(.ssd1306), contrast: 0x80)
            try await oled.check()
        }
        let setUps = bus.transfers.filter { $0.written == [0x00, 0xAF] }
        #expect(setUps.count == 2)
    }

    @Test("After an error everything is sent again")
    func afterError() async throws {
        var (bus, glass, oled) = stage(.sh1106)
        try await oled.show(pattern(.sh1106), contrast: 0x80)
        bus.unplug(0x3C)
        await #expect(throws: I2CError.self) { try await oled.check() }
        await #expect(throws: I2CError.self) { try await oled.show(pattern(.sh1106, seed: 2), contrast: 0x80) }
        glass = SimulatedOLED(.sh1106)
        bus.plug(glass, at: 0x3C)
        try await oled.show(pattern(.sh1106, seed: 2), contrast: 0x80)
        #expect(glass.glass == pattern(.sh1106, seed: 2))
    }
}

/// Acknowledges everything and answers the same.
final class Stranger: SimulatedI2CDevice {
    private let answer: UInt8

    init(answer: UInt8) { self.answer = answer }

    func take(_ bytes: [UInt8]) -> Bool { true }

    func give(_ count: Int) -> [UInt8] { [UInt8](repeating: answer, count: count) }
}
