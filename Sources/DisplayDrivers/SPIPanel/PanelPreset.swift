public import Frames
public import GPIO
public import PanelBus

/// A product that people buy: a panel with the wires that its maker soldered. Pins are BCM numbers.
public struct PanelPreset: Sendable, Equatable {
    /// As `spi.panel` takes it: `pimoroni-display-hat-mini`.
    public var name: String
    public var title: String
    public var model: PanelModel
    public var wiring: PanelWiring
    /// Clockwise turn of the panel in the product as it is looked at.
    public var rotation: Int
    /// Of the visible area, where it is not the model's.
    public var millimetres: PixelSize?
    public var buttons: [Button]

    /// A switch to ground.
    public struct Button: Sendable, Equatable {
        /// What is printed beside it, or where it is.
        public var name: String
        public var line: LineName

        public init(_ name: String, _ line: LineName) { (self.name, self.line) = (name, line) }
    }

    init(
        _ name: String, _ title: String, _ model: PanelModel, chipSelect: Int = 0,
        dataCommand: LineName = 25, reset: LineName? = nil, backlight: LineName? = nil, clockRate: Int? = nil,
        mode: Int = 0, rotation: Int = 0, millimetres: (Int, Int)? = nil, buttons: [Button] = []
    ) {
        (self.name, self.title, self.model) = (name, title, model)
        wiring = PanelWiring(
            device: "/dev/spidev0.\(chipSelect)", dataCommandLine: dataCommand, resetLine: reset,
            backlight: backlight.map { .line($0) } ?? .none, clockRate: clockRate ?? model.clockLimit, mode: mode)
        self.rotation = rotation
        self.millimetres = millimetres.map { PixelSize(width: $0.0, height: $0.1) }
        self.buttons = buttons
    }
}
