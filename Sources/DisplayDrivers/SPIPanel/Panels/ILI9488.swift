import Frames

/// Ilitek ILI9488, data sheet version 1.00 (2012/12): over SPI it takes 18 bits for each pixel (4.7).
///
/// SWRESET, SLPIN, SLPOUT and the times after them (5 ms and 120 ms): 5.2; what is set: 5.3.
extension PanelModel {
    public static let ili9488Size320x480 = PanelModel(
        name: "ili9488-320x480", controller: "ILI9488", memory: PixelSize(width: 320, height: 480),
        visible: PixelRectangle(x: 0, y: 0, width: 320, height: 480), millimetres: PixelSize(width: 49, height: 73),
        isRound: false, format: .rgb666, colourOrder: .bgr, isInverted: false,
        mirroring: MemoryAccess.mirrorColumns, timing: PanelTiming(),
        initialisation: [
            // 5.3 PWCTRL1, PWCTRL2, VMCTRL.
            PanelStep(0xC0, [0x17, 0x15]),
            PanelStep(0xC1, [0x41]),
            PanelStep(0xC5, [0x00, 0x12, 0x80]),
            // 5.3 FRMCTR1: 60 Hz.
            PanelStep(0xB1, [0xA0]),
            // 5.3 INVTR: two dots alternate.
            PanelStep(0xB4, [0x02]),
            // 5.3 DISCTRL: all 480 lines.
            PanelStep(0xB6, [0x02, 0x02, 0x3B]),
            // 5.3 ADJCTRL3: the serial interface takes 24 bits, loosely.
            PanelStep(0xF7, [0xA9, 0x51, 0x2C, 0x82]),
        ],
        // The serial interface's timing (17.4) has 50 ns for a write cycle; makers drive their modules at 24 to 40 MHz.
        clockLimit: 40_000_000)
}
