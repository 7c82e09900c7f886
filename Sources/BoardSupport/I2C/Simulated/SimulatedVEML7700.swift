public import LinuxSystem
import Synchronization

/// A VEML7700 in memory, in a room whose light is set. Registers of the data sheet (Vishay 84286), counts and their bend of
/// the application note (84323). After each change of the configuration the old value stands until an integration is over.
public final class SimulatedVEML7700: SimulatedI2CDevice {
    private struct State {
        var lux: Double
        /// Shut down after reset.
        var configuration: UInt16 = 1
        var registers: [UInt8: UInt16] = [:]
        var pointer: UInt8 = 0
        var data: UInt16 = 0
        var begun: MonotonicInstant
    }

    private let clock: any BoardClock
    private let state: Mutex<State>

    public init(lux: Double, clock: any BoardClock) {
        self.clock = clock
        state = Mutex(State(lux: lux, begun: clock.now))
    }

    /// The light that falls on it.
    public func setLight(lux: Double) { state.withLock { $0.lux = lux } }

    public func take(_ bytes: [UInt8]) -> Bool {
        guard let register = bytes.first, register <= 0x07 else { return false }
        state.withLock { state in
            state.pointer = register
            guard bytes.count >= 3 else { return }
            let value = UInt16(bytes[2]) << 8 | UInt16(bytes[1])
            if register == 0 {
                integrate(&state)
                (state.configuration, state.begun) = (value, clock.now)
            } else if register <= 0x03 {
                state.registers[register] = value
            }
        }
        return true
    }

    public func give(_ count: Int) -> [UInt8] {
        let value: UInt16 = state.withLock { state in
            switch state.pointer {
            case 0x00: return state.configuration
            case 0x04, 0x05:
                integrate(&state)
                return state.data
            case 0x07: return 0xC481
            default: return state.registers[state.pointer] ?? 0
            }
        }
        return (0..<count).map { $0 == 0 ? UInt8(value & 0xFF) : $0 == 1 ? UInt8(value >> 8) : 0xFF }
    }

    private func integrate(_ state: inout State) {
        guard state.configuration & 1 == 0, let milliseconds = Self.milliseconds(state.configuration),
            state.begun.duration(to: clock.now) >= .microseconds(2_500 + milliseconds * 1_000)
        else { return }
        let gain = [1, 2, 0.125, 0.25][Int(state.configuration >> 11 & 3)]
        // 0.0042 lx for each count at gain 2 and 800 ms.
        let resolution = 0.0042 * (2 / gain) * (800 / Double(milliseconds))
        state.data = UInt16(min(65_535, (Self.bent(state.lux) / resolution).rounded()))
    }

    /// ALS_IT, bits 9 to 6.
    private static func milliseconds(_ configuration: UInt16) -> Int? {
        [0b1100: 25, 0b1000: 50, 0b0000: 100, 0b0001: 200, 0b0010: 400, 0b0011: 800][Int(configuration >> 6 & 0xF)]
    }

    /// What the sensor takes the light for: the application note's correction, backwards.
    private static func bent(_ lux: Double) -> Double {
        var (low, high) = (0.0, max(1, lux))
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if VEML7700.straightened(middle) < lux { low = middle } else { high = middle }
        }
        return low
    }
}
