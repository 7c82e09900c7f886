import CLinux

#if canImport(Glibc)
    import Glibc
#endif

/// Bounds of a decoder process, which hold where the cgroup's do not.
public enum ProcessLimits {
    /// Stack of a library's thread. The default of 8 MB would count eight-fold against the data limit.
    static let threadStack = 1 << 20
    /// Threads that are allowed for beside the memory for media: four cores, for decoding and for colour each, and spare.
    static let threads = 16
    /// What the program and its libraries use for themselves.
    static let base = 16 << 20

    /// Closes what was inherited by mistake and sets the limits. Call first of all.
    ///
    /// - Parameter memory: bytes that decoding may use. RLIMIT_DATA counts private writable memory, thread stacks
    ///   included, whether touched or not (setrlimit(2)); shared memory, as the lent buffers are, does not count.
    public static func apply(memory: Int) {
        vitrine_close_from(3)
        // Two: one for the main thread, one for all workers.
        vitrine_limit_heaps(2)
        vitrine_map_allocations_from(1 << 20)
        vitrine_set_thread_stack_size(threadStack)
        vitrine_limit_cores_and_files(1024)
        vitrine_limit_data(UInt64(dataInUse() + base + threads * threadStack + memory))
    }

    /// Private writable memory now, in bytes: sixth number of /proc/self/statm, in pages. Some 80 libraries bring theirs.
    private static func dataInUse() -> Int {
        guard let file = fopen("/proc/self/statm", "re") else { return 64 << 20 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, CInt(line.count), file) != nil else { return 64 << 20 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        return numbers.count > 5 ? numbers[5] * Int(sysconf(CInt(_SC_PAGESIZE))) : 64 << 20
    }

    /// Steps behind everything else that wants the processor and the disk: for work that nobody waits for.
    public static func yieldToOthers() {
        vitrine_set_own_nice(10)
        vitrine_ioprio_idle()
    }
}
