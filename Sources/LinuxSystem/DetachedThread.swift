import CLinux
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A thread of its own for work that blocks or that must not wait for others. Nobody joins it.
public enum DetachedThread {
    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }
    }

    /// - Parameters:
    ///   - name: as `ps -T` shows it, at most 15 bytes.
    ///   - body: what it does; the thread ends with it.
    /// - Throws: `EAGAIN` where no more threads are allowed, or no memory is left for a stack (pthread_create(3)).
    public static func start(named name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(name: name, body: body))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                vitrine_name_thread(work.name)
                work.body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw Errno(rawValue: code)
        }
        pthread_detach(thread)
    }
}
