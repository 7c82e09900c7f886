import LinuxSystem
import SystemPackage

/// What a bus's hardware makes of the clock that was asked for: spidev gives back the wish, not what it became.
enum BusClock {
    /// BCM2835's controller, on all boards up to the Pi 4, divides its core clock by an even number and never exceeds what was
    /// asked (Linux, spi-bcm2835.c, bcm2835_spi_transfer_one).
    static func bcm2835(_ wanted: Int, core: Int) -> Int {
        guard wanted > 0, wanted < core / 2 else { return wanted > 0 ? core / 2 : core / 65_536 }
        let rounded = (core + wanted - 1) / wanted
        let divisor = rounded + rounded % 2
        return core / (divisor >= 65_536 ? 65_536 : divisor)
    }

    /// - Parameter device: `/dev/spidev0.0`.
    /// - Returns: the clock on the wire where the controller is known, otherwise what was asked for.
    static func rate(_ wanted: Int, device: String, root: FilePath) -> Int {
        guard let bus = number(of: device) else { return wanted }
        let tree = root.appending("sys/class/spi_master/spi\(bus)/of_node/compatible")
        guard compatible(tree).contains("brcm,bcm2835-spi") else { return wanted }
        return bcm2835(wanted, core: core(compatible(root.appending("sys/firmware/devicetree/base/compatible"))))
    }

    /// The firmware's `core_freq` (raspberrypi.com, "Overclocking options"), which only root can read at run time. A card whose
    /// config.txt sets another has another clock than is said here; pictures are the same.
    private static func core(_ board: [Substring]) -> Int {
        if board.contains("brcm,bcm2711") { return 500_000_000 }
        return board.contains("brcm,bcm2836") ? 250_000_000 : 400_000_000
    }

    private static func number(of device: String) -> Int? {
        let name = device.split(separator: "/").last ?? ""
        guard name.hasPrefix("spidev") else { return nil }
        return Int(name.dropFirst(6).prefix { $0 != "." })
    }

    /// A device tree's list: names that end in a zero each.
    private static func compatible(_ path: FilePath) -> [Substring] {
        (try? TextFile.read(path))?.split(separator: "\0") ?? []
    }
}
