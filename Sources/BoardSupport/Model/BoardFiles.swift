import LinuxSystem
import SystemPackage

/// What the kernel tells of the machine in small files, under `/` or under a folder of recorded ones.
struct BoardFiles: Sendable {
    let root: FilePath

    /// A file's text without blanks at its ends and without the zero that ends strings of the device tree; nil when
    /// there is no such file, it cannot be read, or nothing is in it.
    func text(_ path: String) -> String? {
        guard let bytes = bytes(path) else { return nil }
        let isBlank: (UInt8) -> Bool = { $0 <= 0x20 }
        let content = bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
    }

    func bytes(_ path: String) -> [UInt8]? { try? DurableFile.read(root.appending(path), limit: 1 << 18) }

    /// The value behind a name and a colon, as `/proc/cpuinfo` and `/proc/meminfo` have it; the last one of its name.
    func field(_ name: String, of path: String) -> String? {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var found: String?
        for line in (text(path) ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].prefix(while: { !isBlank($0) }) == name else { continue }
            found = String(parts[1].drop(while: isBlank))
        }
        return found
    }

    /// Folders such as `hwmon0` and `hwmon1`, by number.
    func numbered(_ prefix: String, in folder: String) -> [String] {
        // The numbers are given in order and with gaps at most where a driver left.
        (0..<16).map { "\(folder)/\(prefix)\($0)" }.filter { text("\($0)/name") != nil || text("\($0)/type") != nil }
    }
}
