import LinuxSystem
public import SystemPackage

/// Reads how much memory there is. A few small files of the kernel, which answer in microseconds.
public struct MemoryReader: Sendable {
    private let proc: FilePath
    /// This process's own group and those that it is in, up to below the root.
    private let groups: [FilePath]

    /// - Parameters:
    ///   - proc: where proc(5) is mounted.
    ///   - cgroups: where the second version's control groups are mounted.
    public init(proc: FilePath = "/proc", cgroups: FilePath = "/sys/fs/cgroup") {
        self.proc = proc
        groups = Self.groups(
            membership: (try? TextFile.read(proc.appending("self").appending("cgroup"))) ?? "", below: cgroups)
    }

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
        guard var reading = MemoryReading(meminfo: meminfo, pressure: pressure) else { throw .incomplete(path) }
        reading.group = groups.compactMap(Self.memory).min { $0.available < $1.available }
        return reading
    }

    /// The groups of a process, by its `/proc/<pid>/cgroup`: its own first. The root has no limits.
    static func groups(membership: String, below mount: FilePath) -> [FilePath] {
        guard let line = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return [] }
        let own = FilePath(String(line.dropFirst("0::/".count)))
        // Outside of this process's view of the groups.
        guard own.isLexicallyNormal, own.components.first?.kind != .parentDirectory else { return [] }
        var path = mount.pushing(own)
        var groups: [FilePath] = []
        while path.components.count > mount.components.count {
            groups.append(path)
            path.removeLastComponent()
        }
        return groups
    }

    private static func memory(of group: FilePath) -> GroupMemory? {
        func text(_ name: String) -> String? { try? TextFile.read(group.appending(name)) }
        return GroupMemory(
            max: text("memory.max"), high: text("memory.high"), current: text("memory.current"),
            stat: text("memory.stat"))
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
