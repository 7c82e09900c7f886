import Frames

/// Sitronix ST7789V, data sheet version 1.3 (2014/03). 240 columns and 320 rows of memory, of which smaller glass shows a
/// part.
///
/// Reset timing: 7.4.5; SWRESET 9.1.2, SLPIN 9.1.11, SLPOUT 9.1.12 (5 ms and 120 ms). What is not set here has its
/// power-on value, which suits the glass (9.2).
extension PanelModel {
    public static let st7789Size240x240 = st7789(
        "st7789-240x240", PixelRectangle(x: 0, y: 0, width: 240, height: 240), millimetres: (23, 23))
    public static let st7789Size240x320 = st7789(
        "st7789-240x320", PixelRectangle(x: 0, y: 0, width: 240, height: 320), millimetres: (31, 41))
    public static let st7789Size135x240 = st7789(
        "st7789-135x240", PixelRectangle(x: 52, y: 40, width: 135, height: 240), millimetres: (15, 25))
    public static let st7789Size170x320 = st7789(
        "st7789-170x320", PixelRectangle(x: 35, y: 0, width: 170, height: 320), millimetres: (23, 43))

    private static func st7789(
        _ name: String, _ visible: PixelRectangle, millimetres: (Int, Int)
    ) -> PanelModel {
        PanelModel(
            name: name, controller: "ST7789V", memory: PixelSize(width: 240, height: 320), visible: visible,
            millimetres: PixelSize(width: millimetres.0, height: millimetres.1), isRound: false, format: .rgb565,
            colourOrder: .rgb, isInverted: true, mirroring: 0, timing: PanelTiming(),
            initialisation: [
                // 9.2.3 PORCTRL: front and back porch of 12 lines.
                PanelStep(0xB2, [0x0C, 0x0C, 0x00, 0x33, 0x33]),
                // 9.2.18 FRCTRL2: 60 Hz.
                PanelStep(0xC6, [0x0F]),
            ],
            // 7.4.3: 16 ns for a write cycle.
            clockLimit: 62_500_000)
    }
}
