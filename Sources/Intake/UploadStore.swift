import Crypto
public import LinuxSystem
import Logging
public import MediaIndex
import SystemPackage

/// Uploads: bytes come in pieces, each kept as far as it came, until a file is complete and becomes a medium.
///
/// The offset of an upload is the size of its part, so that an upload goes on after any interruption. An offset that was
/// told to a sender is on the disk.
public actor UploadStore {
    struct Upload {
        var record: UploadRecord
        /// What is on the disk.
        var state: PartWriter.Settled
        /// When the last byte came: milliseconds since 1970, and on this process's clock if it was here.
        var active: Int64
        var touched: MonotonicInstant?
        var writer: Writer?
    }

    /// Whoever has the upload now.
    struct Writer {
        let number: Int
        /// nil until it has opened the part.
        var part: PartWriter?
        var pump: Task<MediaFault?, Never>?
        /// From here on nobody can take the upload over.
        var isFinishing = false
    }

    let library: MediaLibrary
    let settings: UploadSettings
    let clock: any BoardClock
    let files = BlockingQueue(label: "vitrine.uploads")
    var uploads: [MediumID: Upload] = [:]
    /// Uploads that are becoming media, whoever waits for it.
    var finishing: [MediumID: Task<Result<Medium, MediaFault>, Never>] = [:]
    var isStopped = false
    private var lastWriter = 0
    /// Bytes of uploads that are being created just now.
    private var promised = 0

    /// Finds the unfinished uploads again.
    public static func open(
        _ library: MediaLibrary, settings: UploadSettings = UploadSettings(),
        clock: any BoardClock = MonotonicClock()
    ) async throws(MediaFault) -> UploadStore {
        let store = UploadStore(library, settings, clock)
        if !library.folder.isReadOnly { try await store.restore() }
        return store
    }

    private init(_ library: MediaLibrary, _ settings: UploadSettings, _ clock: any BoardClock) {
        self.library = library
        self.settings = settings
        self.clock = clock
    }

    private func restore() async throws(MediaFault) {
        let folder = library.folder
        let found = try await files.run { () throws(MediaFault) in
            var found: [MediumID: Upload] = [:]
            for name in try FolderEntries.names(in: folder.uploads) where name.hasSuffix(".json") {
                guard let id = MediumID(rawValue: String(name.dropLast(5))),
                    let record = try? StoredRecord.read(UploadRecord.self, from: folder.uploadRecord(id)),
                    record.complete == nil, let part = FolderEntries.status(folder.part(id))
                else { continue }
                found[id] = Upload(
                    record: record, state: .init(offset: part.size, sum: part.size == 0 ? SHA256() : nil),
                    active: part.modified)
            }
            return found
        }
        uploads = found
    }

    /// Finishes uploads of which every byte was there when the power failed, and nothing said so. It reads them whole, so
    /// it is nothing to wait for at a start.
    func finishLeftovers() async {
        for (id, upload) in uploads where upload.writer == nil && upload.state.offset == upload.record.size {
            if isStopped || Task.isCancelled { return }
            guard let upload = uploads[id], upload.writer == nil else { continue }
            do throws(MediaFault) {
                _ = try await finish(id, claim(id))
            } catch  where error.code == .cancelled {
                return
            } catch {
                library.logger.warning("upload \(id) waits to be finished: \(error)")
            }
        }
    }

    /// Begins an upload.
    ///
    /// - Parameters:
    ///   - name: the user's file name; any text.
    ///   - size: bytes that will come; nil when that is not known.
    ///   - metadata: `Upload-Metadata` of tus, kept and given back.
    /// - Throws: `.noRoom`, `.tooLarge`, `.notMedia` (for nothing at all), `.invalid` (a name too long), `.readOnly`.
    public func create(
        name: String, size: Int?, metadata: String? = nil
    ) async throws(MediaFault) -> UploadInfo {
        let name = try MediumName.clean(name)
        if let size, size < 0 || size > 1 << 50 {
            throw MediaFault(
                .invalid, .validation, reason: "\(size) is no size of a file", suggestion: "Send the size in bytes")
        }
        if size == 0, let refusal = ContentSniffer.refusal(of: []) { throw refusal }
        if let size, let maximum = settings.maximumByteCount, size > maximum { throw .tooLarge(maximum) }
        guard (metadata?.utf8.count ?? 0) <= 8192 else {
            throw MediaFault(
                .invalid, .validation, reason: "the metadata of the upload is longer than 8192 bytes",
                suggestion: "Send the file's name alone")
        }
        guard uploads.count < settings.maximumCount else {
            throw MediaFault(
                .noRoom, .system, reason: "\(uploads.count) uploads are unfinished, and no more are kept",
                suggestion: "Finish or cancel some; unfinished ones are removed after a day")
        }
        let outstanding = uploads.values.reduce(promised) { $0 + max(0, ($1.record.size ?? 0) - $1.state.offset) }
        promised += size ?? 0
        defer { promised -= size ?? 0 }
        let now = library.now()
        let record = UploadRecord(
            id: library.ids.next(at: now), name: name, size: size, created: now, metadata: metadata)
        let folder = library.folder
        let needed = outstanding + (size ?? 1) + settings.reserveByteCount
        try await files.run { () throws(MediaFault) in
            try folder.requireWriting()
            guard try needed <= folder.freeBytes() else { throw .noRoom(size) }
            // The record first: bytes without one are nobody's.
            try StoredRecord.write(record, to: folder.uploadRecord(record.id))
            let part = folder.part(record.id)
            try attempt("creating", part) { () throws(Errno) in
                _ = try Descriptor.open(
                    part, .writeOnly, options: [.create, .exclusiveCreate],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead])
            }
            try FolderEntries.synchronize(folder.uploads)
        }
        let upload = Upload(
            record: record, state: .init(offset: 0, sum: SHA256()), active: now, touched: clock.now)
        uploads[record.id] = upload
        return info(upload)
    }

    /// Where an upload stands, also one that has become a medium.
    ///
    /// - Throws: `.notFound` when it is not known, expired, or deleted as a medium.
    public func info(_ id: MediumID) async throws(MediaFault) -> UploadInfo {
        if let upload = uploads[id] { return info(upload) }
        let folder = library.folder
        let record = try await files.run { () throws(MediaFault) in
            try? StoredRecord.read(UploadRecord.self, from: folder.uploadRecord(id))
        }
        if let record, let complete = record.complete, let twin = complete.became {
            return UploadInfo(
                id: id, name: record.name, offset: complete.size, size: complete.size, metadata: record.metadata,
                expiresAt: nil, medium: twin)
        }
        let medium = try await library.medium(id)
        return UploadInfo(
            id: id, name: medium.name, offset: medium.sizeBytes, size: medium.sizeBytes, metadata: record?.metadata,
            expiresAt: nil, medium: id)
    }

    /// The same for a sender that is about to go on: a writer that is still there belongs to its dead connection, and is
    /// ended first, so that the offset stays what is said here.
    ///
    /// - Throws: `.notFound`; `.busy` while the last bytes are being put in order.
    public func infoForResuming(_ id: MediumID) async throws(MediaFault) -> UploadInfo {
        guard let upload = uploads[id] else { return try await info(id) }
        if upload.state.offset == upload.record.size, upload.writer == nil {
            // It was complete, and finishing failed: of a full disk, for instance.
            return try await finish(id, claim(id))
        }
        if upload.writer != nil { release(id, try await takeOver(id)) }
        return try await info(id)
    }

    func info(_ upload: Upload) -> UploadInfo {
        UploadInfo(
            id: upload.record.id, name: upload.record.name, offset: upload.state.offset, size: upload.record.size,
            metadata: upload.record.metadata, expiresAt: upload.active + settings.lifetime, medium: nil)
    }

    // MARK: Who has an upload

    /// Makes the caller the writer of an upload that nobody has.
    func claim(_ id: MediumID) -> Int {
        lastWriter += 1
        uploads[id]?.writer = Writer(number: lastWriter)
        return lastWriter
    }

    /// Makes the caller the writer; who was it before can write nothing from now on.
    ///
    /// - Throws: `.busy` while the other one begins or finishes.
    func takeOver(_ id: MediumID) async throws(MediaFault) -> Int {
        let previous = uploads[id]?.writer
        if let previous, previous.isFinishing || previous.part == nil { throw .takenOver }
        let number = claim(id)
        previous?.pump?.cancel()
        let path = library.folder.part(id)
        do throws(MediaFault) {
            let (ending, size) = try await files.run { () throws(MediaFault) in
                (try previous?.part?.settle(whole: false), FolderEntries.fileSize(path))
            }
            guard has(id, number) else { throw .takenOver }
            if let ending { uploads[id]?.state = ending.settled }
            // After a fault of the disk, the file itself says what is left of it.
            if let size, size != uploads[id]?.state.offset { uploads[id]?.state = .init(offset: size, sum: nil) }
        } catch {
            release(id, number)
            throw error
        }
        return number
    }

    func has(_ id: MediumID, _ number: Int) -> Bool { uploads[id]?.writer?.number == number }

    func release(_ id: MediumID, _ number: Int) {
        if has(id, number) { uploads[id]?.writer = nil }
    }
}
