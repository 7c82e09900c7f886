import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Which machine this is, as it says itself.
enum Board {
    /// The device tree's model on a Pi, the firmware's product name on a PC.
    static var model: String {
        for path: FilePath in ["/proc/device-tree/model", "/sys/class/dmi/id/product_name"] {
            if let bytes = try? DurableFile.read(path, limit: 4096) {
                let text = String(decoding: bytes.filter { $0 >= 0x20 }, as: UTF8.self)
                if !text.isEmpty { return text }
            }
        }
        return "Linux machine"
    }

    static var architecture: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        return withUnsafeBytes(of: name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Of the processor; nil where the kernel has no such sensor.
    static var temperatureCelsius: Double? {
        guard let bytes = try? DurableFile.read("/sys/class/thermal/thermal_zone0/temp", limit: 64),
            let thousandths = Double(String(decoding: bytes.filter { (0x2D...0x39).contains($0) }, as: UTF8.self))
        else { return nil }
        return thousandths / 1000
    }
}
