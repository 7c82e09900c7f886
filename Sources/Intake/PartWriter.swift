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
    /// Bytes that are gathered before they are written: pieces of the network are small, and writes on a card are dear.
    static let gatheredByteCount = 256 << 10

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

    /// How a piece ended.
    struct Ending: Sendable {
        /// What is kept, and on the disk.
        var settled: Settled
        /// What the last bytes met with.
        var fault: MediaFault?
    }

    private struct State {
        var position: Settled
        /// What the last fsync that succeeded had covered.
        var durable: Settled
        var checksum: RunningChecksum?
        var isRevoked = false
    }

    private let path: FilePath
    private let folder: DataFolder
    private let file: Descriptor
    private let start: Settled
    private let limits: Limits
    private let expected: UploadChecksum?
    /// One blocking call at a time by the queue; the lock is for the compiler and never waited for.
    private let state: Mutex<State>
    /// Bytes that have come and are not written yet.
    private let gathered = Mutex<[UInt8]>([])

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
            State(position: start, durable: start, checksum: checksum.map { RunningChecksum($0.algorithm) }))
    }

    /// Takes bytes into memory. Does not block.
    ///
    /// - Returns: whether there are enough now to be written.
    func gather(_ piece: [UInt8]) -> Bool {
        gathered.withLock { gathered in
            if gathered.isEmpty { gathered = piece } else { gathered += piece }
            return gathered.count >= Self.gatheredByteCount
        }
    }

    /// Writes what was gathered.
    ///
    /// - Throws: `.notMedia` by the first bytes; `.tooLarge` and `.noRoom`, with nothing of it kept; `.busy` once another
    ///   writer has taken over.
    func write() throws(MediaFault) {
        let result = state.withLock { state in
            Result { () throws(MediaFault) in
                if state.isRevoked { throw .takenOver }
                try writeGathered(&state)
            }
        }
        try result.get()
    }

    private func writeGathered(_ state: inout State) throws(MediaFault) {
        let bytes = gathered.withLock { gathered in
            defer { gathered = [] }
            return gathered
        }
        let begin = state.position.offset
        let end = begin + bytes.count
        if let size = limits.size, end > size {
            throw MediaFault(
                .tooLarge, .validation, reason: "more bytes came than the \(size) that were announced",
                suggestion: "Begin the upload again with its right size")
        }
        if let maximum = limits.maximum, end > maximum { throw .tooLarge(maximum) }
        do throws(Errno) {
            try DurableFile.write(bytes, to: file, at: begin)
        } catch {
            // The offset is the file's size: what was written in part goes.
            ftruncate(file.rawValue, off_t(begin))
            throw MediaFault(error, "writing", path)
        }
        state.position.offset = end
        state.position.sum?.update(data: bytes)
        state.checksum?.update(bytes)
        if begin < ContentSniffer.byteCount, end >= ContentSniffer.byteCount { try sniff() }
        if end - state.durable.offset >= Self.synchronizingByteCount {
            try synchronize(&state)
            if limits.size == nil, try folder.freeBytes() < limits.reserve { throw .noRoom(nil) }
        }
    }

    private func sniff() throws(MediaFault) {
        let bytes = try attempt("reading", path) { () throws(Errno) in
            try DurableFile.read(from: file, at: 0, atMost: ContentSniffer.byteCount)
        }
        if let refusal = ContentSniffer.refusal(of: bytes) { throw refusal }
    }

    /// A failed fsync is told once, and the pages that it was about may be gone (fsync(2), EIO): what was not covered
    /// by an earlier one is taken back, lest a later success hides the loss.
    private func synchronize(_ state: inout State) throws(MediaFault) {
        do throws(Errno) {
            try file.synchronize()
            state.durable = state.position
        } catch {
            ftruncate(file.rawValue, off_t(state.durable.offset))
            state.position = state.durable
            state.isRevoked = true
            throw MediaFault(error, "synchronizing", path)
        }
    }

    /// Ends the piece: what is kept of it is on the disk when this returns, and nothing more is written.
    ///
    /// - Parameter whole: all of the piece came. A piece with a checksum is kept whole and right, or not at all.
    /// - Returns: nil when the piece had been ended before, by another writer that took over.
    func settle(whole: Bool) throws(MediaFault) -> Ending? {
        let result = state.withLock { state in
            Result { () throws(MediaFault) in try settle(whole: whole, &state) }
        }
        return try result.get()
    }

    private func settle(whole: Bool, _ state: inout State) throws(MediaFault) -> Ending? {
        if state.isRevoked { return nil }
        state.isRevoked = true
        var fault: MediaFault?
        do throws(MediaFault) { try writeGathered(&state) } catch { fault = error }
        if let expected, !whole || fault != nil || state.checksum?.digest != expected.digest {
            if whole, fault == nil { fault = .checksumMismatch }
            try discard()
            return Ending(settled: start, fault: fault)
        }
        try synchronize(&state)
        return Ending(settled: state.position, fault: fault)
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

    static let checksumMismatch = MediaFault(
        .checksumMismatch, .validation, reason: "the bytes that came are not those that the checksum is of",
        suggestion: "Send this piece again")

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
