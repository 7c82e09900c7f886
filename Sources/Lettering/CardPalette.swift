/// The colours of cards: light on dark, so that a screen in a dark room does not glare.
enum CardPalette {
    static let background = Colour(0x10_141C)
    static let heading = Colour(0xF4_F6FA)
    static let text = Colour(0xC3_CBD8)
    static let faint = Colour(0x8E_99AB)
    static let address = Colour(0x7C_C8FF)
    static let pin = Colour(0xFF_CE6B)
    static let fault = Colour(0xFF_8A6B)
    /// What a bar of progress fills.
    static let groove = Colour(0x33_3D4C)
}
