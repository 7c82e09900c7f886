import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// One line of progress on standard error, if that is a terminal.
final class TerminalProgress: Sendable {
    private let name: String
    private let total: Int
    private let isShown = isatty(STDERR_FILENO) == 1
    private let done = Mutex(0)

    init(name: String, total: Int) {
        self.name = name
        self.total = total
    }

    func add(_ count: Int) {
        let percent = done.withLock { done -> Int? in
            let before = done * 100 / max(total, 1)
            done += count
            let after = done * 100 / max(total, 1)
            return after == before ? nil : after
        }
        if isShown, let percent { write("\r\(name): \(percent) %", to: STDERR_FILENO) }
    }

    func end() {
        if isShown { write("\r\u{1B}[K", to: STDERR_FILENO) }
    }
}
