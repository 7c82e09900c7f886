import LinuxSystem
public import SystemPackage

/// Reads how much memory there is. Two small files of the kernel, which answer in microseconds.
public struct MemoryReader: Sendable {
    private let proc: FilePath

    /// - Parameter proc: where proc(5) is mounted.
    public init(proc: FilePath = "/proc") { self.proc = proc }

    public func read() throws(MemoryReaderError) -> MemoryReading {
        let path = proc.appending("meminfo")
        let meminfo: String
        do throws(Errno) {
            meminfo = try TextFile.read(path)
        } catch {
            throw .unreadable(path, error)
        }
        // A kernel without PSI lacks the file; one that has it off answers EOPNOTSUPP. Neither is a fault.
        let pressure = try? TextFile.read(proc.appending("pressure").appending("memory"))
        guard let reading = MemoryReading(meminfo: meminfo, pressure: pressure) else { throw .incomplete(path) }
        return reading
    }
}

/// Why there is no reading.
public enum MemoryReaderError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(FilePath, Errno)
    /// It lacks `MemTotal` or `MemAvailable`.
    case incomplete(FilePath)

    public var description: String {
        switch self {
        case .unreadable(let path, let code): "\(path) cannot be read (\(code)): is /proc mounted?"
        case .incomplete(let path): "\(path) lacks MemTotal or MemAvailable: the kernel is older than 3.14"
        }
    }
}
