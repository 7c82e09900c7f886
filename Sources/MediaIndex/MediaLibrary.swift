import Dispatch
public import LinuxSystem
public import Logging
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The media that are kept: their folders, which are the truth, and the index over them.
///
/// Every change of folders and index together runs on one queue, one after the other, so that two changes never meet;
/// reading does not wait for it.
public final class MediaLibrary: Sendable {
    public let folder: DataFolder
    public let index: MediaIndex
    /// What opening found and did.
    public let opening: LibraryOpening

    package let ids: MediumIDSource
    /// Milliseconds since 1970.
    package let now: @Sendable () -> Int64
    let observer: StepObserver
    package let logger: Logger
    private let lock: FolderLock
    private let changes = BlockingQueue(label: "vitrine.library")
    private let reading = BlockingQueue(label: "vitrine.library.read", qos: .userInitiated)

    /// Takes the data folder: locks it, opens the index (building it anew when it is missing or damaged) and finishes
    /// or undoes what a power cut interrupted. On a file system that refuses writing, the index is one in memory.
    ///
    /// - Parameters:
    ///   - root: created when missing.
    ///   - now: milliseconds since 1970.
    /// - Throws: `.locked` when another daemon has the folder; `.storage` when the disk fails.
    public static func open(
        _ root: FilePath, logger: Logger, now: @escaping @Sendable () -> Int64 = MediaLibrary.wallClock
    ) async throws(MediaFault) -> MediaLibrary {
        try await open(root, logger: logger, now: now, observer: .none)
    }

    package static func open(
        _ root: FilePath, logger: Logger, now: @escaping @Sendable () -> Int64, observer: StepObserver
    ) async throws(MediaFault) -> MediaLibrary {
        try await open(logger: logger, now: now, observer: observer) { () throws(MediaFault) in
            try DataFolder(root: root)
        }
    }

    package static func open(
        logger: Logger, now: @escaping @Sendable () -> Int64, observer: StepObserver,
        folder: @escaping @Sendable () throws(MediaFault) -> DataFolder
    ) async throws(MediaFault) -> MediaLibrary {
        try await BlockingQueue(label: "vitrine.library.open").run { () throws(MediaFault) in
            let folder = try folder()
            let lock = try FolderLock(folder)
            var report = LibraryOpening()
            let index: MediaIndex
            if folder.isReadOnly {
                index = MediaIndex(try IndexDatabase.inMemory())
                report.isReadOnly = true
                if FolderEntries.isFolder(folder.library), FolderEntries.isFolder(folder.uploads) {
                    let scan = try LibraryScan(folder)
                    // What still waits to be checked cannot be adopted.
                    let media = scan.media.filter { $0.state == .ready }
                    try index.writeNow { db in try media.forEach { try MediumRow.save($0, db) } }
                    report.findings = scan.findings
                }
            } else {
                index = try IndexRebuild.open(folder, observer: observer, report: &report)
                try LibraryRecovery(folder: folder, index: index, observer: observer).run(&report)
            }
            for line in report.lines { logger.warning("\(line)") }
            let library = MediaLibrary(
                folder: folder, index: index, lock: lock, opening: report, now: now, observer: observer,
                logger: logger, newest: folder.isReadOnly ? nil : try LibraryScan.newestID(folder, index))
            return library
        }
    }

    private init(
        folder: DataFolder, index: MediaIndex, lock: FolderLock, opening: LibraryOpening,
        now: @escaping @Sendable () -> Int64, observer: StepObserver, logger: Logger, newest: MediumID?
    ) {
        self.folder = folder
        self.index = index
        self.lock = lock
        self.opening = opening
        self.now = now
        self.observer = observer
        self.logger = logger
        self.ids = MediumIDSource(after: newest)
    }

    /// CLOCK_REALTIME in milliseconds since 1970.
    public static let wallClock: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Waits for changes under way, closes the index and gives the folder free. Nothing may be asked of the library afterwards.
    public func close() async throws(MediaFault) {
        try await changes.run { [index, lock] () throws(MediaFault) in
            try index.close()
            lock.release()
        }
    }

    /// Runs a change of folders and index; refused when the folder cannot be written.
    package func change<Value: Sendable>(
        _ body: @escaping @Sendable () throws(MediaFault) -> Value
    ) async throws(MediaFault) -> Value {
        try await exclusively { [folder] () throws(MediaFault) in
            try folder.requireWriting()
            return try body()
        }
    }

    /// Runs while nothing is changed.
    func exclusively<Value: Sendable>(
        _ body: @escaping @Sendable () throws(MediaFault) -> Value
    ) async throws(MediaFault) -> Value {
        try await changes.run(body)
    }

    /// Runs blocking reads.
    package func reading<Value: Sendable>(
        _ body: @escaping @Sendable () throws(MediaFault) -> Value
    ) async throws(MediaFault) -> Value {
        try await reading.run(body)
    }

    // MARK: Looking

    /// - Throws: `.notFound`.
    public func medium(_ id: MediumID) async throws(MediaFault) -> Medium {
        guard let medium = try await index.medium(id) else { throw .notFound(id) }
        return medium
    }

    public func page(_ query: MediaQuery) async throws(MediaFault) -> MediaPage { try await index.page(query) }

    /// The medium's file, open for reading; it stays readable when the medium is deleted meanwhile.
    ///
    /// - Throws: `.notFound`; `.conflict` when it is not in the library yet, or was refused.
    public func open(_ id: MediumID) async throws(MediaFault) -> Descriptor {
        let medium = try await medium(id)
        guard medium.state == .ready || medium.state == .setAside else {
            throw MediaFault(
                .conflict, .validation,
                reason: medium.state == .processing ? "it is still being checked" : "it was refused; its file is gone",
                suggestion: medium.state == .processing ? "Try again in a moment" : "Upload it again")
        }
        let path = folder.original(id, suffix: medium.suffix)
        return try await reading { () throws(MediaFault) in
            try attempt("opening", path) { () throws(Errno) in
                try Descriptor.open(path, .readOnly, options: [.noFollow])
            }
        }
    }

    /// The thumbnail, a JPEG, open for reading.
    ///
    /// - Throws: `.notFound` when there is none (yet).
    public func thumbnail(_ id: MediumID) async throws(MediaFault) -> Descriptor {
        let path = folder.thumbnail(id)
        return try await reading { () throws(MediaFault) in
            guard FolderEntries.fileSize(path) != nil else { throw .notFound(id) }
            return try attempt("opening", path) { () throws(Errno) in
                try Descriptor.open(path, .readOnly, options: [.noFollow])
            }
        }
    }

    /// Media that play and have no thumbnail.
    package func withoutThumbnail() async throws(MediaFault) -> [Medium] {
        let media = try await index.media(in: .ready)
        return try await reading { [folder] () throws(MediaFault) in
            let names = Set(try FolderEntries.names(in: folder.thumbnails))
            return media.filter { !names.contains("\($0.id).jpg") }
        }
    }
}

extension DataFolder {
    /// - Throws: `.readOnly` when the file system refuses writing now.
    package func requireWriting() throws(MediaFault) {
        guard !isReadOnly, !refusesWriting() else {
            throw MediaFault(
                .readOnly, .system, reason: "the data folder \(root) cannot be written",
                suggestion: "The card may be worn out or write-protected: save what is on it and replace it")
        }
    }
}
