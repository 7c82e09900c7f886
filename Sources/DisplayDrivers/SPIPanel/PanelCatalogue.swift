import Frames
import GPIO
import PanelBus

/// The panels that `spi.panel` can name.
public enum PanelCatalogue {
    /// Panels by themselves: how they are wired is the settings' business.
    public static let models: [PanelModel] = [
        .st7789Size240x240, .st7789Size240x320, .st7789Size135x240, .st7789Size170x320, .st7735sSize128x160,
        .st7735sSize128x160BlueFirst, .st7735sSize128x128, .ili9341Size240x320, .ili9486Size320x480,
        .ili9488Size320x480, .gc9a01Size240x240,
    ]

    /// Products. Wiring as their makers publish it: pinout.xyz and shop.pimoroni.com, learn.adafruit.com,
    /// waveshare.com/wiki; turns as the makers' examples have them.
    public static let presets: [PanelPreset] = pimoroni + adafruit + waveshare

    /// Everything that has a name.
    public static var names: [String] { presets.map(\.name) + models.map(\.name) }

    /// What a name means.
    public enum Entry: Sendable, Equatable {
        case model(PanelModel)
        case preset(PanelPreset)

        public var model: PanelModel {
            switch self {
            case .model(let model): model
            case .preset(let preset): preset.model
            }
        }
    }

    /// - Returns: nil for a name that is unknown; upper and lower case are the same.
    public static func entry(named name: String) -> Entry? {
        let name = name.lowercased()
        if let preset = presets.first(where: { $0.name == name }) { return .preset(preset) }
        return models.first { $0.name == name }.map { .model($0) }
    }

    private static let pimoroni = [
        PanelPreset(
            "pimoroni-display-hat-mini", "Pimoroni Display HAT Mini", .st7789Size240x320, chipSelect: 1, dataCommand: 9,
            backlight: 13, rotation: 270, buttons: fourButtons),
        PanelPreset(
            "pimoroni-pirate-audio", "Pimoroni Pirate Audio", .st7789Size240x240, chipSelect: 1, dataCommand: 9,
            backlight: 13, buttons: fourButtons),
    ]

    private static let fourButtons = [
        PanelPreset.Button("A", 5), PanelPreset.Button("B", 6), PanelPreset.Button("X", 16),
        PanelPreset.Button("Y", 24),
    ]

    private static let adafruit = [
        PanelPreset(
            "adafruit-mini-pitft-1.14", "Adafruit Mini PiTFT 1.14\"", .st7789Size135x240, backlight: 22, rotation: 90,
            buttons: twoButtons),
        PanelPreset(
            "adafruit-mini-pitft-1.3", "Adafruit Mini PiTFT 1.3\"", .st7789Size240x240, backlight: 22,
            buttons: twoButtons),
        PanelPreset(
            "adafruit-tft-bonnet-1.3", "Adafruit 1.3\" Color TFT Bonnet", .st7789Size240x240, reset: 24, backlight: 26,
            buttons: [
                PanelPreset.Button("A", 5), PanelPreset.Button("B", 6), PanelPreset.Button("up", 17),
                PanelPreset.Button("down", 22), PanelPreset.Button("left", 27), PanelPreset.Button("right", 23),
                PanelPreset.Button("press", 4),
            ]),
        PanelPreset(
            "adafruit-pitft-2.2", "Adafruit PiTFT 2.2\" HAT", .ili9341Size240x320, backlight: 18,
            clockRate: 32_000_000, rotation: 90, millimetres: (34, 45),
            buttons: [
                PanelPreset.Button("1", 17), PanelPreset.Button("2", 22), PanelPreset.Button("3", 23),
                PanelPreset.Button("4", 27),
            ]),
        PanelPreset(
            "adafruit-pitft-2.8", "Adafruit PiTFT 2.8\"", .ili9341Size240x320, backlight: 18, clockRate: 32_000_000,
            rotation: 90,
            buttons: [
                PanelPreset.Button("1", 17), PanelPreset.Button("2", 22), PanelPreset.Button("3", 23),
                PanelPreset.Button("4", 27),
            ]),
    ]

    private static let twoButtons = [PanelPreset.Button("A", 23), PanelPreset.Button("B", 24)]

    private static let waveshare = [
        PanelPreset(
            "waveshare-1.44-hat", "Waveshare 1.44inch LCD HAT", .st7735sSize128x128, reset: 27, backlight: 24,
            rotation: 90, buttons: threeKeys),
        PanelPreset(
            "waveshare-1.3-hat", "Waveshare 1.3inch LCD HAT", .st7789Size240x240, reset: 27, backlight: 24,
            rotation: 90, buttons: threeKeys),
        PanelPreset(
            "waveshare-1.14", "Waveshare 1.14inch LCD Module", .st7789Size135x240, reset: 27, backlight: 18,
            rotation: 90),
        PanelPreset(
            "waveshare-1.28", "Waveshare 1.28inch round LCD Module", .gc9a01Size240x240, reset: 27, backlight: 18),
        PanelPreset(
            "waveshare-1.54", "Waveshare 1.54inch LCD Module", .st7789Size240x240, reset: 27, backlight: 18,
            millimetres: (28, 28)),
        PanelPreset(
            "waveshare-1.8", "Waveshare 1.8inch LCD Module", .st7735sSize128x160, reset: 27, backlight: 18,
            rotation: 90),
        PanelPreset(
            "waveshare-1.9", "Waveshare 1.9inch LCD Module", .st7789Size170x320, reset: 27, backlight: 18),
        PanelPreset(
            "waveshare-2", "Waveshare 2inch LCD Module", .st7789Size240x320, reset: 27, backlight: 18),
        PanelPreset(
            "waveshare-2.4", "Waveshare 2.4inch LCD Module", .ili9341Size240x320, reset: 27, backlight: 18,
            millimetres: (37, 49)),
    ]

    private static let threeKeys = [
        PanelPreset.Button("KEY1", 21), PanelPreset.Button("KEY2", 20), PanelPreset.Button("KEY3", 16),
        PanelPreset.Button("up", 6), PanelPreset.Button("down", 19), PanelPreset.Button("left", 5),
        PanelPreset.Button("right", 26), PanelPreset.Button("press", 13),
    ]
}
