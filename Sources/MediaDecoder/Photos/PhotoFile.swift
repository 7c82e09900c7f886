import DecoderProtocol
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Positioned reading of a photo's file: no offset is shared with those libraries that read the same descriptor.
struct PhotoFile {
    let descriptor: Descriptor

    /// At most `count` bytes from `offset` on; fewer only where the file ends.
    func bytes(at offset: Int, count: Int) throws(DecodeFailure) -> [UInt8] {
        guard offset >= 0, count > 0 else { return [] }
        var failure: DecodeFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(DecodeFailure) {
                filled = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                filled = 0
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Fills `bytes` from `offset` on, as far as the file goes: how many there were.
    @discardableResult
    func read(at offset: Int, into bytes: UnsafeMutableRawBufferPointer) throws(DecodeFailure) -> Int {
        var filled = 0
        do throws(Errno) {
            while filled < bytes.count {
                let read = try syscall {
                    pread(
                        descriptor.rawValue, bytes.baseAddress.map { $0 + filled }, bytes.count - filled,
                        off_t(offset + filled))
                }
                if read == 0 { break }
                filled += read
            }
        } catch {
            throw .unreadable(error)
        }
        return filled
    }

    func byteCount() throws(DecodeFailure) -> Int {
        do {
            return try descriptor.byteCount()
        } catch {
            throw .unreadable(error)
        }
    }
}

extension DecodeFailure {
    /// Reading the file failed: the card, not the picture.
    static func unreadable(_ code: Errno) -> DecodeFailure {
        DecodeFailure(
            code: .unreadable, reason: "The file cannot be read: \(code).",
            suggestion: "Check the card or disk that it is on, and try again.")
    }

    static func unreadable(errno code: CInt) -> DecodeFailure { unreadable(Errno(rawValue: code)) }

    /// Nothing of the picture could be decoded. `detail` is what the library said.
    static func brokenPhoto(_ format: String, detail: String) -> DecodeFailure {
        DecodeFailure(
            code: .broken,
            reason: detail.isEmpty
                ? "This \(format) file is damaged or cut off."
                : "This \(format) file is damaged or cut off: \(detail).",
            suggestion: "Copy it from its source again, or open it in a photo program and save it anew.")
    }
}
