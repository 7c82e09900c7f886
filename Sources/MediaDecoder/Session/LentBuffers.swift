import DecoderProtocol
import LinuxSystem

/// The daemon's buffers: mapped when they are first lent, and free while the daemon lends them.
struct LentBuffers {
    private var mapped: [UInt32: MemoryFile] = [:]
    private var free: [UInt32] = []

    /// - Parameter attached: comes with a buffer's first lending.
    mutating func lend(_ number: UInt32, byteCount: Int, attached: Descriptor?) throws(DecodeFailure) {
        if let attached {
            do {
                mapped[number] = try MemoryFile(borrowed: attached, byteCount: byteCount)
            } catch {
                throw DecodeFailure(
                    code: .misuse, reason: "Buffer \(number) cannot be used: \(error).",
                    suggestion: "This is a fault of Vitrine.")
            }
        }
        guard let buffer = mapped[number], buffer.byteCount >= byteCount else {
            throw DecodeFailure(
                code: .misuse, reason: "Buffer \(number) is not known.", suggestion: "This is a fault of Vitrine.")
        }
        if !free.contains(number) { free.append(number) }
    }

    var isEmpty: Bool { free.isEmpty }

    /// The buffer that waits longest.
    var first: (number: UInt32, memory: MemoryFile)? {
        guard let number = free.first, let memory = mapped[number] else { return nil }
        return (number, memory)
    }

    /// Takes a buffer out: it is the daemon's again.
    mutating func giveBack(_ number: UInt32) { free.removeAll { $0 == number } }

    /// Lets go of a buffer's memory: it is not lent again.
    mutating func forget(_ number: UInt32) {
        giveBack(number)
        mapped[number] = nil
    }

    subscript(number: UInt32) -> MemoryFile? { mapped[number] }
}
