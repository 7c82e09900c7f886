/// A status OLED as data: what it takes to have a picture on it.
///
/// All are driven in page addressing, which is all that an SH1106 has and an SSD1306 has as well.
public struct OLEDModel: Sendable, Equatable {
    public enum Controller: Sendable, Equatable {
        case ssd1306
        case sh1106
    }

    /// As `i2c.oled` takes it.
    public var name: String
    /// For a person.
    public var title: String
    public var controller: Controller
    public var width: Int
    public var height: Int
    /// Where the glass begins in the controller's memory.
    public var firstColumn: Int
    /// The low half of the status byte, with which this controller answers a plain read.
    public var statuses: [UInt8]
    /// How the module's rows are wired (SSD1306 §10.1.18).
    public var commonPins: UInt8
    /// Everything but the contrast and switching on, which leaves what the memory holds unseen until it is cleared.
    public var initialisation: [UInt8]

    /// 0.96" and others, 128×64. Commands as in the data sheet's "Software Configuration" (SSD1306 rev. 1.1, appendix,
    /// figure 2): clock D5h, rows A8h, offset D3h, start line 40h, pump 8Dh, addressing 20h, columns and rows turned
    /// A1h C8h, row pins DAh, pre-charge D9h, VCOMH DBh, picture from memory A4h, not reversed A6h, no scrolling 2Eh.
    public static let ssd1306 = OLEDModel(
        name: "ssd1306", title: "SSD1306, 128×64", controller: .ssd1306, width: 128, height: 64, firstColumn: 0,
        statuses: [0x6, 0x7], commonPins: 0x12,
        initialisation: [
            0xAE, 0xD5, 0x80, 0xA8, 0x3F, 0xD3, 0x00, 0x40, 0x8D, 0x14, 0x20, 0x02, 0xA1, 0xC8, 0xDA, 0x12, 0xD9, 0xF1,
            0xDB, 0x20, 0xA4, 0xA6, 0x2E,
        ])

    /// 0.91", 128×32: half the rows, wired in sequence.
    public static let ssd1306Small = OLEDModel(
        name: "ssd1306-128x32", title: "SSD1306, 128×32", controller: .ssd1306, width: 128, height: 32, firstColumn: 0,
        statuses: [0x3], commonPins: 0x02,
        initialisation: [
            0xAE, 0xD5, 0x80, 0xA8, 0x1F, 0xD3, 0x00, 0x40, 0x8D, 0x14, 0x20, 0x02, 0xA1, 0xC8, 0xDA, 0x02, 0xD9, 0xF1,
            0xDB, 0x20, 0xA4, 0xA6, 0x2E,
        ])

    /// 1.3", 128×64 in the middle of a memory of 132 columns. Commands as in the data sheet (SH1106 v2.3, "Command
    /// Table"): the pump is ADh 8Bh, its voltage 32h (8.0 V, as after reset); there is no 20h, 21h or 22h.
    public static let sh1106 = OLEDModel(
        name: "sh1106", title: "SH1106, 128×64", controller: .sh1106, width: 128, height: 64, firstColumn: 2,
        statuses: [0x8], commonPins: 0x12,
        initialisation: [
            0xAE, 0xD5, 0x80, 0xA8, 0x3F, 0xD3, 0x00, 0x40, 0xAD, 0x8B, 0x32, 0xA1, 0xC8, 0xDA, 0x12, 0xD9, 0x22, 0xDB,
            0x35, 0xA4, 0xA6,
        ])

    public static let all = [ssd1306, ssd1306Small, sh1106]

    /// The one that answers so when it is asked for its status.
    ///
    /// The data sheets give bit 6 (off) and, for the SH1106, bit 7 (busy) a meaning; the low half is what these chips were
    /// seen to send, as Larry Bank's OneBitDisplay has it (https://github.com/bitbank2/OneBitDisplay): 8 an SH1106, 6 or,
    /// rarely, 7 an SSD1306 with 64 rows, 3 a smaller one.
    public static func answering(_ status: UInt8) -> OLEDModel? {
        // Bits 4 and 5 are of no known controller; a chip of another kind, such as a PCF8574A, may well send them.
        guard status & 0x30 == 0 else { return nil }
        return all.first { $0.statuses.contains(status & 0x0F) }
    }
}
