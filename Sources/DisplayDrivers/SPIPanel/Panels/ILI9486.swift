import Frames

/// Ilitek ILI9486, data sheet version 1.01 (2011/12): over SPI it takes 18 bits for each pixel (7.6.4).
///
/// Reset timing: 14.4; SWRESET 8.2.2, SLPIN 8.2.11, SLPOUT 8.2.12 (5 ms and 120 ms).
extension PanelModel {
    public static let ili9486Size320x480 = PanelModel(
        name: "ili9486-320x480", controller: "ILI9486", memory: PixelSize(width: 320, height: 480),
        visible: PixelRectangle(x: 0, y: 0, width: 320, height: 480), millimetres: PixelSize(width: 49, height: 73),
        isRound: false, format: .rgb666, colourOrder: .bgr, isInverted: false,
        mirroring: MemoryAccess.mirrorRows, timing: PanelTiming(),
        initialisation: [
            // 8.2.39 PWCTRL3: step-up frequency in normal mode.
            PanelStep(0xC2, [0x44]),
            // 8.2.42 VMCTRL1: VCOM from the non-volatile memory.
            PanelStep(0xC5, [0x00, 0x00, 0x00, 0x00]),
        ],
        // 14.3.3 says 66 ns for a write cycle; makers drive their modules at 16 to 32 MHz.
        clockLimit: 32_000_000)
}
