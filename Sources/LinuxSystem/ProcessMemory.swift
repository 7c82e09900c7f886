public import SystemPackage

/// What a process uses, as its files in /proc say (proc(5)). Bytes.
public struct ProcessMemory: Sendable, Equatable {
    public var processID: Int32
    /// Resident pages, whoever else maps them.
    public var resident: Int
    /// Resident pages, each divided by the number of its users (PSS); nil where the kernel does not let us look, as into
    /// a process that has made itself undumpable, unless we are root.
    public var proportional: Int?
    /// The part of `proportional` that is shared memory: lent buffers, which are counted once elsewhere.
    public var proportionalShared: Int?
    public var threads: Int

    public init(
        processID: Int32, resident: Int, proportional: Int?, proportionalShared: Int?, threads: Int
    ) {
        self.processID = processID
        self.resident = resident
        self.proportional = proportional
        self.proportionalShared = proportionalShared
        self.threads = threads
    }

    /// Reads it. Throws `ENOENT` or `ESRCH` when there is no such process.
    public init(processID: Int32, proc: FilePath = "/proc") throws(Errno) {
        let folder = proc.appending(String(processID))
        let status = try TextFile.read(folder.appending("status"))
        let rollup: String?
        do throws(Errno) {
            rollup = try TextFile.read(folder.appending("smaps_rollup"))
        } catch .permissionDenied {
            rollup = nil
        } catch .notPermitted {
            rollup = nil
        }
        self.init(processID: processID, status: status, rollup: rollup)
    }

    init(processID: Int32, status: String, rollup: String?) {
        let status = KernelTable(status)
        let rollup = rollup.map { KernelTable($0) }
        self.init(
            processID: processID, resident: status.bytes("VmRSS") ?? 0, proportional: rollup?.bytes("Pss"),
            proportionalShared: rollup?.bytes("Pss_Shmem"), threads: status.number("Threads") ?? 0)
    }
}
