import GPIO
import Synchronization
import SystemPackage

/// The lines of a panel beside its bus.
struct PanelLines: Sendable {
    let dataCommand: any GPIOOutput
    let reset: (any GPIOOutput)?

    init(dataCommand: LineName, reset: LineName?, gpio: any GPIOHost) throws(PanelBusError) {
        self.dataCommand = try Self.take(dataCommand, key: "spi.dc_pin", gpio)
        self.reset = if let reset { try Self.take(reset, key: "spi.reset_pin", gpio) } else { nil }
    }

    /// Both begin high: data, and no reset.
    private static func take(
        _ line: LineName, key: String, _ gpio: any GPIOHost
    ) throws(PanelBusError) -> any GPIOOutput {
        do throws(GPIOError) {
            return try gpio.output(line, initially: true, consumer: "vitrine \(key)")
        } catch {
            throw PanelBusError(device: "line \(line)", doing: "\(key): \(error.what)", errno: error.errno)
        }
    }
}

/// A panel on a spidev bus, its D/C and reset on GPIO lines.
///
/// D/C cannot change inside a transfer: a command costs a transfer of its own, and two changes of the line.
final class SpidevBus: PanelBus {
    private struct Open {
        let port: any TransferPort
        let lines: PanelLines
        let light: BacklightControl
        /// What D/C was last driven to: it is not driven again for the same.
        var isData = true
    }

    let name: String
    let clockRate: Int
    let largestTransfer: Int
    let hasReset: Bool
    let hasBacklight: Bool
    /// nil once it is closed. Calls come one after the other, from the display's queue; the lock is never contended.
    private let open: Mutex<Open?>

    init(port: any TransferPort, lines: PanelLines, light: BacklightControl) {
        (name, clockRate, largestTransfer) = (port.name, port.clockRate, port.largestTransfer)
        hasReset = lines.reset != nil
        hasBacklight = light.isThere
        open = Mutex(Open(port: port, lines: lines, light: light))
    }

    func send(_ command: UInt8, _ parameters: UnsafeRawBufferPointer) throws(PanelBusError) {
        try use("command \(command)") { (open) throws(PanelBusError) in
            try Self.drive(&open, isData: false)
            try withUnsafeBytes(of: command) { (bytes) throws(PanelBusError) in try Self.transfer(bytes, open.port) }
            guard !parameters.isEmpty else { return }
            try Self.drive(&open, isData: true)
            try Self.transfer(parameters, open.port)
        }
    }

    func send(pixels: UnsafeRawBufferPointer) throws(PanelBusError) {
        try use("pixels") { (open) throws(PanelBusError) in
            try Self.drive(&open, isData: true)
            var rest = pixels[...]
            while !rest.isEmpty {
                let part = rest.prefix(open.port.largestTransfer)
                try Self.transfer(UnsafeRawBufferPointer(rebasing: part), open.port)
                rest = rest.dropFirst(part.count)
            }
        }
    }

    func setReset(asserted: Bool) throws(PanelBusError) {
        try use("reset") { (open) throws(PanelBusError) in
            do throws(GPIOError) {
                try open.lines.reset?.set(!asserted)
            } catch {
                throw PanelBusError(device: "line \(error.line)", doing: error.what, errno: error.errno)
            }
        }
    }

    func setBacklight(_ level: Double) throws(PanelBusError) {
        try use("backlight") { (open) throws(PanelBusError) in try open.light.set(level) }
    }

    func close() {
        // Closes the device and lets go of the lines, unless a test holds them.
        open.withLock { $0 = nil }
    }

    private func use(
        _ what: String, _ body: (inout Open) throws(PanelBusError) -> Void
    ) throws(PanelBusError) {
        try open.withLock { (open) throws(PanelBusError) in
            guard var current = open else {
                throw PanelBusError(device: name, doing: "\(what) after its end", errno: .badFileDescriptor)
            }
            defer { open = current }
            try body(&current)
        }
    }

    private static func drive(_ open: inout Open, isData: Bool) throws(PanelBusError) {
        guard open.isData != isData else { return }
        do throws(GPIOError) {
            try open.lines.dataCommand.set(isData)
            open.isData = isData
        } catch {
            throw PanelBusError(device: "line \(error.line)", doing: error.what, errno: error.errno)
        }
    }

    private static func transfer(_ bytes: UnsafeRawBufferPointer, _ port: any TransferPort) throws(PanelBusError) {
        do throws(Errno) {
            try port.transfer(bytes)
        } catch {
            throw PanelBusError(device: port.name, doing: "a transfer of \(bytes.count) bytes", errno: error)
        }
    }
}
