import GRDB
import LinuxSystem
import SystemPackage

/// What a check found out about a medium.
public struct CheckedMedium: Sendable, Equatable {
    public var kind: MediumKind
    public var width: Int
    public var height: Int
    public var durationSeconds: Double?
    public var frameRate: Double?
    public var decodeRate: Double?
    /// When it was taken: milliseconds since 1970.
    public var takenAt: Int64?
    public var suffix: String
    /// What is good to know of it although it plays.
    public var reason: String?
    public var suggestion: String?
    /// A JPEG; nil when none could be made.
    public var thumbnail: [UInt8]?

    public init(
        kind: MediumKind, width: Int, height: Int, durationSeconds: Double?, frameRate: Double?, decodeRate: Double?,
        takenAt: Int64? = nil, suffix: String, reason: String? = nil, suggestion: String? = nil, thumbnail: [UInt8]?
    ) {
        self.kind = kind
        self.width = width
        self.height = height
        self.durationSeconds = durationSeconds
        self.frameRate = frameRate
        self.decodeRate = decodeRate
        self.takenAt = takenAt
        self.suffix = suffix
        self.reason = reason
        self.suggestion = suggestion
        self.thumbnail = thumbnail
    }
}

/// How uploads become media. The order of the steps is what keeps a power cut from leaving half a medium:
/// every step is on the disk before the next one, and the row of the index comes last.
extension MediaLibrary {
    /// Acknowledges a complete upload: its part is on the disk (fsync), and `record.complete` is filled in.
    ///
    /// - Returns: the medium that it is from now on: itself, in state *processing*, or the one that has the same content.
    package func receive(_ record: UploadRecord) async throws(MediaFault) -> Medium {
        try await change { [self] () throws(MediaFault) in try receiveNow(record) }
    }

    private func receiveNow(_ record: UploadRecord) throws(MediaFault) -> Medium {
        var record = record
        guard let complete = record.complete, var medium = record.medium else {
            throw MediaFault(
                .conflict, .validation, reason: "the upload is not complete", suggestion: "Send the rest of it")
        }
        if let twin = try twin(of: medium) {
            record.complete?.became = twin.id
            try StoredRecord.write(record, to: folder.uploadRecord(record.id))
            try observer.passed(.duplicateRecorded)
            try FolderEntries.removeFile(folder.part(record.id))
            try FolderEntries.synchronize(folder.uploads)
            try observer.passed(.duplicateRemoved)
            return twin
        }
        // The newest come first, also when the clock has gone back.
        medium.addedAt = max(complete.addedAt, record.id.milliseconds)
        record.complete?.addedAt = medium.addedAt
        try StoredRecord.write(record, to: folder.uploadRecord(record.id))
        try observer.passed(.uploadRecorded)
        try index.writeNow { [medium] in try MediumRow.save(medium, $0) }
        try observer.passed(.uploadIndexed)
        return medium
    }

    /// A medium with the same content whose bytes are there.
    private func twin(of medium: Medium) throws(MediaFault) -> Medium? {
        let twins = try index.readNow { db in
            try MediumRow.fetchAll(
                db,
                sql: """
                    SELECT \(MediumRow.columns) FROM medium
                    WHERE sha256 = ? AND size_bytes = ? AND state <> 'rejected' AND id <> ? ORDER BY id
                    """,
                arguments: [medium.sha256, medium.sizeBytes, medium.id.rawValue])
        }
        return twins.first { twin in
            let path = twin.state == .processing ? folder.part(twin.id) : folder.original(twin.id, suffix: twin.suffix)
            return FolderEntries.fileSize(path) == twin.sizeBytes
        }
    }

    /// Makes a checked upload part of the library.
    ///
    /// - Throws: `.notFound` when it was deleted meanwhile.
    package func adopt(_ id: MediumID, _ checked: CheckedMedium) async throws(MediaFault) -> Medium {
        try await change { [self] () throws(MediaFault) in try adoptNow(id, checked) }
    }

    private func adoptNow(_ id: MediumID, _ checked: CheckedMedium) throws(MediaFault) -> Medium {
        var medium = try processing(id)
        medium.kind = checked.kind
        medium.width = checked.width
        medium.height = checked.height
        medium.durationSeconds = checked.durationSeconds
        medium.frameRate = checked.frameRate
        medium.decodeRate = checked.decodeRate
        medium.takenAt = checked.takenAt
        medium.suffix = MediumName.isSuffix(checked.suffix) ? checked.suffix : "bin"
        medium.reason = checked.reason
        medium.suggestion = checked.suggestion
        medium.state = .ready
        if let thumbnail = checked.thumbnail {
            let path = folder.thumbnail(id)
            try attempt("writing", path) { () throws(Errno) in try DurableFile.replace(path, with: thumbnail) }
            try observer.passed(.thumbnailWritten)
        }
        try moveIn(medium)
        try concludeAdoption(medium)
        return medium
    }

    private func concludeAdoption(_ medium: Medium) throws(MediaFault) {
        try index.writeNow { try MediumRow.save(medium, $0) }
        try observer.passed(.adoptionIndexed)
        try FolderEntries.removeFile(folder.uploadRecord(medium.id))
        try FolderEntries.synchronize(folder.uploads)
        try observer.passed(.recordRemoved)
    }

    /// Finishes an adoption that failed after the file was moved, as the next start would: the row still says
    /// *processing*, and there is no part to check any more.
    ///
    /// - Throws: `.notFound` when the medium is not waiting (any more); `.storage` when its file is not in the library:
    ///   nothing can be finished then.
    package func finishAdoption(_ id: MediumID) async throws(MediaFault) -> Medium {
        try await change { [self] () throws(MediaFault) in
            let waiting = try processing(id)
            let fresh = folder.newMedium(id)
            if FolderEntries.isFolder(fresh) {
                var report = LibraryOpening()
                try LibraryRecovery(folder: folder, index: index, observer: observer).finishFolder(id, fresh, &report)
            }
            guard FolderEntries.isFolder(folder.medium(id)) else {
                throw MediaFault(
                    .storage, .system, reason: "its file could not be moved into the library",
                    suggestion: "It is tried again by itself; if that does not end, check the card, and upload it again"
                )
            }
            var meta = try LibraryScan.meta(id, folder)
            if meta.name != waiting.name || meta.photoSeconds != waiting.photoSeconds {
                // Changed since then, while it still counted as an upload.
                meta.name = waiting.name
                meta.photoSeconds = waiting.photoSeconds
                try StoredRecord.write(meta, to: folder.meta(id))
            }
            // Whichever of these failed the first time.
            for path in [folder.medium(id), folder.library, folder.uploads] { try FolderEntries.synchronize(path) }
            let medium = meta.medium
            try concludeAdoption(medium)
            return medium
        }
    }

    /// The folder is built under a hidden name. From the moment that the file is in it, it is complete, and a start
    /// gives it its name; before, a start removes it.
    private func moveIn(_ medium: Medium) throws(MediaFault) {
        let fresh = folder.newMedium(medium.id)
        try FolderEntries.removeTree(fresh)
        try FolderEntries.create(fresh)
        try observer.passed(.folderMade)
        try StoredRecord.writeNew(MetaFile(medium), to: fresh.appending("meta.json"))
        try FolderEntries.synchronize(fresh)
        try FolderEntries.synchronize(folder.library)
        try observer.passed(.metaWritten)
        try FolderEntries.rename(folder.part(medium.id), to: fresh.appending("original.\(medium.suffix)"))
        try observer.passed(.originalMoved)
        try FolderEntries.synchronize(fresh)
        try observer.passed(.folderSynchronized)
        try FolderEntries.rename(fresh, to: folder.medium(medium.id))
        try observer.passed(.folderNamed)
        try FolderEntries.synchronize(folder.library)
        try FolderEntries.synchronize(folder.uploads)
        try observer.passed(.foldersSynchronized)
    }

    /// Refuses an upload: the row says why, the bytes go.
    ///
    /// - Throws: `.notFound` when it was deleted meanwhile.
    package func refuse(_ id: MediumID, reason: String, suggestion: String) async throws(MediaFault) -> Medium {
        try await change { [self] () throws(MediaFault) in
            var medium = try processing(id)
            medium.state = .rejected
            medium.reason = reason
            medium.suggestion = suggestion
            try index.writeNow { [medium] in try MediumRow.save(medium, $0) }
            try observer.passed(.refusalIndexed)
            try FolderEntries.removeFile(folder.part(id))
            try FolderEntries.removeFile(folder.uploadRecord(id))
            try FolderEntries.synchronize(folder.uploads)
            try observer.passed(.refusedRemoved)
            return medium
        }
    }

    /// Replaces the thumbnail of a medium that is in the library.
    package func setThumbnail(_ id: MediumID, _ bytes: [UInt8]) async throws(MediaFault) {
        try await change { [self] () throws(MediaFault) in
            guard FolderEntries.isFolder(folder.medium(id)) else { throw .notFound(id) }
            let path = folder.thumbnail(id)
            try attempt("writing", path) { () throws(Errno) in try DurableFile.replace(path, with: bytes) }
        }
    }

    private func processing(_ id: MediumID) throws(MediaFault) -> Medium {
        guard let medium = try index.readNow({ try MediumRow.fetch(id, $0) }), medium.state == .processing else {
            throw .notFound(id)
        }
        return medium
    }
}
