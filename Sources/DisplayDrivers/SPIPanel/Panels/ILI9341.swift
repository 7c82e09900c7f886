import Frames

/// Ilitek ILI9341, data sheet version 1.11 (2011/06).
///
/// Reset timing: 15.4; SWRESET 8.2.2, SLPIN 8.2.11, SLPOUT 8.2.12 (5 ms and 120 ms).
extension PanelModel {
    public static let ili9341Size240x320 = PanelModel(
        name: "ili9341-240x320", controller: "ILI9341", memory: PixelSize(width: 240, height: 320),
        visible: PixelRectangle(x: 0, y: 0, width: 240, height: 320), millimetres: PixelSize(width: 43, height: 58),
        isRound: false, format: .rgb565, colourOrder: .bgr, isInverted: false,
        mirroring: MemoryAccess.mirrorColumns, timing: PanelTiming(),
        initialisation: [
            // 8.3 PWCTRL1, PWCTRL2: 4.6 V for the grey levels.
            PanelStep(0xC0, [0x23]),
            PanelStep(0xC1, [0x10]),
            // 8.3 VMCTRL1, VMCTRL2: VCOM from −1.5 V to 4.25 V.
            PanelStep(0xC5, [0x3E, 0x28]),
            PanelStep(0xC7, [0x86]),
            // 8.3 FRMCTR1: 70 Hz.
            PanelStep(0xB1, [0x00, 0x1B]),
            // 8.3 DISCTRL: all 320 lines.
            PanelStep(0xB6, [0x0A, 0x82, 0x27]),
            // 8.2 GAMSET: curve 2.2.
            PanelStep(0x26, [0x01]),
        ],
        // 18.3.4 says 100 ns for a write cycle; makers drive their modules at 32 to 64 MHz.
        clockLimit: 62_500_000)
}
