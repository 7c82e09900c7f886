import Synchronization

/// A status OLED in memory. It decodes what is sent as its controller does, so that what the glass shows is what a glass
/// would show, mistakes included.
public final class SimulatedOLED: SimulatedI2CDevice {
    private let state: Mutex<SimulatedOLEDController>

    public init(_ model: OLEDModel) { state = Mutex(SimulatedOLEDController(model)) }

    public func take(_ bytes: [UInt8]) -> Bool {
        state.withLock { $0.take(bytes) }
        return true
    }

    /// The status: bit 6 is set while the display is off (SSD1306 §8.1, SH1106 "Read Status"); the low half is what tells
    /// controllers apart (`OLEDModel.statuses`).
    public func give(_ count: Int) -> [UInt8] { state.withLock { [UInt8](repeating: $0.status, count: count) } }

    /// What a person sees. Dark while the display, or the pump that feeds it, is off.
    public var glass: OneBitPicture { state.withLock { $0.glass } }
    /// How bright its pixels are, of 255.
    public var contrast: UInt8 { state.withLock { $0.contrast } }
    /// Commands that the controller does not have, and data that its memory has no place for.
    public var faults: [String] { state.withLock { $0.faults } }

    /// As after its power was away: registers as the data sheet resets them, the memory full of noise.
    public func loseMemory() { state.withLock { $0 = SimulatedOLEDController($0.model) } }
}
