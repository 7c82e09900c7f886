import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Has the kernel tell when tasks wait for memory, so that nobody need look (PSI triggers,
/// https://docs.kernel.org/accounting/psi.html#monitoring-for-pressure-thresholds).
struct PressureTrigger: Sendable {
    /// A fifth of a second in two: the pressure at which memory is low. Without privileges the kernel takes no window but
    /// multiples of two seconds, and before Linux 6.6 none.
    static let threshold = "some 200000 2000000"

    let descriptor: Descriptor

    /// Throws what the kernel refused: it has no PSI, or tells nobody but root.
    init(_ path: FilePath = "/proc/pressure/memory") throws(Errno) {
        descriptor = try Descriptor.open(path, .readWrite, options: .nonBlocking)
        let text = Array(Self.threshold.utf8) + [0]
        _ = try syscall { text.withUnsafeBytes { write(descriptor.rawValue, $0.baseAddress, $0.count) } }
    }
}
