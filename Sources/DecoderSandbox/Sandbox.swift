import CLinux
public import DecoderProtocol

#if canImport(Glibc)
    import Glibc
#endif

/// What takes from a process everything that decoding does not need. Irrevocable.
///
/// Landlock and seccomp bind the calling thread and what it starts later: enter before there is a second thread, and
/// after libraries that load plug-ins have loaded them.
public enum Sandbox {
    /// The layers, each of which holds alone.
    public struct Layers: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// No file by path, no TCP; from ABI 6 on no abstract Unix socket and no signal outwards, either.
        public static let landlock = Layers(rawValue: 1)
        /// No system call outside a list.
        public static let seccomp = Layers(rawValue: 2)
        public static let all: Layers = [.landlock, .seccomp]
    }

    /// Puts the layers in place as far as the kernel has them, and says which it lacks: decoding goes on without.
    public static func enter(_ layers: Layers = .all) -> SandboxReport {
        var report = SandboxReport()
        // Without it the other two need CAP_SYS_ADMIN, and a set-user-id program would escape them.
        if vitrine_no_new_privs() != 0 { report.noNewPrivileges = "prctl: \(String(cString: strerror(errno)))" }
        if layers.contains(.landlock) {
            report.landlock = landlock()
        } else {
            report.landlock = "not asked for"
        }
        report.seccomp = layers.contains(.seccomp) ? SystemCallFilter.install() : "not asked for"
        return report
    }

    private static func landlock() -> String? {
        if vitrine_landlock_abi() == 0 { return "the kernel has no Landlock, or it is not among its security modules" }
        if vitrine_landlock_deny_everything() == 0 { return nil }
        return "landlock: \(String(cString: strerror(errno)))"
    }
}
