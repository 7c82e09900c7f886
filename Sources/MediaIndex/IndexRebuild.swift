import GRDB
import LinuxSystem
import SystemPackage

/// The index from the folders: built as a new file, which then takes the old one's name.
enum IndexRebuild {
    /// Damaged indexes that are kept for study.
    private static let kept = 2

    /// Opens the index, or builds it anew when it is missing or damaged.
    static func open(
        _ folder: DataFolder, observer: StepObserver, report: inout LibraryOpening
    ) throws(MediaFault) -> MediaIndex {
        if FolderEntries.fileSize(folder.index) ?? 0 > 0 {
            do throws(MediaFault) {
                let index = try MediaIndex(path: folder.index)
                try removeFresh(folder)
                return index
            } catch {
                guard error.code == .damaged else { throw error }
                report.rebuiltBecause = error.reason
            }
        } else if try !FolderEntries.names(in: folder.library).isEmpty {
            report.rebuiltBecause = "there was none"
        }
        let scan = try LibraryScan(folder)
        report.findings += scan.findings
        report.damagedIndex = try run(folder, scan.media, observer)
        return try MediaIndex(path: folder.index)
    }

    private static func fresh(_ folder: DataFolder) -> FilePath { folder.root.appending("index.sqlite.new") }

    /// Removes what an interrupted building left.
    private static func removeFresh(_ folder: DataFolder) throws(MediaFault) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            try FolderEntries.removeFile(fresh(folder).ending(ending))
        }
    }

    /// - Returns: where the old index lies now.
    static func run(
        _ folder: DataFolder, _ media: [Medium], _ observer: StepObserver
    ) throws(MediaFault) -> FilePath? {
        let fresh = fresh(folder)
        try removeFresh(folder)
        try observer.passed(.newIndexBegun)
        try write(media, to: fresh)
        try observer.passed(.newIndexWritten)
        let aside = try setAside(folder, observer)
        // A log that belongs to another database would be replayed into the new one.
        for ending in ["-wal", "-shm"] { try FolderEntries.removeFile(folder.index.ending(ending)) }
        try FolderEntries.synchronize(folder.root)
        try observer.passed(.oldLogAside)
        try FolderEntries.rename(fresh, to: folder.index)
        try FolderEntries.synchronize(folder.root)
        try observer.passed(.newIndexNamed)
        return aside
    }

    private static func write(_ media: [Medium], to path: FilePath) throws(MediaFault) {
        try IndexDatabase.translating {
            var configuration = IndexDatabase.configuration()
            configuration.journalMode = .default
            let queue = try DatabaseQueue(path: path.string, configuration: configuration)
            defer { try? queue.close() }
            try IndexSchema.migrator.migrate(queue)
            try queue.write { db in try media.forEach { try MediumRow.save($0, db) } }
            try queue.close()
        }
        try attempt("synchronizing", path) { () throws(Errno) in
            try Descriptor.open(path, .readOnly).synchronize()
        }
    }

    /// Moves the old index out of the way: first the database, so that a cut leaves none rather than one without its log.
    private static func setAside(_ folder: DataFolder, _ observer: StepObserver) throws(MediaFault) -> FilePath? {
        guard FolderEntries.status(folder.index) != nil else { return nil }
        let prefix = "index.sqlite.broken-"
        let numbers = try FolderEntries.names(in: folder.root)
            .compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }.sorted()
        for number in numbers.dropLast(kept - 1) {
            let old = folder.root.appending("\(prefix)\(number)")
            for ending in ["", "-wal"] { try FolderEntries.removeFile(old.ending(ending)) }
        }
        let aside = folder.root.appending("\(prefix)\((numbers.last ?? 0) + 1)")
        try FolderEntries.rename(folder.index, to: aside)
        try FolderEntries.synchronize(folder.root)
        try observer.passed(.oldIndexAside)
        if FolderEntries.status(folder.index.ending("-wal")) != nil {
            try FolderEntries.rename(folder.index.ending("-wal"), to: aside.ending("-wal"))
        }
        return aside
    }
}

extension FilePath {
    /// The same path with something behind its last name.
    func ending(_ text: String) -> FilePath { FilePath(string + text) }
}
