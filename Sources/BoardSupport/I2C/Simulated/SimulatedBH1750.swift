public import LinuxSystem
import Synchronization

/// A BH1750 in memory, in a room whose light is set. Opcodes, register and times of the data sheet (ROHM BH1750FVI rev. D);
/// a measurement is there only when its longest time has passed.
public final class SimulatedBH1750: SimulatedI2CDevice {
    private struct State {
        var lux: Double
        var isOn = false
        var time: UInt8 = 69
        var data: UInt16 = 0
        /// The measurement under way: when it ends, and what multiplies its counts.
        var measuring: (end: MonotonicInstant, factor: Double, isOnce: Bool)?
    }

    private let clock: any BoardClock
    private let state: Mutex<State>

    public init(lux: Double, clock: any BoardClock) {
        self.clock = clock
        state = Mutex(State(lux: lux))
    }

    /// The light that falls on it.
    public func setLight(lux: Double) { state.withLock { $0.lux = lux } }

    public func take(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            for byte in bytes { take(byte, &state) }
        }
        return true
    }

    public func give(_ count: Int) -> [UInt8] {
        state.withLock { state in
            if let measuring = state.measuring, clock.now >= measuring.end {
                // 1.2 counts for each lux at the usual length.
                let counts = state.lux * 1.2 * Double(state.time) / 69 * measuring.factor
                state.data = UInt16(min(65_535, counts.rounded()))
                state.measuring = nil
                if measuring.isOnce { state.isOn = false }
            }
            return (0..<count).map { $0 == 0 ? UInt8(state.data >> 8) : $0 == 1 ? UInt8(state.data & 0xFF) : 0xFF }
        }
    }

    private func take(_ byte: UInt8, _ state: inout State) {
        switch byte {
        case 0x00: (state.isOn, state.measuring) = (false, nil)
        case 0x01: state.isOn = true
        case 0x07: if state.isOn { state.data = 0 }
        // H, H2 and L, for ever or once: 180 and 24 ms at most.
        case 0x10, 0x11, 0x13, 0x20, 0x21, 0x23:
            state.isOn = true
            let milliseconds = byte & 0x03 == 3 ? 24 : 180 * Int(state.time) / 69
            state.measuring = (
                clock.now.advanced(by: .milliseconds(milliseconds)), byte & 0x03 == 1 ? 2 : 1, byte & 0x20 != 0
            )
        case 0x40...0x47: state.time = (byte & 0x07) << 5 | state.time & 0x1F
        case 0x60...0x7F: state.time = state.time & 0xE0 | byte & 0x1F
        default: break
        }
    }
}
