import LinuxSystem
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What an applier does to the machine beside writing files.
public protocol CardMachine: Sendable {
    /// Makes the FAT partition writable.
    func openCard() throws(Errno)
    /// Makes it read-only again; everything that was written is on the device then.
    func closeCard() throws(Errno)
    func setHostName(_ name: String) throws(Errno)
}

/// The real one; it needs root.
public struct LinuxCardMachine: CardMachine {
    private let firmware: FilePath

    public init(firmware: FilePath) { self.firmware = firmware }

    public func openCard() throws(Errno) { try remount(0) }

    public func closeCard() throws(Errno) { try remount(UInt(MS_RDONLY)) }

    public func setHostName(_ name: String) throws(Errno) {
        try syscall { sethostname(name, name.utf8.count) }
    }

    /// mount(2): MS_REMOUNT keeps everything that is not said again but the flags.
    private func remount(_ flags: UInt) throws(Errno) {
        let kept = UInt(MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC)
        try syscall { mount(nil, firmware.string, nil, kept | flags, nil) }
    }
}

/// A machine in memory: it knows whether the card is open and how it is called, and refuses to open a card that is locked.
public final class SimulatedCardMachine: CardMachine {
    public struct State: Sendable, Equatable {
        public var cardIsOpen = false
        public var hostName: String?
        /// How often the card was opened.
        public var openings = 0
    }

    private let isLocked: Bool
    private let current = Mutex(State())

    /// - Parameter isLocked: the card cannot be written to.
    public init(isLocked: Bool = false) { self.isLocked = isLocked }

    public var state: State { current.withLock { $0 } }

    public func openCard() throws(Errno) {
        if isLocked { throw .readOnlyFileSystem }
        current.withLock {
            $0.cardIsOpen = true
            $0.openings += 1
        }
    }

    public func closeCard() throws(Errno) { current.withLock { $0.cardIsOpen = false } }

    public func setHostName(_ name: String) throws(Errno) { current.withLock { $0.hostName = name } }
}
