import CSeccomp

#if canImport(Glibc)
    import Glibc
#endif

/// The system calls that decoding needs, as a seccomp filter for all threads.
///
/// What is not listed fails with EPERM instead of killing: a library that asks for something odd (a NUMA node, the number of
/// processors from /sys) takes its other way, as it does in any container. What gives no way out is the same in both.
enum SystemCallFilter {
    /// A condition on one argument; `mask` selects the bits that are compared.
    private struct Argument {
        var index: UInt32
        var mask: UInt64 = .max
        var value: UInt64
    }

    private struct Rule {
        var name: String
        var arguments: [Argument] = []

        init(_ name: String, _ arguments: Argument...) {
            self.name = name
            self.arguments = arguments
        }
    }

    /// Allowed whatever their arguments: they work on what is open and on own memory and threads.
    private static let unconditional = [
        // Files and the socket that are open.
        "read", "readv", "pread64", "preadv", "lseek", "_llseek", "fstat", "close", "recvmsg", "sendmsg", "poll",
        "ppoll", "ppoll_time64",
        // Whether lent memory is a graphics buffer.
        "fstatfs", "fstatfs64",
        // Memory.
        "munmap", "mremap", "madvise", "brk",
        // Threads: waiting, being born, ending.
        "futex", "futex_time64", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "sched_yield",
        "sched_getaffinity", "sched_getparam", "sched_getscheduler", "gettid", "getpid", "getcpu", "membarrier", "exit",
        "exit_group",
        // Signals to oneself, for abort() and its like.
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
        // Time, where the vDSO does not serve it.
        "clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "clock_nanosleep",
        "clock_nanosleep_time64", "nanosleep", "gettimeofday", "time",
        // About the machine, and nothing secret.
        "getrandom", "sysinfo", "uname", "getrusage", "times",
    ]

    private static func conditional() -> [Rule] {
        let executable = UInt64(PROT_EXEC)
        let thread: UInt64 = 0x0001_0000  // CLONE_THREAD, behind _GNU_SOURCE
        let ownProcess = UInt64(getpid())
        return [
            // No new code in memory.
            Rule("mmap", Argument(index: 2, mask: executable, value: 0)),
            Rule("mmap2", Argument(index: 2, mask: executable, value: 0)),
            Rule("mprotect", Argument(index: 2, mask: executable, value: 0)),
            // Threads, and no processes. The flags are the first argument on x86-64 and on arm64.
            Rule("clone", Argument(index: 0, mask: thread, value: thread)),
            // A library's last words.
            Rule("write", Argument(index: 0, value: 2)),
            Rule("writev", Argument(index: 0, value: 2)),
            // glibc 2.33 to 2.38 does fstat this way. It can tell that a path exists, and nothing of what is in it.
            Rule("newfstatat", Argument(index: 3, value: 0x1000 /* AT_EMPTY_PATH */)),
            Rule("tgkill", Argument(index: 0, value: ownProcess)),
            // Reading limits: of itself, with no new value.
            Rule("prlimit64", Argument(index: 0, value: 0), Argument(index: 2, value: 0)),
            Rule("getrlimit"),
            Rule("fcntl", Argument(index: 1, value: UInt64(F_GETFD))),
            Rule("fcntl", Argument(index: 1, value: UInt64(F_GETFL))),
            Rule("fcntl", Argument(index: 1, value: 1034 /* F_GET_SEALS */)),
            // Names of threads.
            Rule("prctl", Argument(index: 0, value: 15 /* PR_SET_NAME */)),
            // Names of memory: glibc 2.38 and later label heaps where asked to.
            Rule("prctl", Argument(index: 0, value: 0x5356_4D41 /* PR_SET_VMA */)),
            // Its own priority, when the role changes.
            Rule("setpriority", Argument(index: 0, value: 0), Argument(index: 1, value: 0)),
            Rule("ioprio_set", Argument(index: 0, value: 1), Argument(index: 1, value: 0)),
        ]
    }

    /// For libavcodec, which looks through /dev for the board's decoder, opens and controls it. Which paths that means is
    /// Landlock's to say.
    private static let videoDevices = [
        Rule("openat"), Rule("getdents64"),
        // Requests of the type 'V', which also means virtual terminals: none is open, and none may be opened.
        Rule("ioctl", Argument(index: 1, mask: 0xFF00, value: 0x5600)),
    ]

    /// Puts the filter in force on every thread. Returns why not, in words, or nil.
    static func install(withVideoDevices: Bool) -> String? {
        guard let filter = seccomp_init(deny(EPERM)) else { return "libseccomp: out of memory" }
        defer { seccomp_release(filter) }
        // Threads that a library started behind our back are bound, too.
        var code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1)
        if code < 0 { return "no filter for all threads: \(text(code))" }
        // no_new_privs is set already; libseccomp would do it again.
        _ = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0)

        for rule in unconditional.map({ Rule($0) }) + conditional() + (withVideoDevices ? videoDevices : []) {
            code = add(rule, action: UInt32(SCMP_ACT_ALLOW), to: filter)
            if code < 0 { return "rule for \(rule.name): \(text(code))" }
        }
        // Its flags lie in memory, where a filter cannot see them: glibc falls back to clone.
        code = add(Rule("clone3"), action: deny(ENOSYS), to: filter)
        if code < 0 { return "rule for clone3: \(text(code))" }

        code = seccomp_load(filter)
        return code < 0 ? "seccomp: \(text(code))" : nil
    }

    private static func add(_ rule: Rule, action: UInt32, to filter: scmp_filter_ctx) -> CInt {
        let number = seccomp_syscall_resolve_name(rule.name)
        // Not of this architecture, or newer than this libseccomp: then it stays denied.
        if number < 0 { return 0 }
        let comparisons = rule.arguments.map { argument in
            scmp_arg_cmp(
                arg: argument.index, op: SCMP_CMP_MASKED_EQ, datum_a: argument.mask, datum_b: argument.value)
        }
        return seccomp_rule_add_array(filter, action, number, UInt32(comparisons.count), comparisons)
    }

    /// SCMP_ACT_ERRNO, a macro with an argument.
    private static func deny(_ code: CInt) -> UInt32 { 0x0005_0000 | UInt32(code) }

    private static func text(_ code: CInt) -> String { String(cString: strerror(-code)) }
}
