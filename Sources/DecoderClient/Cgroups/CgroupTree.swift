import CLinux
import LinuxSystem
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The kernel's tree of control groups (cgroups, version 2): folders of small text files. `SimulatedCgroups` is the same in
/// memory. Source: https://docs.kernel.org/admin-guide/cgroup-v2.html
public protocol CgroupTree: Sendable {
    /// `/proc/self/cgroup`: where this process is.
    func ownMembership() throws(Errno) -> String
    func read(_ path: FilePath) throws(Errno) -> String
    func write(_ text: String, to path: FilePath) throws(Errno)
    /// Makes a group. No error when it is there.
    func makeGroup(_ path: FilePath) throws(Errno)
    /// True when systemd marked this group as handed over to its processes (`Delegate=` in systemd.resource-control(5)).
    func isDelegated(_ path: FilePath) -> Bool
}

/// The kernel's own.
public struct KernelCgroupTree: CgroupTree {
    public init() {}

    public func ownMembership() throws(Errno) -> String { try TextFile.read("/proc/self/cgroup") }

    public func read(_ path: FilePath) throws(Errno) -> String { try TextFile.read(path) }

    public func write(_ text: String, to path: FilePath) throws(Errno) {
        // One write is one order: the kernel takes no parts.
        let file = try Descriptor.open(path, .writeOnly)
        try DurableFile.write(Array(text.utf8), to: file)
    }

    public func makeGroup(_ path: FilePath) throws(Errno) {
        do throws(Errno) {
            try syscall { mkdir(path.string, 0o755) }
        } catch .fileExists {
            // Left by the daemon before this one: as good as new.
        }
    }

    public func isDelegated(_ path: FilePath) -> Bool {
        // systemd 251 and later; before, the mark was in an attribute that only root can read.
        vitrine_attribute_is(path.string, "user.delegate", "1") == 1
    }
}
