import Frames
import LinuxSystem

/// The controller of a simulated panel: takes the stream of commands and data as the wire brings it, byte by byte, into
/// memory of the real size. After ST7789V data sheet 8.12 (address control), 9.1 (commands), which the other controllers
/// follow. Commands of the maker are taken and change nothing.
struct SimulatedController {
    let model: PanelModel
    /// Eighteen bits for each pixel, six each, as the data sheets have it; red in the upper.
    private(set) var memory: [UInt32]
    private(set) var isAsleep = true
    private(set) var isOn = false
    private(set) var isInverted = false
    private(set) var access: UInt8 = 0
    private(set) var commands = 0
    /// What a real panel might not forgive, in words.
    private(set) var faults: [String] = []

    private var command: UInt8 = 0
    private var parameters: [UInt8] = []
    private var format: WireFormat?
    private var columns: ClosedRange<Int>
    private var rows: ClosedRange<Int>
    /// Where the next pixel goes, as CASET and RASET count; nil: the window is full, or nothing is being written.
    private var place: (column: Int, row: Int)?
    private var pixel: (bytes: UInt32, count: Int) = (0, 0)
    /// Nothing may be said before this.
    private var deaf: (until: MonotonicInstant, after: String)?
    private var sleepInAllowed: MonotonicInstant?
    private var sleepOutAllowed: MonotonicInstant?
    private var isHeld = false

    init(_ model: PanelModel) {
        self.model = model
        memory = SimulatedController.noise(model.memory.pixelCount)
        columns = 0...model.memory.width - 1
        rows = 0...model.memory.height - 1
        parameters.reserveCapacity(64)
    }

    /// What memory holds when the power comes is anybody's guess.
    private static func noise(_ count: Int) -> [UInt32] {
        var state: UInt32 = 0x9E37_79B9
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return state >> 14
        }
    }

    mutating func forgetFaults() { faults = [] }

    // MARK: Reset

    mutating func setReset(_ isHeld: Bool, at now: MonotonicInstant) {
        guard isHeld != self.isHeld else { return }
        self.isHeld = isHeld
        if !isHeld { reset(after: "reset", at: now) }
    }

    /// Registers get their values from the power-on; memory keeps what it has (9.1.2).
    private mutating func reset(after what: String, at now: MonotonicInstant) {
        (isAsleep, isOn, isInverted, access) = (true, false, false, 0)
        (format, place, pixel) = (nil, nil, (0, 0))
        columns = 0...model.memory.width - 1
        rows = 0...model.memory.height - 1
        deaf = (now.advanced(by: .milliseconds(5)), what)
        sleepOutAllowed = now.advanced(by: .milliseconds(120))
        sleepInAllowed = nil
    }

    // MARK: The wire

    mutating func take(command byte: UInt8, at now: MonotonicInstant) {
        guard !isHeld else { return fault("command \(hex(byte)) while RESX is low") }
        finish()
        commands += 1
        if let deaf, now < deaf.until { fault("command \(hex(byte)) within 5 ms after \(deaf.after)") }
        deaf = nil
        command = byte
        parameters.removeAll(keepingCapacity: true)
        begin(at: now)
    }

    mutating func take(data: UnsafeRawBufferPointer) {
        guard !isHeld else { return fault("data while RESX is low") }
        if command == PanelCommand.writeMemory || command == PanelCommand.continueWriting {
            for byte in data { write(byte) }
        } else {
            for byte in data { parameter(byte) }
        }
    }

    private mutating func begin(at now: MonotonicInstant) {
        switch command {
        case PanelCommand.softwareReset: reset(after: "SWRESET", at: now)
        case PanelCommand.sleepIn:
            if let sleepInAllowed, now < sleepInAllowed { fault("SLPIN within 120 ms after SLPOUT") }
            isAsleep = true
            deaf = (now.advanced(by: .milliseconds(5)), "SLPIN")
            sleepOutAllowed = now.advanced(by: .milliseconds(120))
        case PanelCommand.sleepOut:
            if let sleepOutAllowed, now < sleepOutAllowed { fault("SLPOUT within 120 ms after reset or SLPIN") }
            isAsleep = false
            deaf = (now.advanced(by: .milliseconds(5)), "SLPOUT")
            sleepInAllowed = now.advanced(by: .milliseconds(120))
        case PanelCommand.inversionOff: isInverted = false
        case PanelCommand.inversionOn: isInverted = true
        case PanelCommand.displayOff: isOn = false
        case PanelCommand.displayOn: isOn = true
        case PanelCommand.writeMemory:
            place = (columns.lowerBound, rows.lowerBound)
            if format == nil { fault("RAMWR before COLMOD") }
        default: break
        }
    }

    /// The command before this one is over.
    private mutating func finish() {
        if pixel.count > 0 { fault("a pixel without its last bytes") }
        pixel = (0, 0)
    }

    private mutating func parameter(_ byte: UInt8) {
        parameters.append(byte)
        switch (command, parameters.count) {
        case (PanelCommand.memoryAccess, 1): access = byte
        case (PanelCommand.pixelFormat, 1): setFormat(byte)
        case (PanelCommand.columns, 4):
            if let range = addresses(limit: isExchanged ? \.height : \.width) { columns = range }
        case (PanelCommand.rows, 4): if let range = addresses(limit: isExchanged ? \.width : \.height) { rows = range }
        case (PanelCommand.columns, 5...), (PanelCommand.rows, 5...), (PanelCommand.memoryAccess, 2...),
            (PanelCommand.pixelFormat, 2...):
            fault("command \(hex(command)) has too many parameters")
        default: break
        }
    }

    private mutating func setFormat(_ byte: UInt8) {
        switch byte & 7 {
        case 5: format = .rgb565
        case 6: format = .rgb666
        default: format = nil
        }
        // ILI9486 and ILI9488 have no 16 bits on a serial wire (8.2 COLMOD; 4.7).
        if format == nil || model.format == .rgb666 && format != .rgb666 {
            fault("COLMOD \(hex(byte)) is no format for \(model.controller) on SPI")
            format = nil
        }
    }

    private var isExchanged: Bool { access & MemoryAccess.exchange != 0 }

    private mutating func addresses(limit: KeyPath<PixelSize, Int>) -> ClosedRange<Int>? {
        let first = Int(parameters[0]) << 8 | Int(parameters[1])
        let last = Int(parameters[2]) << 8 | Int(parameters[3])
        guard first <= last, last < model.memory[keyPath: limit] else {
            fault("command \(hex(command)) with \(first) to \(last), outside the memory")
            return nil
        }
        return first...last
    }

    // MARK: Memory

    private mutating func write(_ byte: UInt8) {
        guard let format else { return }
        pixel = (pixel.bytes << 8 | UInt32(byte), pixel.count + 1)
        guard pixel.count == format.bytesPerPixel else { return }
        let bytes = pixel.bytes
        pixel = (0, 0)
        guard let place else { return fault("more pixels than the window has") }
        store(format == .rgb565 ? Self.widened(bytes) : Self.packed(bytes), at: place)
        if place.column < columns.upperBound {
            self.place = (place.column + 1, place.row)
        } else if place.row < rows.upperBound {
            self.place = (columns.lowerBound, place.row + 1)
        } else {
            self.place = nil
        }
    }

    /// Red and blue get their top bit again as the lowest.
    private static func widened(_ word: UInt32) -> UInt32 {
        let (red, green, blue) = (word >> 11, word >> 5 & 0x3F, word & 0x1F)
        return (red << 1 | red >> 4) << 12 | green << 6 | blue << 1 | blue >> 4
    }

    private static func packed(_ bytes: UInt32) -> UInt32 {
        (bytes >> 18 & 0x3F) << 12 | (bytes >> 10 & 0x3F) << 6 | bytes >> 2 & 0x3F
    }

    /// MX and MY mean the memory's columns and rows, MV what CASET and RASET count (8.12).
    private mutating func store(_ value: UInt32, at place: (column: Int, row: Int)) {
        var (column, row) = isExchanged ? (place.row, place.column) : place
        if access & MemoryAccess.mirrorColumns != 0 { column = model.memory.width - 1 - column }
        if access & MemoryAccess.mirrorRows != 0 { row = model.memory.height - 1 - row }
        guard (0..<model.memory.width).contains(column), (0..<model.memory.height).contains(row) else {
            return fault("a pixel outside the memory")
        }
        memory[row * model.memory.width + column] = value
    }

    private mutating func fault(_ what: String) {
        // The first of a kind says it all.
        if faults.count < 32, !faults.contains(what) { faults.append(what) }
    }

    private func hex(_ byte: UInt8) -> String { String(byte, radix: 16, uppercase: true) + "h" }
}
