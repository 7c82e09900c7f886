public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Runs a system call that returns -1 and sets `errno` on failure: retried on EINTR, thrown otherwise.
///
/// EBADF and EFAULT are our own bugs (a descriptor used after its end), never the world's, so they trap
/// before they can close or write to somebody else's descriptor.
@discardableResult
public func syscall<Result: FixedWidthInteger & SignedInteger>(
    _ body: () -> Result
) throws(Errno) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = Errno(rawValue: errno)
        if code == .interrupted { continue }
        precondition(code != .badFileDescriptor && code != .badAddress, "a system call got a bad descriptor or address")
        throw code
    }
}

/// The same for calls whose EAGAIN only says "not now": `nil` then.
public func syscallNonblocking<Result: FixedWidthInteger & SignedInteger>(
    _ body: () -> Result
) throws(Errno) -> Result? {
    do throws(Errno) {
        return try syscall(body)
    } catch .wouldBlock {
        return nil
    }
}
