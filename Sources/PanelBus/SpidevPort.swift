import CLinux
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What a transfer goes through: spidev, or a test.
protocol TransferPort: Sendable {
    var name: String { get }
    var clockRate: Int { get }
    var largestTransfer: Int { get }
    /// Sends all bytes in one transfer, with chip select held.
    func transfer(_ bytes: UnsafeRawBufferPointer) throws(Errno)
}

/// An open spidev device. write(2) is a half-duplex transfer there.
final class SpidevPort: TransferPort {
    let name: String
    let clockRate: Int
    let largestTransfer: Int
    private let device: Descriptor

    init(_ wiring: PanelWiring, bufferSize: Int, root: FilePath) throws(PanelBusError) {
        name = wiring.device
        largestTransfer = bufferSize
        let opened: Descriptor
        do throws(Errno) {
            opened = try Descriptor.open(FilePath(wiring.device), .readWrite)
        } catch {
            throw PanelBusError(device: wiring.device, doing: "opening it (spi.device)", errno: error)
        }
        do throws(Errno) {
            var accepted: UInt32 = 0
            try syscall {
                vitrine_spi_configure(opened.rawValue, CInt(wiring.mode), UInt32(wiring.clockRate), &accepted)
            }
            clockRate = BusClock.rate(Int(accepted), device: wiring.device, root: root)
        } catch {
            throw PanelBusError(
                device: wiring.device, doing: "setting mode \(wiring.mode) and \(wiring.clockRate) Hz (spi.speed_hz)",
                errno: error)
        }
        device = opened
    }

    func transfer(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        let sent = try syscall { write(device.rawValue, bytes.baseAddress, bytes.count) }
        // spidev sends all or fails.
        if sent != bytes.count { throw .ioError }
    }
}
