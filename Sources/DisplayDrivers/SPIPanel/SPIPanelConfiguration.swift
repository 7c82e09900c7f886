public import Frames
public import GPIO
public import PanelBus

/// How the SPI panel driver is to work. What a preset knows need not be said; what is said wins over it.
public struct SPIPanelConfiguration: Sendable, Equatable {
    /// `spi.panel`: a preset or a model of `PanelCatalogue`; nil: there is no panel.
    public var panel: String?
    /// `spi.device`.
    public var device: String?
    /// `spi.dc_pin`.
    public var dataCommandLine: LineName?
    /// `spi.reset_pin`.
    public var reset: Reset?
    /// `spi.backlight_pin`.
    public var backlight: PanelWiring.Backlight?
    /// `spi.speed_hz`, in bits per second.
    public var clockRate: Int?
    /// `spi.mode`, 0 or 3.
    public var mode: Int?
    /// `display.rotation`: clockwise, 0, 90, 180 or 270, from how the product is looked at.
    public var rotation: Int
    /// Of the backlight at the start, 0 to 1.
    public var brightness: Double
    /// Pictures per second at most; the bus may carry fewer.
    public var refreshRate: Double

    /// Where the reset line is.
    public enum Reset: Sendable, Equatable {
        /// There is none: the panel is reset by a command.
        case none
        case line(LineName)
    }

    public init(
        panel: String? = nil, device: String? = nil, dataCommandLine: LineName? = nil, reset: Reset? = nil,
        backlight: PanelWiring.Backlight? = nil, clockRate: Int? = nil, mode: Int? = nil, rotation: Int = 0,
        brightness: Double = 1, refreshRate: Double = 60
    ) {
        (self.panel, self.device) = (panel, device)
        (self.dataCommandLine, self.reset, self.backlight) = (dataCommandLine, reset, backlight)
        (self.clockRate, self.mode) = (clockRate, mode)
        self.rotation = [90, 180, 270].contains(rotation) ? rotation : 0
        self.brightness = brightness.isFinite ? min(max(brightness, 0), 1) : 1
        self.refreshRate = refreshRate.isFinite ? min(max(refreshRate, 1), 240) : 60
    }

    /// What it means for the driver, or which key is at fault.
    public func resolved() throws(SPIPanelFault) -> ResolvedPanel {
        guard let panel, !panel.isEmpty else {
            throw SPIPanelFault(
                key: "spi.panel", what: "no panel is configured",
                suggestion: "Name the product or the controller, for example spi.panel = \"pimoroni-display-hat-mini\"."
            )
        }
        guard let entry = PanelCatalogue.entry(named: panel) else {
            throw SPIPanelFault(
                key: "spi.panel", what: "no panel is called \"\(panel)\"",
                suggestion: "Known are: \(PanelCatalogue.names.joined(separator: ", ")).")
        }
        let model = entry.model
        var resolved: ResolvedPanel
        switch entry {
        case .preset(let preset):
            resolved = ResolvedPanel(
                title: preset.title, model: model, wiring: preset.wiring, rotation: preset.rotation,
                millimetres: preset.millimetres ?? model.millimetres)
        case .model:
            let wiring = PanelWiring(
                device: "/dev/spidev0.0", dataCommandLine: nil, backlight: .none, clockRate: model.clockLimit)
            resolved = ResolvedPanel(
                title: model.name, model: model, wiring: wiring, rotation: 0, millimetres: model.millimetres)
        }
        try fill(&resolved)
        resolved.rotation = (resolved.rotation + rotation) % 360
        if resolved.rotation % 180 != 0 {
            let upright = resolved.millimetres
            resolved.millimetres = PixelSize(width: upright.height, height: upright.width)
        }
        return resolved
    }

    private func fill(_ resolved: inout ResolvedPanel) throws(SPIPanelFault) {
        if let device { resolved.wiring.device = device }
        if let dataCommandLine { resolved.wiring.dataCommandLine = dataCommandLine }
        switch reset {
        case .some(.line(let line)): resolved.wiring.resetLine = line
        case .some(.none): resolved.wiring.resetLine = nil
        case nil: break
        }
        if let backlight { resolved.wiring.backlight = backlight }
        if let mode { resolved.wiring.mode = mode }
        if let clockRate { resolved.wiring.clockRate = clockRate }
        guard let dataCommand = resolved.wiring.dataCommandLine else {
            throw SPIPanelFault(
                key: "spi.dc_pin", what: "the line of D/C is missing",
                suggestion: "Set it to the GPIO line that the module's D/C (RS, A0) is wired to, such as GPIO25.")
        }
        guard [0, 3].contains(resolved.wiring.mode) else {
            throw SPIPanelFault(
                key: "spi.mode", what: "SPI mode \(resolved.wiring.mode) is none of these panels'",
                suggestion: "Take 0, or 3 for a module without a chip select pin.")
        }
        guard (100_000...125_000_000).contains(resolved.wiring.clockRate) else {
            throw SPIPanelFault(
                key: "spi.speed_hz", what: "\(resolved.wiring.clockRate) Hz is no clock for a panel",
                suggestion: "Take 100000 to 125000000; \(resolved.model.name) is known to run at "
                    + "\(resolved.model.clockLimit).")
        }
        var lines = [("spi.dc_pin", dataCommand)]
        if let line = resolved.wiring.resetLine { lines.append(("spi.reset_pin", line)) }
        if case .line(let line) = resolved.wiring.backlight { lines.append(("spi.backlight_pin", line)) }
        for (index, (key, line)) in lines.enumerated() {
            guard let other = lines[..<index].first(where: { $0.1 == line }) else { continue }
            throw SPIPanelFault(
                key: key, what: "\(line) is \(other.0) already", suggestion: "Each needs a line of its own.")
        }
    }
}

/// A panel with everything known about it.
public struct ResolvedPanel: Sendable, Equatable {
    public var title: String
    public var model: PanelModel
    public var wiring: PanelWiring
    /// Clockwise, the product's turn and the settings' together.
    public var rotation: Int
    /// After the turn.
    public var millimetres: PixelSize

    public var size: PixelSize { model.size(rotation: rotation) }
}

/// A setting that cannot be.
public struct SPIPanelFault: Error, Sendable, Equatable, CustomStringConvertible {
    public var key: String
    public var what: String
    public var suggestion: String

    public var description: String { "\(key): \(what). \(suggestion)" }
}
