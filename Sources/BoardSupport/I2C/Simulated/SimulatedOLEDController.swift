/// SSD1306 (Solomon Systech, rev. 1.1) and SH1106 (Sino Wealth, v2.3) as far as a picture depends on them.
struct SimulatedOLEDController {
    /// SSD1306 §9, table 9-1, command 20h.
    private enum Addressing: UInt8 {
        case horizontal = 0
        case vertical = 1
        case page = 2
    }

    let model: OLEDModel
    private(set) var contrast: UInt8
    private(set) var faults: [String] = []

    /// Bytes of eight pixels, lowest bit uppermost, page by page.
    private var memory: [UInt8]
    private let memoryWidth: Int
    private var page = 0
    private var column = 0
    /// Where the column begins in page addressing: what a page wraps to.
    private var firstColumn = 0
    private var addressing = Addressing.page
    private var columns = 0...127
    private var pages = 0...7

    private var isOn = false
    private var hasPump: Bool
    private var isReversed = false
    private var allOn = false
    private var segmentsTurned = false
    private var commonsTurned = false
    private var startLine = 0
    private var lines = 64
    private var offset = 0
    private var commonPins: UInt8

    /// A command that waits for its parameters.
    private var pending: (command: UInt8, parameters: [UInt8], count: Int)?

    init(_ model: OLEDModel) {
        self.model = model
        let isSSD1306 = model.controller == .ssd1306
        // SSD1306 §9: 7Fh; SH1106: 80h. The SH1106's pump runs after reset, the SSD1306's does not.
        contrast = isSSD1306 ? 0x7F : 0x80
        hasPump = !isSSD1306
        commonPins = 0x12
        memoryWidth = isSSD1306 ? 128 : 132
        // The memory is not cleared by a reset: what is in it is chance.
        var seed: UInt32 = 0x2545_F491
        memory = (0..<memoryWidth * 8).map { _ in
            seed = seed &* 1_664_525 &+ 1_013_904_223
            return UInt8(seed >> 24)
        }
    }

    var status: UInt8 { (isOn ? 0 : 0x40) | (model.statuses.first ?? 0) }

    /// One transfer: control bytes, each followed by one byte (Co = 1) or by all the rest (SSD1306 §8.1.5.2).
    mutating func take(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let control = rest.popFirst() {
            if control & 0x3F != 0 { faults.append("control byte \(control)") }
            let count = control & 0x80 != 0 ? min(1, rest.count) : rest.count
            for byte in rest.prefix(count) {
                if control & 0x40 != 0 { take(data: byte) } else { take(command: byte) }
            }
            rest = rest.dropFirst(count)
        }
    }

    private mutating func take(data: UInt8) {
        guard (0..<memoryWidth).contains(column) else {
            faults.append("data past the last column")
            return
        }
        memory[page * memoryWidth + column] = data
        switch addressing {
        case .page where model.controller == .sh1106:
            // The data sheet does not say what follows the last column, so that nobody may rely on it.
            column += 1
        case .page: column = column == 127 ? firstColumn : column + 1
        case .horizontal:
            column += 1
            guard column > columns.upperBound else { return }
            column = columns.lowerBound
            page = page == pages.upperBound ? pages.lowerBound : page + 1
        case .vertical:
            page += 1
            guard page > pages.upperBound else { return }
            page = pages.lowerBound
            column = column == columns.upperBound ? columns.lowerBound : column + 1
        }
    }

    private mutating func take(command: UInt8) {
        if var waiting = pending {
            waiting.parameters.append(command)
            pending = waiting
            if waiting.parameters.count == waiting.count {
                pending = nil
                apply(waiting.command, waiting.parameters)
            }
        } else if let count = parameterCount(command) {
            if count == 0 { apply(command, []) } else { pending = (command, [], count) }
        } else {
            faults.append("command \(String(command, radix: 16))")
        }
    }

    /// Nil: this controller has no such command.
    private func parameterCount(_ command: UInt8) -> Int? {
        switch command {
        case 0x00...0x1F, 0x40...0x7F, 0xA0, 0xA1, 0xA4...0xA7, 0xAE, 0xAF, 0xB0...0xB7, 0xC0...0xCF, 0xE3: return 0
        case 0x81, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB: return 1
        default: break
        }
        switch (model.controller, command) {
        case (.ssd1306, 0x20), (.ssd1306, 0x8D): return 1
        case (.ssd1306, 0x21), (.ssd1306, 0x22), (.ssd1306, 0xA3): return 2
        case (.ssd1306, 0x2E), (.ssd1306, 0x2F): return 0
        case (.sh1106, 0x30...0x33), (.sh1106, 0xE0), (.sh1106, 0xEE): return 0
        case (.sh1106, 0xAD): return 1
        default: return nil
        }
    }

    private mutating func apply(_ command: UInt8, _ parameters: [UInt8]) {
        let first = parameters.first ?? 0
        let value = Int(first)
        switch command {
        case 0x00...0x0F where addressing == .page:
            firstColumn = firstColumn & 0xF0 | Int(command & 0x0F)
            column = firstColumn
        case 0x10...0x1F where addressing == .page:
            firstColumn = Int(command & 0x0F) << 4 | firstColumn & 0x0F
            column = firstColumn
        case 0x20: addressing = Addressing(rawValue: first & 3) ?? .page
        case 0x21 where addressing != .page:
            let (start, end) = (Int(parameters[0] & 0x7F), Int(parameters[1] & 0x7F))
            columns = start...max(start, end)
            column = start
        case 0x22 where addressing != .page:
            let (start, end) = (Int(parameters[0] & 7), Int(parameters[1] & 7))
            pages = start...max(start, end)
            page = start
        case 0x40...0x7F: startLine = Int(command & 0x3F)
        case 0x81: contrast = first
        case 0x8D: hasPump = first & 0x04 != 0
        case 0xA0, 0xA1: segmentsTurned = command == 0xA1
        case 0xA4, 0xA5: allOn = command == 0xA5
        case 0xA6, 0xA7: isReversed = command == 0xA7
        case 0xA8: if value >= 15 { lines = (value & 0x3F) + 1 }
        case 0xAD: hasPump = first & 1 != 0
        case 0xAE, 0xAF: isOn = command == 0xAF
        case 0xB0...0xB7 where addressing == .page: page = Int(command & 7)
        case 0xC0...0xCF: commonsTurned = command & 8 != 0
        case 0xD3: offset = value & 0x3F
        case 0xDA: commonPins = first
        default: break
        }
    }

    /// The modules that people buy are wired so that a picture is upright with A1h and C8h, their rows to the common
    /// outputs in the order that `model.commonPins` names.
    var glass: OneBitPicture {
        var picture = OneBitPicture(width: model.width, height: model.height)
        guard isOn, hasPump else { return picture }
        // Both are driven by the pin; the row is the one that the module connects to it.
        var common: [Int: Int] = [:]
        for index in 0..<64 { common[Self.pin(index, commonPins)] = index }
        for y in 0..<model.height {
            let pin = Self.pin(model.height - 1 - y, model.commonPins)
            guard let output = common[pin] else { continue }
            // Tables 10-1 and 10-2.
            let line = ((commonsTurned ? lines - 1 - output : output) + offset + 64) % 64
            guard line < lines else { continue }
            let row = (line + startLine) % 64
            for x in 0..<model.width {
                let segment = memoryWidth - 1 - (x + model.firstColumn)
                let address = segmentsTurned ? memoryWidth - 1 - segment : segment
                let isSet = memory[row / 8 * memoryWidth + address] >> UInt8(row % 8) & 1 == 1
                picture[x, y] = allOn || isSet != isReversed
            }
        }
        return picture
    }

    /// Which of the chip's 64 row pins a common output drives (SSD1306 §10.1.18, table 10-3): right side first, then left.
    private static func pin(_ output: Int, _ configuration: UInt8) -> Int {
        let (isAlternative, sidesSwapped) = (configuration & 0x10 != 0, configuration & 0x20 != 0)
        let pin = isAlternative ? output / 2 + (output % 2) * 32 : output
        return sidesSwapped ? (pin + 32) % 64 : pin
    }
}
