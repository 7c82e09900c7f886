import CFFmpeg
import DecoderProtocol
import LinuxSystem

#if canImport(Glibc)
    import Glibc
#endif

/// What libavformat reads from: an open file, by position, so that several readers share a descriptor.
final class FileInput {
    /// Read at once: what an SD card likes, and little enough to keep.
    private static let bufferByteCount: CInt = 64 * 1024

    private(set) var context: UnsafeMutablePointer<AVIOContext>?
    private let file: Descriptor
    private let byteCount: Int64
    private var position: Int64 = 0
    /// errno of a read that failed: the card's fault, not the medium's.
    private(set) var failure: CInt?

    init(_ file: Descriptor) throws(DecodeFailure) {
        self.file = file
        do {
            byteCount = Int64(try file.byteCount())
        } catch {
            throw .unreadable(error)
        }
        guard let buffer = av_malloc(Int(Self.bufferByteCount)) else { throw .outOfMemory(doing: "reading") }
        context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Self.bufferByteCount, 0,
            Unmanaged.passUnretained(self).toOpaque(),
            { opaque, buffer, count in
                guard let opaque, let buffer else { return AVError.inputOutput }
                return Unmanaged<FileInput>.fromOpaque(opaque).takeUnretainedValue().read(buffer, count)
            }, nil,
            { opaque, offset, whence in
                guard let opaque else { return Int64(AVError.inputOutput) }
                return Unmanaged<FileInput>.fromOpaque(opaque).takeUnretainedValue().seek(offset, whence)
            })
        if context == nil {
            av_free(buffer)
            throw .outOfMemory(doing: "reading")
        }
    }

    deinit {
        // The buffer may be another than at first: libavformat exchanges it while it probes.
        if let buffer = context?.pointee.buffer { av_free(buffer) }
        avio_context_free(&context)
    }

    private func read(_ buffer: UnsafeMutablePointer<UInt8>, _ count: CInt) -> CInt {
        while true {
            let result = pread(file.rawValue, buffer, Int(count), off_t(position))
            if result > 0 {
                position += Int64(result)
                return CInt(result)
            }
            if result == 0 { return AVError.endOfFile }
            if errno == EINTR { continue }
            failure = errno
            return vitrine_averror(errno)
        }
    }

    private func seek(_ offset: Int64, _ whence: CInt) -> Int64 {
        let target: Int64
        switch whence & ~AVSEEK_FORCE {
        case AVSEEK_SIZE: return byteCount
        case SEEK_SET: target = offset
        case SEEK_CUR: target = position &+ offset
        case SEEK_END: target = byteCount &+ offset
        default: return Int64(vitrine_averror(EINVAL))
        }
        if target < 0 { return Int64(vitrine_averror(EINVAL)) }
        position = target
        return target
    }
}
