import CLinux
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Anonymous memory with a descriptor (memfd), mapped for reading and writing, that can be lent to another process.
///
/// The pages are allocated at once, which charges them to this process's cgroup and rules out SIGBUS later; the size is
/// sealed, so that the borrower cannot shrink it under us (memfd_create(2), "File sealing").
public final class MemoryFile: Sendable {
    public let descriptor: Descriptor
    public let byteCount: Int
    private let address: UInt
    private let isBorrowed: Bool

    private static let allocated = Atomic<Int>(0)

    /// Bytes of all that this process has allocated in this way and not freed: what lending costs, counted once.
    public static var allocatedByteCount: Int { allocated.load(ordering: .relaxed) }

    /// More is refused unasked: the kernel would look for the pages, one by one, until it kills somebody for want of them.
    public static let maximumByteCount = 1 << 30

    /// Allocates `byteCount` bytes, zeroed. Throws `ENOMEM` or `ENOSPC` when there is no memory for it.
    public init(name: String, byteCount: Int) throws(Errno) {
        precondition(byteCount > 0)
        guard byteCount <= Self.maximumByteCount else { throw .noMemory }
        let descriptor = Descriptor(adopting: try syscall { vitrine_memfd_create(name) })
        try syscall { ftruncate(descriptor.rawValue, byteCount) }
        let failure = posix_fallocate(descriptor.rawValue, 0, byteCount)
        if failure != 0 { throw Errno(rawValue: failure) }
        try syscall { vitrine_memfd_seal_size(descriptor.rawValue) }
        self.descriptor = descriptor
        self.byteCount = byteCount
        self.isBorrowed = false
        self.address = try Self.map(descriptor, byteCount: byteCount)
        Self.allocated.add(byteCount, ordering: .relaxed)
    }

    /// Maps memory that another process lent, or that a graphics driver gave. Throws `EINVAL` unless its size cannot change
    /// and is at least `byteCount`.
    public init(borrowed descriptor: Descriptor, byteCount: Int) throws(Errno) {
        guard byteCount > 0,
            // A dma-buf has no seals, and no other size than it was made with.
            vitrine_memfd_size_is_sealed(descriptor.rawValue) == 1
                || vitrine_is_graphics_buffer(descriptor.rawValue) == 1,
            try descriptor.byteCount() >= byteCount
        else { throw .invalidArgument }
        self.descriptor = descriptor
        self.byteCount = byteCount
        self.isBorrowed = true
        self.address = try Self.map(descriptor, byteCount: byteCount)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(bitPattern: address), byteCount)
        if !isBorrowed { Self.allocated.subtract(byteCount, ordering: .relaxed) }
    }

    /// The mapped bytes. Two processes may share them: who may write when is the lending protocol's business.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: address), count: byteCount))
    }

    private static func map(_ descriptor: Descriptor, byteCount: Int) throws(Errno) -> UInt {
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
        guard let address, address != MAP_FAILED else { throw Errno(rawValue: errno) }
        return UInt(bitPattern: address)
    }
}
