import Frames

/// Sitronix ST7735S, data sheet version 1.1 (2011/11).
///
/// SWRESET, SLPIN, SLPOUT and the times after them: 10.1; what is set: 10.2.
extension PanelModel {
    /// 132×162 pixels of memory (pins GM 000); the glass begins at its third column and second row. Red comes first on
    /// Waveshare's modules.
    public static let st7735sSize128x160 = st7735s(
        "st7735s-128x160", memory: PixelSize(width: 132, height: 162), PixelSize(width: 128, height: 160),
        millimetres: (28, 35), colours: .rgb, mirroring: 0)
    /// The same with blue first and upside down: the many modules with a green tab on their foil.
    public static let st7735sSize128x160BlueFirst = st7735s(
        "st7735s-128x160-bgr", memory: PixelSize(width: 132, height: 162), PixelSize(width: 128, height: 160),
        millimetres: (28, 35), colours: .bgr, mirroring: MemoryAccess.mirrorColumns | MemoryAccess.mirrorRows)
    /// 132×132 pixels of memory (pins GM 001).
    public static let st7735sSize128x128 = st7735s(
        "st7735s-128x128", memory: PixelSize(width: 132, height: 132), PixelSize(width: 128, height: 128),
        millimetres: (26, 27), colours: .bgr, mirroring: 0)

    private static func st7735s(
        _ name: String, memory: PixelSize, _ size: PixelSize, millimetres: (Int, Int),
        colours: ColourOrder, mirroring: UInt8
    ) -> PanelModel {
        PanelModel(
            name: name, controller: "ST7735S", memory: memory,
            visible: PixelRectangle(x: 2, y: 1, width: size.width, height: size.height),
            millimetres: PixelSize(width: millimetres.0, height: millimetres.1), isRound: false, format: .rgb565,
            colourOrder: colours, isInverted: false, mirroring: mirroring, timing: PanelTiming(),
            initialisation: [
                // 10.2 FRMCTR1–3: frame rate in normal, idle and partial mode.
                PanelStep(0xB1, [0x01, 0x2C, 0x2D]),
                PanelStep(0xB2, [0x01, 0x2C, 0x2D]),
                PanelStep(0xB3, [0x01, 0x2C, 0x2D, 0x01, 0x2C, 0x2D]),
                // 10.2 INVCTR: lines alternate.
                PanelStep(0xB4, [0x07]),
                // 10.2 PWCTR1–5, VMCTR1.
                PanelStep(0xC0, [0xA2, 0x02, 0x84]),
                PanelStep(0xC1, [0xC5]),
                PanelStep(0xC2, [0x0A, 0x00]),
                PanelStep(0xC3, [0x8A, 0x2A]),
                PanelStep(0xC4, [0x8A, 0xEE]),
                PanelStep(0xC5, [0x0E]),
            ],
            // The serial interface's timing (8) has 66 ns for a write cycle; makers drive their modules at 32 MHz.
            clockLimit: 32_000_000)
    }
}
