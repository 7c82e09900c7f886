#if canImport(Glibc)
    import Glibc
#endif

/// How a process ended.
public enum ExitCause: Sendable, Equatable, CustomStringConvertible {
    case exited(status: Int32)
    case signal(Int32)
    /// The kernel ended it because it needed more memory than its own control group may have. waitpid(2) calls that SIGKILL;
    /// whoever made the group knows better.
    case outOfMemory

    /// From the status of waitpid(2).
    public init(waitStatus: Int32) {
        // The macros WIFSIGNALED and WEXITSTATUS, which are not imported.
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .exited(status: (waitStatus >> 8) & 0xFF) : .signal(signal)
    }

    /// True when a process was ended by what it did itself: a signal that follows from an instruction of its own, or its own
    /// appetite for memory. An exit status tells what a program thinks of its surroundings, and is nobody's strike. SIGTRAP is what a failed check of Swift raises on arm64, SIGILL on x86-64.
    public var isOwnDoing: Bool {
        switch self {
        case .exited: false
        case .outOfMemory: true
        case .signal(let number): Self.ownSignals.contains(number)
        }
    }

    public var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signal(let number): Self.signalNames[number] ?? "signal \(number)"
        case .outOfMemory: "out of memory: it needed more than its limit"
        }
    }

    private static let ownSignals: Set<Int32> = [SIGSEGV, SIGBUS, SIGABRT, SIGSYS, SIGFPE, SIGILL, SIGTRAP]

    private static let signalNames: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV",
        SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ",
        SIGSYS: "SIGSYS",
    ]
}
