public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The lines `Name:   123 kB` of /proc/meminfo, /proc/<pid>/status and their kin.
public struct KernelTable: Sendable, Equatable {
    private let values: [Substring: Substring]

    public init(_ text: String) {
        var values: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            values[line[..<colon]] = value
        }
        self.values = values
    }

    /// The number that a line begins with; nil when there is no such line or no number.
    public func number(_ name: String) -> Int? {
        values[name[...]].flatMap { Int($0.prefix { $0.isNumber }) }
    }

    /// The same in bytes, of a line that ends in `kB`.
    public func bytes(_ name: String) -> Int? {
        guard let value = values[name[...]], value.hasSuffix("kB"), let kilobytes = number(name) else { return nil }
        let (bytes, overflow) = kilobytes.multipliedReportingOverflow(by: 1_024)
        return overflow ? nil : bytes
    }
}

/// Small text files of the kernel, which answer at once.
public enum TextFile {
    /// The whole file, at most `limit` bytes of it. What is no UTF-8 is replaced.
    public static func read(_ path: FilePath, limit: Int = 256 * 1_024) throws(Errno) -> String {
        let file = try Descriptor.open(path, .readOnly)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < limit {
            let count = try syscall {
                chunk.withUnsafeMutableBytes { Glibc.read(file.rawValue, $0.baseAddress, $0.count) }
            }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes.prefix(limit), as: UTF8.self)
    }
}
