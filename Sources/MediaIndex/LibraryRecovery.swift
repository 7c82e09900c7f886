import GRDB
import SystemPackage

/// What a start does with what a power cut left: every interrupted change is finished or undone.
///
/// Each action may itself be cut short; the next start begins again and comes to the same end.
struct LibraryRecovery {
    let folder: DataFolder
    let index: MediaIndex
    let observer: StepObserver

    func run(_ report: inout LibraryOpening) throws(MediaFault) {
        try library(&report)
        try uploads(&report)
        try rows(&report)
        try thumbnails(&report)
        for path in [folder.library, folder.uploads, folder.thumbnails] { try FolderEntries.synchronize(path) }
    }

    private func repaired(_ text: String, _ report: inout LibraryOpening) throws(MediaFault) {
        report.repairs.append(text)
        try observer.passed(.recovered)
    }

    /// Hidden names in `library/` say which change was under way.
    private func library(_ report: inout LibraryOpening) throws(MediaFault) {
        for name in try FolderEntries.names(in: folder.library) where name.hasPrefix(".") {
            let path = folder.library.appending(name)
            let parts = name.dropFirst().split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let id = MediumID(rawValue: String(parts[0])) else { continue }
            switch parts[1] {
            case "gone":
                try index.writeNow { try MediumRow.delete(id, $0) }
                try FolderEntries.removeFile(folder.thumbnail(id))
                // It was half adopted: without this, its record would tell of lost bytes.
                try remove(id)
                try FolderEntries.removeTree(path)
                try repaired("\(id): the deletion was finished", &report)
            case "new":
                try finishFolder(id, path, &report)
            case "edit":
                try finishEdit(id, path, &report)
            default: break
            }
        }
        // Folders that the index does not know, or still takes for uploads.
        let ready = try index.readNow { db in
            Set(try String.fetchAll(db, sql: "SELECT id FROM medium WHERE state IN ('ready', 'set_aside')"))
        }
        for name in try FolderEntries.names(in: folder.library) {
            guard let id = MediumID(rawValue: name), !ready.contains(name) else { continue }
            do throws(MediaFault) {
                let medium = try LibraryScan.meta(id, folder).medium
                try index.writeNow { try MediumRow.save(medium, $0) }
                try repaired("\(id): the adoption was finished", &report)
            } catch  where error.code == .damaged {
                report.findings.append(LibraryFinding(.metaUnreadable, id, error.reason))
            }
        }
    }

    /// A folder was being put together. With its file in it, it is all there: what is missing is its name.
    func finishFolder(
        _ id: MediumID, _ path: FilePath, _ report: inout LibraryOpening
    ) throws(MediaFault) {
        let meta = try? LibraryScan.meta(in: path, id)
        if meta != nil, FolderEntries.status(folder.medium(id)) == nil {
            try FolderEntries.synchronize(path)
            try FolderEntries.rename(path, to: folder.medium(id))
            try FolderEntries.synchronize(folder.library)
            return try repaired("\(id): its folder was completed", &report)
        }
        if let file = try FolderEntries.names(in: path).first(where: { $0.hasPrefix("original.") }),
            FolderEntries.status(folder.part(id)) == nil, FolderEntries.status(folder.uploadRecord(id)) != nil
        {
            // Only a failing disk comes here: the file goes back and is checked again.
            try FolderEntries.rename(path.appending(file), to: folder.part(id))
            try FolderEntries.synchronize(folder.uploads)
        }
        try FolderEntries.removeTree(path)
        try repaired("\(id): its unfinished folder was removed", &report)
    }

    /// meta.json was being replaced: what it says now is taken over.
    private func finishEdit(
        _ id: MediumID, _ mark: FilePath, _ report: inout LibraryOpening
    ) throws(MediaFault) {
        try FolderEntries.removeFile(folder.medium(id).appending(".meta.json.new"))
        if let meta = try? LibraryScan.meta(id, folder) {
            try index.writeNow { db in
                try db.execute(
                    sql: "UPDATE medium SET name = ?, search_name = ?, photo_seconds = ? WHERE id = ?",
                    arguments: [meta.name, SearchName.fold(meta.name), meta.photoSeconds, id.rawValue])
            }
        }
        try FolderEntries.removeFile(mark)
        try repaired("\(id): the change of its settings was finished", &report)
    }

    private func uploads(_ report: inout LibraryOpening) throws(MediaFault) {
        let names = try FolderEntries.names(in: folder.uploads)
        for name in names {
            let path = folder.uploads.appending(name)
            if name.hasPrefix("."), name.hasSuffix(".gone"),
                let id = MediumID(rawValue: String(name.dropFirst().dropLast(5)))
            {
                try index.writeNow { try MediumRow.delete(id, $0) }
                try FolderEntries.removeFile(folder.uploadRecord(id))
                try FolderEntries.removeFile(path)
                try repaired("\(id): the deletion was finished", &report)
            } else if name.hasPrefix("."), name.hasSuffix(".json.new") {
                try FolderEntries.removeFile(path)
            } else if name.hasSuffix(".part"), let id = MediumID(rawValue: String(name.dropLast(5))),
                FolderEntries.status(folder.uploadRecord(id)) == nil
            {
                // The record comes first and goes last, so nothing of this was ever acknowledged.
                try FolderEntries.removeFile(path)
                try repaired("\(id): bytes without a record were removed", &report)
            }
        }
        for id in try LibraryScan.uploads(folder) { try upload(id, &report) }
    }

    private func upload(_ id: MediumID, _ report: inout LibraryOpening) throws(MediaFault) {
        let row = try index.readNow { try MediumRow.fetch(id, $0) }
        let part = FolderEntries.fileSize(folder.part(id))
        let record: UploadRecord
        do throws(MediaFault) {
            record = try StoredRecord.read(UploadRecord.self, from: folder.uploadRecord(id))
        } catch {
            guard error.code == .damaged else { throw error }
            report.findings.append(LibraryFinding(.uploadUnusable, id, error.reason))
            if row == nil { try remove(id) }
            return
        }
        if row?.state == .rejected || FolderEntries.isFolder(folder.medium(id)) {
            try remove(id)
            return try repaired("\(id): what was left of its upload was removed", &report)
        }
        guard let complete = record.complete else {
            if part == nil {
                try remove(id)
                try repaired("\(id): an upload without bytes was removed", &report)
            }
            return
        }
        guard complete.became == nil, let medium = record.medium else {
            // Kept until it expires, so that its sender can learn what it became.
            if part != nil { try FolderEntries.removeFile(folder.part(id)) }
            return
        }
        if part == complete.size {
            if row != medium {
                try index.writeNow { try MediumRow.save(medium, $0) }
                try repaired("\(id): a complete upload was taken up again", &report)
            }
            return
        }
        // The disk lost what it had confirmed.
        var lost = medium
        lost.state = .rejected
        lost.reason = "its bytes were lost by the disk"
        lost.suggestion = "Upload it again, and check the card"
        try index.writeNow { [lost] in try MediumRow.save(lost, $0) }
        try remove(id)
        report.findings.append(LibraryFinding(.uploadUnusable, id, "\(medium.name): its bytes were lost by the disk"))
        try observer.passed(.recovered)
    }

    private func remove(_ id: MediumID) throws(MediaFault) {
        try FolderEntries.removeFile(folder.part(id))
        try FolderEntries.removeFile(folder.uploadRecord(id))
    }

    /// Rows that claim what is not there.
    private func rows(_ report: inout LibraryOpening) throws(MediaFault) {
        let folders = Set(try FolderEntries.names(in: folder.library))
        let rows = try index.readNow { db in
            try Row.fetchAll(db, sql: "SELECT id, state FROM medium").map { ($0[0] as String, $0[1] as String) }
        }
        for (text, state) in rows {
            guard let id = MediumID(rawValue: text) else { continue }
            let isLost =
                switch state {
                case "ready", "set_aside": !folders.contains(text)
                case "processing":
                    !folders.contains(text) && FolderEntries.status(folder.part(id)) == nil
                default: false
                }
            if isLost {
                try index.writeNow { try MediumRow.delete(id, $0) }
                try repaired("\(id): a row without a file was removed", &report)
            }
        }
    }

    private func thumbnails(_ report: inout LibraryOpening) throws(MediaFault) {
        let folders = Set(try FolderEntries.names(in: folder.library))
        for name in try FolderEntries.names(in: folder.thumbnails) {
            let id = name.hasSuffix(".jpg") ? MediumID(rawValue: String(name.dropLast(4))) : nil
            let isHalf = name.hasPrefix(".") && name.hasSuffix(".new")
            if isHalf || id.map({ !folders.contains($0.rawValue) }) ?? false {
                try FolderEntries.removeFile(folder.thumbnails.appending(name))
                try repaired("\(name): a thumbnail without a medium was removed", &report)
            }
        }
    }
}
