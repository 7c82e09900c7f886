import Frames

/// Ilitek ILI9486, data sheet version 1.01 (2011/12): over SPI it takes 18 bits for each pixel (8.2, COLMOD).
///
/// SWRESET, SLPIN, SLPOUT and the times after them (5 ms and 120 ms), and what is set: 8.2.
extension PanelModel {
    public static let ili9486Size320x480 = PanelModel(
        name: "ili9486-320x480", controller: "ILI9486", memory: PixelSize(width: 320, height: 480),
        visible: PixelRectangle(x: 0, y: 0, width: 320, height: 480), millimetres: PixelSize(width: 49, height: 73),
        isRound: false, format: .rgb666, colourOrder: .bgr, isInverted: false,
        mirroring: MemoryAccess.mirrorRows, timing: PanelTiming(),
        initialisation: [
            // 8.2 PWCTRL3: step-up frequency in normal mode.
            PanelStep(0xC2, [0x44]),
            // 8.2 VMCTRL1: VCOM from the non-volatile memory.
            PanelStep(0xC5, [0x00, 0x00, 0x00, 0x00]),
        ],
        // The serial interface's timing has 66 ns for a write cycle; makers drive their modules at 16 to 32 MHz.
        clockLimit: 32_000_000)
}
