import CHeif
import DecoderProtocol
import Frames
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// An open HEIF file: libheif's context on it, the main picture, and how the library reads. Nothing is read but what is
/// asked for.
final class HEIFFile {
    let handle: OpaquePointer
    private let context: OpaquePointer
    // Both are used by the library as long as the context lives, so that they have an address of their own.
    private let cursor: UnsafeMutablePointer<Cursor>
    private let calls: UnsafeMutablePointer<heif_reader>

    init(_ file: PhotoFile, memoryLimit: Int) throws(DecodeFailure) {
        let byteCount = try file.byteCount()
        guard let context = heif_context_alloc() else { throw .outOfMemory(doing: "decoding") }
        vitrine_heif_bound(context, UInt64(PhotoCost.mostPixels), UInt64(max(1, memoryLimit)))
        // In this thread, one tile after the other: each thread would hold the memory of a tile.
        heif_context_set_max_decoding_threads(context, 0)
        let cursor = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
        cursor.initialize(to: Cursor(descriptor: file.descriptor, byteCount: byteCount))
        let calls = UnsafeMutablePointer<heif_reader>.allocate(capacity: 1)
        calls.initialize(to: Cursor.calls)

        func release() {
            heif_context_free(context)
            calls.deallocate()
            cursor.deinitialize(count: 1)
            cursor.deallocate()
        }
        var handle: OpaquePointer?
        var error = heif_context_read_from_reader(context, calls, cursor, nil)
        if error.code == heif_error_Ok { error = heif_context_get_primary_image_handle(context, &handle) }
        guard error.code == heif_error_Ok, let handle else {
            let failure = cursor.pointee.failure.map { DecodeFailure.unreadable($0) } ?? Self.failure(error)
            release()
            throw failure
        }
        self.handle = handle
        self.context = context
        self.cursor = cursor
        self.calls = calls
    }

    deinit {
        heif_image_handle_release(handle)
        heif_context_free(context)
        calls.deallocate()
        cursor.deinitialize(count: 1)
        cursor.deallocate()
    }

    /// Upright: the library counts the file's turns in, and applies them.
    var size: PixelSize {
        PixelSize(
            width: Int(heif_image_handle_get_width(handle)), height: Int(heif_image_handle_get_height(handle)))
    }

    var isPremultiplied: Bool { heif_image_handle_is_premultiplied_alpha(handle) != 0 }
    /// Unknown counts as eight.
    var bitDepth: Int { max(8, Int(heif_image_handle_get_luma_bits_per_pixel(handle))) }

    /// A failed read explains a failed decode.
    func failure(_ error: heif_error) -> DecodeFailure {
        cursor.pointee.failure.map { .unreadable($0) } ?? Self.failure(error)
    }

    private static func failure(_ error: heif_error) -> DecodeFailure {
        let words = error.message.map { String(cString: $0) } ?? ""
        switch error.code {
        case heif_error_Memory_allocation_error:
            return DecodeFailure(
                code: .tooLarge, reason: "This HEIF file asks for more memory than is allowed: \(words).",
                suggestion: "Make the picture smaller, or save it as JPEG, and upload it again.")
        case heif_error_Unsupported_feature, heif_error_Unsupported_filetype:
            return DecodeFailure(
                code: .unsupported, reason: "This HEIF file is of a kind that cannot be decoded here: \(words).",
                suggestion: "Save the picture as JPEG and upload that.")
        default:
            return .brokenPhoto("HEIF", detail: words)
        }
    }
}

/// Where libheif is in the file.
private struct Cursor {
    let descriptor: Descriptor
    let byteCount: Int
    var position = 0
    /// The first read that failed of itself, not by the file's end.
    var failure: Errno?

    mutating func read(into bytes: UnsafeMutableRawPointer, count: Int) -> Bool {
        guard count <= byteCount - position else { return false }
        var filled = 0
        while filled < count {
            do throws(Errno) {
                let offset = off_t(position + filled)
                let result = try syscall { pread(descriptor.rawValue, bytes + filled, count - filled, offset) }
                if result == 0 { return false }
                filled += result
            } catch {
                failure = failure ?? error
                return false
            }
        }
        position += count
        return true
    }

    static let calls: heif_reader = {
        var calls = heif_reader()
        calls.reader_api_version = 1
        calls.get_position = { Int64($0.map { $0.assumingMemoryBound(to: Cursor.self).pointee.position } ?? 0) }
        calls.read = { bytes, count, cursor in
            // The library reads empty fields into no memory at all.
            if count == 0 { return 0 }
            guard let bytes, let cursor else { return 1 }
            return cursor.assumingMemoryBound(to: Cursor.self).pointee.read(into: bytes, count: count) ? 0 : 1
        }
        calls.seek = { position, cursor in
            guard let cursor = cursor?.assumingMemoryBound(to: Cursor.self), position >= 0,
                position <= Int64(cursor.pointee.byteCount)
            else { return 1 }
            cursor.pointee.position = Int(position)
            return 0
        }
        calls.wait_for_file_size = { size, cursor in
            guard let cursor, size <= Int64(cursor.assumingMemoryBound(to: Cursor.self).pointee.byteCount) else {
                return heif_reader_grow_status_size_beyond_eof
            }
            return heif_reader_grow_status_size_reached
        }
        return calls
    }()
}
