import Frames
import LinuxSystem
import Synchronization
import SystemPackage

/// Allocates the buffers that are lent to decoders.
enum FrameMemory {
    /// Numbers of buffers, unique in this process. The upper half of the range: buffers that never leave the daemon
    /// are numbered by others, from below.
    private static let lastNumber = Atomic<UInt32>(0x8000_0000)

    /// A buffer of zeroes, its pages allocated. Throws `ENOMEM`, `ENOSPC` or `EMFILE`.
    static func allocate(byteCount: Int) throws(Errno) -> FrameBuffer {
        let memory = try MemoryFile(name: "vitrine-frame", byteCount: byteCount)
        return FrameBuffer(id: lastNumber.wrappingAdd(1, ordering: .relaxed).newValue, memory: memory)
    }
}
