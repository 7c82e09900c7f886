import Crypto
import LinuxSystem
import MediaIndex
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Writes one piece of an upload behind what is there. Every call blocks: it runs on the queue of the uploads.
final class PartWriter: Sendable {
    /// Bytes that may be in flight to the disk before they are waited for: on a slow card more would pile up in memory.
    static let synchronizingByteCount = 8 << 20

    /// Where an upload stands once its bytes are on the disk.
    struct Settled: Sendable {
        var offset: Int
        /// Of all bytes before the offset; nil: not known.
        var sum: SHA256?
    }

    struct Limits: Sendable {
        /// The announced size.
        var size: Int?
        var maximum: Int?
        var reserve: Int
    }

    private struct State {
        var position: Int
        var sum: SHA256?
        var checksum: RunningChecksum?
        var unsynchronized = 0
        var isRevoked = false
    }

    private let path: FilePath
    private let folder: DataFolder
    private let file: Descriptor
    private let start: Settled
    private let limits: Limits
    private let expected: UploadChecksum?
    /// One call at a time by the queue; the lock is for the compiler and never waited for.
    private let state: Mutex<State>

    init(
        _ folder: DataFolder, _ id: MediumID, from start: Settled, limits: Limits, checksum: UploadChecksum?
    ) throws(MediaFault) {
        let path = folder.part(id)
        self.path = path
        self.folder = folder
        self.start = start
        self.limits = limits
        expected = checksum
        file = try attempt("opening", path) { () throws(Errno) in
            try Descriptor.open(path, .readWrite, options: [.noFollow])
        }
        state = Mutex(
            State(
                position: start.offset, sum: start.sum, checksum: checksum.map { RunningChecksum($0.algorithm) }))
    }

    /// - Throws: `.notMedia` by the first bytes; `.tooLarge` and `.noRoom`, with nothing of `bytes` kept; `.busy` once
    ///   another writer has taken over.
    func write(_ bytes: [UInt8]) throws(MediaFault) {
        let result = state.withLock { state in
            Result { () throws(MediaFault) in try write(bytes, &state) }
        }
        try result.get()
    }

    private func write(_ bytes: [UInt8], _ state: inout State) throws(MediaFault) {
        if state.isRevoked { throw .takenOver }
        let end = state.position + bytes.count
        if let size = limits.size, end > size {
            throw MediaFault(
                .tooLarge, .validation, reason: "more bytes came than the \(size) that were announced",
                suggestion: "Begin the upload again with its right size")
        }
        if let maximum = limits.maximum, end > maximum { throw .tooLarge(maximum) }
        do throws(Errno) {
            try DurableFile.write(bytes, to: file, at: state.position)
        } catch {
            // The offset is the file's size: what was written in part goes.
            ftruncate(file.rawValue, off_t(state.position))
            throw MediaFault(error, "writing", path)
        }
        state.sum?.update(data: bytes)
        state.checksum?.update(bytes)
        let begun = state.position
        state.position = end
        state.unsynchronized += bytes.count
        if begun < ContentSniffer.byteCount, end >= ContentSniffer.byteCount { try sniff() }
        if state.unsynchronized >= Self.synchronizingByteCount {
            try synchronize()
            state.unsynchronized = 0
            if limits.size == nil, try folder.freeBytes() < limits.reserve { throw .noRoom(nil) }
        }
    }

    private func sniff() throws(MediaFault) {
        let bytes = try attempt("reading", path) { () throws(Errno) in
            try DurableFile.read(from: file, at: 0, atMost: ContentSniffer.byteCount)
        }
        if let refusal = ContentSniffer.refusal(of: bytes) { throw refusal }
    }

    private func synchronize() throws(MediaFault) {
        try attempt("synchronizing", path) { () throws(Errno) in try file.synchronize() }
    }

    /// Ends the piece: what is kept of it is on the disk when this returns.
    ///
    /// - Parameter whole: all of the piece came. A piece with a checksum is kept whole and right, or not at all.
    /// - Returns: nil when another writer took over before.
    /// - Throws: `.checksumMismatch`, with the piece gone; the writer is done for in any case.
    func settle(whole: Bool) throws(MediaFault) -> (settled: Settled, isWrong: Bool)? {
        let result = state.withLock { state in
            Result { () throws(MediaFault) in try settle(whole: whole, &state) }
        }
        return try result.get()
    }

    private func settle(
        whole: Bool, _ state: inout State
    ) throws(MediaFault) -> (settled: Settled, isWrong: Bool)? {
        if state.isRevoked { return nil }
        state.isRevoked = true
        let isWrong = whole && expected != nil && state.checksum?.digest != expected?.digest
        if isWrong || (!whole && expected != nil) {
            try discard()
            return (start, isWrong)
        }
        try synchronize()
        return (Settled(offset: state.position, sum: state.sum), false)
    }

    /// Takes the piece back.
    private func discard() throws(MediaFault) {
        try attempt("truncating", path) { () throws(Errno) in
            try syscall { ftruncate(file.rawValue, off_t(start.offset)) }
            try file.synchronize()
        }
    }
}

extension MediaFault {
    static let takenOver = MediaFault(
        .busy, .validation, reason: "another request has the upload now",
        suggestion: "Ask for its offset and go on from there")

    static func tooLarge(_ maximum: Int) -> MediaFault {
        MediaFault(
            .tooLarge, .validation, reason: "files of more than \(megabytes(maximum)) are not taken",
            suggestion: "Shorten or compress it, and upload that")
    }

    static func noRoom(_ size: Int?) -> MediaFault {
        MediaFault(
            .noRoom, .system,
            reason: size.map { "there is no room for \(megabytes($0))" } ?? "the disk is full",
            suggestion: "Delete media that are no longer needed, or use a larger card")
    }

    private static func megabytes(_ bytes: Int) -> String {
        bytes < 1 << 20 ? "\(max(1, bytes >> 10)) KB" : "\(bytes >> 20) MB"
    }
}
