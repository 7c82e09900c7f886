import Dispatch
public import LinuxSystem
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The buses of this machine.
public struct LinuxI2CHost: I2CHost {
    private let fixed: String?
    /// `/`, elsewhere in tests.
    private let root: FilePath
    private let clock: any BoardClock
    private let queue = BlockingQueue(label: "vitrine.i2c.look")

    /// - Parameter path: this bus alone; nil: those of the board's header.
    public init(path: String? = nil, root: FilePath = "/", clock: any BoardClock = MonotonicClock()) {
        fixed = path
        self.root = root
        self.clock = clock
    }

    public func buses() async -> [String] {
        if let fixed { return [fixed] }
        return await queue.run { [root] in Self.headerBuses(root) }
    }

    public func open(_ bus: String) async throws(I2CError) -> any I2CBus {
        try await LinuxI2CBus.open(root.pushing(FilePath(bus).removingRoot()).string, clock: clock)
    }

    /// Every `/dev/i2c-*` whose wires come out on the board's header. The others lead to screens (DDC), cameras, and on a PC
    /// to memory modules: nothing is ever sent there.
    static func headerBuses(_ root: FilePath) -> [String] {
        let prefix = "i2c-"
        let numbers = names(in: root.appending("dev")).compactMap { name in
            name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
        }
        return numbers.sorted().filter { number in
            let node = root.appending("sys/bus/i2c/devices").appending("\(prefix)\(number)").appending("of_node")
            guard let target = link(node) else { return false }
            return HeaderBus.isOnHeader(node: target.lastComponent?.string ?? "", compatible: compatible(node))
        }.map { "/dev/\(prefix)\($0)" }
    }

    private static func compatible(_ node: FilePath) -> [String] {
        guard let bytes = try? DurableFile.read(node.appending("compatible"), limit: 4_096) else { return [] }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func link(_ path: FilePath) -> FilePath? {
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = target.withUnsafeMutableBytes { bytes -> Int in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return -1 }
            return readlink(path.string, start, bytes.count)
        }
        return count > 0 ? FilePath(String(decoding: target.prefix(count), as: UTF8.self)) : nil
    }

    private static func names(in folder: FilePath) -> [String] { (try? FolderNames.list(folder)) ?? [] }
}

/// Which I2C controllers have their wires on the header of a Raspberry Pi.
enum HeaderBus {
    /// Their addresses in the device tree: `i2c1` (pins 3 and 5) of every board, `i2c3` to `i2c6` that the Pi 4 adds on
    /// other pins, `i2c1` of the Pi 5. Left out on purpose: `i2c0` (0x7e205000), on which cameras and a HAT's EEPROM are,
    /// and `i2c2` (0x7e805000), the screen's. https://github.com/raspberrypi/linux, `bcm283x.dtsi`, `bcm2711.dtsi`.
    private static let onHeader: Set<String> = [
        "7e804000", "7e205600", "7e205800", "7e205a00", "7e205c00", "74000",
    ]

    /// - Parameters:
    ///   - node: the last part of the controller's path in the device tree: `i2c@7e804000`.
    ///   - compatible: what it says that it is.
    static func isOnHeader(node: String, compatible: [String]) -> Bool {
        // A bus made of two GPIO lines, which is on the header by its nature.
        if compatible.contains("i2c-gpio") { return true }
        let parts = node.split(separator: "@", maxSplits: 1)
        return parts.count == 2 && parts[0] == "i2c" && onHeader.contains(String(parts[1]))
    }
}
