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
    ///
    /// - Parameter devices: paths below `/dev` of what decodes video and may be opened later. Where Landlock is not in
    ///   force, they may not: the other layer cannot tell one path from another.
    public static func enter(_ layers: Layers = .all, devices: [String] = []) -> SandboxReport {
        var report = SandboxReport()
        // Without it the other two need CAP_SYS_ADMIN, and a set-user-id program would escape them.
        if vitrine_no_new_privs() != 0 { report.noNewPrivileges = "prctl: \(String(cString: strerror(errno)))" }
        var mayOpen = false
        if layers.contains(.landlock) {
            report.landlock = landlock(devices)
            mayOpen = report.landlock == nil && !devices.isEmpty
            // A device that has gone meanwhile, say, must not cost the whole layer.
            if report.landlock != nil, !devices.isEmpty { report.landlock = landlock([]) }
        } else {
            report.landlock = "not asked for"
        }
        report.seccomp =
            layers.contains(.seccomp) ? SystemCallFilter.install(withVideoDevices: mayOpen) : "not asked for"
        return report
    }

    private static func landlock(_ devices: [String]) -> String? {
        if vitrine_landlock_abi() == 0 { return "the kernel has no Landlock, or it is not among its security modules" }
        let paths = devices.map { strdup($0) }
        defer { for path in paths { free(path) } }
        let denied = paths.map { UnsafePointer<CChar>($0) }.withUnsafeBufferPointer {
            vitrine_landlock_deny_everything(devices.isEmpty ? nil : "/dev", $0.baseAddress, CInt($0.count))
        }
        if denied == 0 { return nil }
        return "landlock: \(String(cString: strerror(errno)))"
    }
}
