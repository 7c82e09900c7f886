import CLinux
public import SystemPackage

/// Another process, held by a descriptor (pidfd_open(2)): a signal can never reach a later process of the same number.
public struct ProcessHandle: Sendable {
    public let processID: Int32
    private let descriptor: Descriptor

    /// Throws `ESRCH` when there is no such process, `ENOSYS` before Linux 5.3.
    public init(processID: Int32) throws(Errno) {
        self.processID = processID
        descriptor = Descriptor(adopting: try syscall { vitrine_pidfd_open(processID) })
    }

    /// Throws `ESRCH` when the process has ended and was waited for.
    public func send(signal: Int32) throws(Errno) {
        try syscall { vitrine_pidfd_send_signal(descriptor.rawValue, signal) }
    }
}
