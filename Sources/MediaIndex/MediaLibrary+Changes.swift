import GRDB
import LinuxSystem
import SystemPackage

/// What people do to media.
extension MediaLibrary {
    /// Deletes a medium in whatever state it is. Once this returns, nothing of it comes back.
    ///
    /// - Throws: `.notFound`.
    public func delete(_ id: MediumID) async throws(MediaFault) {
        try await change { [self] () throws(MediaFault) in
            guard let medium = try index.readNow({ try MediumRow.fetch(id, $0) }) else { throw .notFound(id) }
            switch medium.state {
            case .ready, .setAside: try deleteFromLibrary(id)
            case .processing: try deleteUpload(id)
            case .rejected: try index.writeNow { try MediumRow.delete(id, $0) }
            }
        }
    }

    /// The renaming decides: before it the medium is there, after it the next start finishes what is left.
    private func deleteFromLibrary(_ id: MediumID) throws(MediaFault) {
        try hide(folder.medium(id), of: id)
        try index.writeNow { try MediumRow.delete(id, $0) }
        try observer.passed(.deletionIndexed)
        try FolderEntries.removeFile(folder.thumbnail(id))
        try observer.passed(.thumbnailRemoved)
        try FolderEntries.removeTree(folder.goneMedium(id))
        try FolderEntries.synchronize(folder.library)
        try observer.passed(.remainsRemoved)
    }

    private func hide(_ path: FilePath, of id: MediumID) throws(MediaFault) {
        guard FolderEntries.isFolder(path) else { return }
        let gone = folder.goneMedium(id)
        try FolderEntries.removeTree(gone)
        try FolderEntries.rename(path, to: gone)
        try FolderEntries.synchronize(folder.library)
        try observer.passed(.folderHidden)
    }

    private func deleteUpload(_ id: MediumID) throws(MediaFault) {
        // An adoption that failed half-way has left a folder, perhaps with the file in it.
        try hide(folder.newMedium(id), of: id)
        try hide(folder.medium(id), of: id)
        let gone = folder.gonePart(id)
        if FolderEntries.status(folder.part(id)) != nil {
            try FolderEntries.rename(folder.part(id), to: gone)
            try FolderEntries.synchronize(folder.uploads)
            try observer.passed(.partHidden)
        }
        try index.writeNow { try MediumRow.delete(id, $0) }
        try observer.passed(.deletionIndexed)
        try FolderEntries.removeFile(folder.thumbnail(id))
        try FolderEntries.removeFile(folder.uploadRecord(id))
        try FolderEntries.removeFile(gone)
        try FolderEntries.synchronize(folder.uploads)
        try FolderEntries.removeTree(folder.goneMedium(id))
        try FolderEntries.synchronize(folder.library)
        try observer.passed(.remainsRemoved)
    }

    /// Gives a medium another name and another time in one change; nil keeps what is there.
    ///
    /// - Throws: `.notFound`; `.invalid` for a name of more than 255 bytes, or a time that is not 1 second to a day; nothing
    ///   has changed then.
    public func edit(
        _ id: MediumID, name: String? = nil, photoSeconds: PhotoSeconds? = nil
    ) async throws(MediaFault) -> Medium {
        var clean: String?
        if let name { clean = try MediumName.clean(name) }
        if case .seconds(let seconds)? = photoSeconds { try Self.check(seconds) }
        return try await edit(id) { [clean] medium in
            if let clean { medium.name = clean }
            switch photoSeconds {
            case nil: break
            case .general: medium.photoSeconds = nil
            case .seconds(let seconds): medium.photoSeconds = seconds
            }
        }
    }

    /// How long a photo stays.
    public enum PhotoSeconds: Sendable, Equatable {
        /// As the general setting says.
        case general
        case seconds(Double)
    }

    private static func check(_ seconds: Double) throws(MediaFault) {
        guard !(1...86_400).contains(seconds) else { return }
        throw MediaFault(
            .invalid, .validation, reason: "a photo cannot stay for \(seconds) seconds",
            suggestion: "Choose 1 to 86400 seconds")
    }

    private func edit(
        _ id: MediumID, _ body: @escaping @Sendable (inout Medium) -> Void
    ) async throws(MediaFault) -> Medium {
        try await change { [self] () throws(MediaFault) in
            guard var medium = try index.readNow({ try MediumRow.fetch(id, $0) }) else { throw .notFound(id) }
            body(&medium)
            switch medium.state {
            case .ready, .setAside:
                try editFolder(medium)
            case .processing:
                var record = try StoredRecord.read(UploadRecord.self, from: folder.uploadRecord(id))
                record.name = medium.name
                record.photoSeconds = medium.photoSeconds
                try StoredRecord.write(record, to: folder.uploadRecord(id))
                try observer.passed(.metaReplaced)
                if let waiting = record.medium { medium.suffix = waiting.suffix }
            case .rejected: break
            }
            try index.writeNow { [medium] in try MediumRow.save(medium, $0) }
            try observer.passed(.editIndexed)
            if medium.state == .ready || medium.state == .setAside {
                try FolderEntries.removeFile(folder.editMark(id))
                try FolderEntries.synchronize(folder.library)
            }
            return medium
        }
    }

    /// The mark makes the next start compare meta.json and row, should the change be cut short.
    private func editFolder(_ medium: Medium) throws(MediaFault) {
        var meta = try LibraryScan.meta(medium.id, folder)
        meta.name = medium.name
        meta.photoSeconds = medium.photoSeconds
        let mark = folder.editMark(medium.id)
        try attempt("creating", mark) { () throws(Errno) in
            _ = try Descriptor.open(mark, .writeOnly, options: [.create], permissions: [.ownerReadWrite])
        }
        try FolderEntries.synchronize(folder.library)
        try observer.passed(.editMarked)
        try StoredRecord.write(meta, to: folder.meta(medium.id))
        try observer.passed(.metaReplaced)
    }

    /// Lets a medium that was set aside play again at once, with its strikes forgotten. Nothing happens to one that
    /// plays or waits to be checked.
    ///
    /// - Throws: `.notFound`; `.conflict` when it was refused.
    public func retry(_ id: MediumID) async throws(MediaFault) -> Medium {
        let medium = try await medium(id)
        if medium.state == .rejected {
            throw MediaFault(
                .conflict, .validation, reason: "it was refused, and its file is gone",
                suggestion: "Upload it again, if it has changed")
        }
        if medium.state == .setAside { try await letPlay([id], strikes: 0) }
        return try await self.medium(id)
    }

    /// Lets media play again whose pause is over; one more strike sets them aside for longer.
    package func retryDue() async throws(MediaFault) {
        let due = try await index.dueForRetry(now: now())
        if !due.isEmpty { try await letPlay(due, strikes: Strikes.limit - 1) }
    }

    private func letPlay(_ ids: [MediumID], strikes: Int) async throws(MediaFault) {
        try await change { [self] () throws(MediaFault) in
            for id in ids {
                let note = try? LibraryScan.meta(id, folder)
                try index.writeNow { try MediaIndex.letPlay(id, note: note, strikes: strikes, $0) }
            }
        }
    }

    /// Counts a death of a decoder against the medium that it had open; the second sets it aside.
    ///
    /// - Returns: nil when there is no such medium that plays.
    @discardableResult
    public func strike(_ id: MediumID, reason: String) async throws(MediaFault) -> StrikeOutcome? {
        try await index.strike(id, reason: reason, now: now())
    }

    /// Forgets refused files after a day: by then somebody has read why.
    package func expireRefused() async throws(MediaFault) {
        let limit = now() - 86_400_000
        _ = try await index.write { db -> Bool? in
            try db.execute(
                sql: "DELETE FROM medium WHERE state = 'rejected' AND added_at < ?", arguments: [limit])
            return db.changesCount > 0 ? true : nil
        }
    }
}
