import GRDB
import LinuxSystem
import SystemPackage

/// Whether the index says what the folders say, and building it anew.
extension MediaLibrary {
    /// Checks SQLite's file and compares rows with folders, sizes included.
    ///
    /// - Parameter deep: reads every file and compares its SHA-256, too, which takes as long as reading the card does.
    /// - Returns: nothing when all is well.
    public func check(
        deep: Bool = false, progress: @Sendable @escaping (Double) -> Void = { _ in }
    ) async throws(MediaFault) -> [LibraryFinding] {
        var findings = try await exclusively { [folder, index] () throws(MediaFault) in
            try LibraryCheck(folder: folder, index: index).findings()
        }
        guard deep else { return findings }
        let media = try await index.media(in: .ready) + index.media(in: .setAside)
        for (number, medium) in media.enumerated() {
            if Task.isCancelled { throw .cancelled }
            let path = folder.original(medium.id, suffix: medium.suffix)
            let sum = try? await FileDigest.sha256(of: path)
            // One that was deleted meanwhile is no finding.
            if sum != medium.sha256, try await index.medium(medium.id) != nil {
                findings.append(
                    LibraryFinding(
                        .contentChanged, medium.id,
                        sum == nil ? "\(medium.name) cannot be read" : "the content of \(medium.name) has changed"))
            }
            progress(Double(number + 1) / Double(media.count))
        }
        return findings
    }

    /// Builds the index anew from the folders, in one transaction: whoever reads sees the old one or the new one.
    /// Refused files and strikes are forgotten.
    ///
    /// - Throws: `.damaged` when the file cannot even be written; the next start then replaces it.
    public func rebuild() async throws(MediaFault) -> [LibraryFinding] {
        try await change { [folder, index] () throws(MediaFault) in
            let scan = try LibraryScan(folder)
            try index.writeNow { db in
                try db.execute(sql: "DELETE FROM medium")
                try scan.media.forEach { try MediumRow.save($0, db) }
            }
            return scan.findings
        }
    }
}

/// The comparison of rows and folders.
struct LibraryCheck {
    let folder: DataFolder
    let index: MediaIndex

    func findings() throws(MediaFault) -> [LibraryFinding] {
        var findings: [LibraryFinding] = []
        let complaints = try index.readNow { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        for complaint in complaints where complaint != "ok" {
            findings.append(LibraryFinding(.indexDamaged, nil, complaint))
        }
        let rows = try index.readNow { db in
            try MediumRow.fetchAll(db, sql: "SELECT \(MediumRow.columns) FROM medium ORDER BY id")
        }
        let indexed = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
        for medium in rows { try row(medium, &findings) }
        try library(indexed, &findings)
        try uploads(indexed, &findings)
        for name in try FolderEntries.names(in: folder.thumbnails) {
            let id = name.hasSuffix(".jpg") ? MediumID(rawValue: String(name.dropLast(4))) : nil
            // A thumbnail is written before its medium is ready.
            if id.flatMap({ indexed[$0] })?.state == nil {
                findings.append(LibraryFinding(.leftover, id, "thumbnails/\(name) belongs to nothing"))
            }
        }
        return findings
    }

    private func row(_ medium: Medium, _ findings: inout [LibraryFinding]) throws(MediaFault) {
        switch medium.state {
        case .rejected: return
        case .processing:
            if FolderEntries.fileSize(folder.part(medium.id)) != medium.sizeBytes {
                findings.append(LibraryFinding(.rowWithoutFolder, medium.id, "\(medium.name) waits without its bytes"))
            }
        case .ready, .setAside:
            guard FolderEntries.isFolder(folder.medium(medium.id)) else {
                findings.append(LibraryFinding(.rowWithoutFolder, medium.id, "\(medium.name) has no folder"))
                return
            }
            do throws(MediaFault) {
                let meta = try LibraryScan.meta(medium.id, folder)
                var said = meta.medium
                said.state = medium.state
                if medium.state == .setAside {
                    said.reason = medium.reason
                    said.suggestion = medium.suggestion
                }
                if said != medium {
                    findings.append(
                        LibraryFinding(.disagreement, medium.id, "meta.json and index differ on \(medium.name)"))
                }
            } catch {
                findings.append(LibraryFinding(.metaUnreadable, medium.id, error.reason))
            }
        }
    }

    private func library(
        _ indexed: [MediumID: Medium], _ findings: inout [LibraryFinding]
    ) throws(MediaFault) {
        for name in try FolderEntries.names(in: folder.library) {
            guard let id = MediumID(rawValue: name) else {
                findings.append(LibraryFinding(.leftover, nil, "library/\(name) is nothing of Vitrine's"))
                continue
            }
            if ![.ready, .setAside].contains(indexed[id]?.state) {
                findings.append(LibraryFinding(.folderWithoutRow, id, "the index does not know this folder"))
            }
        }
    }

    private func uploads(
        _ indexed: [MediumID: Medium], _ findings: inout [LibraryFinding]
    ) throws(MediaFault) {
        let names = try FolderEntries.names(in: folder.uploads)
        for name in names {
            let id = MediumID(rawValue: String(name.prefix(32)))
            switch id.map({ (id: $0, ending: name.dropFirst(32)) }) {
            case .some((let id, ".part")) where names.contains("\(id).json"): break
            case .some((let id, ".json")):
                do throws(MediaFault) {
                    let record = try StoredRecord.read(UploadRecord.self, from: folder.uploadRecord(id))
                    if record.medium != nil, indexed[id] == nil {
                        findings.append(LibraryFinding(.folderWithoutRow, id, "a complete upload is not in the index"))
                    }
                } catch {
                    // One that was given up meanwhile is no finding.
                    guard FolderEntries.status(folder.uploadRecord(id)) != nil else { continue }
                    findings.append(LibraryFinding(.uploadUnusable, id, error.reason))
                }
            // A record that is being written.
            case nil where name.hasPrefix(".") && name.hasSuffix(".json.new"): break
            default:
                findings.append(LibraryFinding(.leftover, id, "uploads/\(name) belongs to nothing"))
            }
        }
    }
}
