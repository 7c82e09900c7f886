import CLinux
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// An open file descriptor that closes itself when its last reference goes.
public final class Descriptor: Sendable {
    /// The number, valid for as long as this object lives.
    public let rawValue: CInt

    /// Takes over a descriptor that is already open.
    public init(adopting rawValue: CInt) { self.rawValue = rawValue }

    deinit { close(rawValue) }

    /// Opens a path. The descriptor is close-on-exec.
    public static func open(
        _ path: FilePath, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = [],
        permissions: FilePermissions? = nil
    ) throws(Errno) -> Descriptor {
        do {
            let file = try FileDescriptor.open(
                path, mode, options: options.union(.closeOnExec), permissions: permissions)
            return Descriptor(adopting: file.rawValue)
        } catch let code as Errno {
            throw code
        } catch {
            throw .ioError
        }
    }

    /// Both ends of a new pipe (pipe(7)), close-on-exec.
    public static func pipe() throws(Errno) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [CInt] = [-1, -1]
        try syscall { vitrine_pipe(&ends) }
        return (Descriptor(adopting: ends[0]), Descriptor(adopting: ends[1]))
    }

    /// A second descriptor of the same open file.
    public func duplicate() throws(Errno) -> Descriptor {
        // F_DUPFD_CLOEXEC
        Descriptor(adopting: try syscall { fcntl(rawValue, F_DUPFD_CLOEXEC, 0) })
    }

    /// Size of the file in bytes.
    public func byteCount() throws(Errno) -> Int {
        var status = stat()
        try syscall { fstat(rawValue, &status) }
        return Int(status.st_size)
    }

    /// fsync(2): returns once data and metadata are on the device.
    public func synchronize() throws(Errno) { try syscall { fsync(rawValue) } }

    /// fdatasync(2): the same without the times of last access and change, which cost a write of their own.
    public func synchronizeData() throws(Errno) { try syscall { fdatasync(rawValue) } }
}
