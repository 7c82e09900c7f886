public import Frames

/// A kind of panel: a controller, the glass that hangs on it, and what brings it up. Data only; the families are in
/// `Panels/`, each value with the section of its data sheet.
public struct PanelModel: Sendable, Equatable {
    /// As `spi.panel` takes it: `st7789-240x240`.
    public var name: String
    /// As its data sheet calls it.
    public var controller: String
    /// Pixels of the controller's memory, columns and rows.
    public var memory: PixelSize
    /// What part of the memory is on the glass, with none of MADCTL's turns. Its size is the panel's.
    public var visible: PixelRectangle
    /// Of the visible area.
    public var millimetres: PixelSize
    /// The corners are cut off.
    public var isRound: Bool
    /// What the wire carries; four-wire SPI takes 18 bits only on some controllers.
    public var format: WireFormat
    /// The colour filter's order, which MADCTL's bit 3 has to follow.
    public var colourOrder: ColourOrder
    /// IPS glass that is light without a voltage shows right colours with INVON.
    public var isInverted: Bool
    /// MADCTL's mirroring (MY, MX) that makes an unturned picture upright on this glass.
    public var mirroring: UInt8
    public var timing: PanelTiming
    /// Sent after SLPOUT; orientation, format, inversion and DISPON are not in it.
    public var initialisation: [PanelStep]
    /// Bits per second that the panel is known to take. Above the data sheet's write cycle, as everybody drives them.
    public var clockLimit: Int

    public enum ColourOrder: Sendable, Equatable {
        case rgb
        case bgr
    }

    public var size: PixelSize { visible.size }

    /// What scenes are made for when the panel is turned clockwise by 0, 90, 180 or 270 degrees.
    public func size(rotation: Int) -> PixelSize {
        rotation % 180 == 0 ? size : PixelSize(width: size.height, height: size.width)
    }

    /// Memory data access control (36h) for a clockwise turn. MX and MY mean columns and rows of the memory, also where
    /// MV exchanges what CASET and RASET count (ST7789V 8.12, ILI9341 9.3).
    public func memoryAccess(rotation: Int) -> UInt8 {
        let turn: UInt8 =
            switch rotation {
            case 90: MemoryAccess.exchange | MemoryAccess.mirrorColumns
            case 180: MemoryAccess.mirrorColumns | MemoryAccess.mirrorRows
            case 270: MemoryAccess.exchange | MemoryAccess.mirrorRows
            default: 0
            }
        return mirroring ^ turn | (colourOrder == .bgr ? MemoryAccess.blueFirst : 0)
    }

    /// What CASET and RASET call the top left pixel of the turned picture.
    public func origin(rotation: Int) -> (column: Int, row: Int) {
        let access = memoryAccess(rotation: rotation)
        let column =
            access & MemoryAccess.mirrorColumns == 0 ? visible.x : memory.width - visible.maxX
        let row = access & MemoryAccess.mirrorRows == 0 ? visible.y : memory.height - visible.maxY
        return access & MemoryAccess.exchange == 0 ? (column, row) : (row, column)
    }
}

/// A command with its parameters, and how long nothing may follow it.
public struct PanelStep: Sendable, Equatable {
    public var command: UInt8
    public var parameters: [UInt8]
    public var pause: Duration

    public init(_ command: UInt8, _ parameters: [UInt8] = [], pause: Duration = .zero) {
        (self.command, self.parameters, self.pause) = (command, parameters, pause)
    }
}

/// How long a panel needs for itself. What the controllers of `Panels/` have in common; each says where it is written.
public struct PanelTiming: Sendable, Equatable {
    /// RESX low: at least 10 µs, and below 5 µs it counts for nothing.
    public var resetPulse: Duration = .microseconds(100)
    /// After RESX went high, or SWRESET: 5 ms until any command, 120 ms until SLPOUT.
    public var afterReset: Duration = .milliseconds(120)
    /// After SLPOUT: 5 ms until any command, 120 ms until SLPIN and until the supply is steady.
    public var afterSleepOut: Duration = .milliseconds(120)
    /// After SLPIN: 5 ms until any command, 120 ms until SLPOUT.
    public var afterSleepIn: Duration = .milliseconds(120)

    public init() {}
}

/// The bits of MADCTL, which all these controllers share.
enum MemoryAccess {
    static let mirrorRows: UInt8 = 0x80
    static let mirrorColumns: UInt8 = 0x40
    static let exchange: UInt8 = 0x20
    static let blueFirst: UInt8 = 0x08
}

/// The commands that all these controllers share (MIPI DCS; ST7789V 9.1, ILI9341 8.2).
enum PanelCommand {
    static let softwareReset: UInt8 = 0x01
    static let sleepIn: UInt8 = 0x10
    static let sleepOut: UInt8 = 0x11
    static let normalMode: UInt8 = 0x13
    static let inversionOff: UInt8 = 0x20
    static let inversionOn: UInt8 = 0x21
    static let displayOff: UInt8 = 0x28
    static let displayOn: UInt8 = 0x29
    static let columns: UInt8 = 0x2A
    static let rows: UInt8 = 0x2B
    static let writeMemory: UInt8 = 0x2C
    static let memoryAccess: UInt8 = 0x36
    static let pixelFormat: UInt8 = 0x3A
    static let continueWriting: UInt8 = 0x3C
}
