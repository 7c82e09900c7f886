import LinuxSystem
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The data folder, and where everything lies in it.
public struct DataFolder: Sendable {
    /// Absolute or relative to the working directory.
    public let root: FilePath
    /// Its file system refuses writing; playing goes on from what can be read.
    public let isReadOnly: Bool

    /// Creates what is missing, durably. On a file system that refuses writing, nothing is created.
    ///
    /// - Throws: `.storage` or `.noRoom` when a folder is missing and cannot be made.
    public init(root: FilePath) throws(MediaFault) {
        self.root = root
        let folders = [root] + Self.folderNames.map { root.appending($0) }
        var refusal: MediaFault?
        for folder in folders where !FolderEntries.isFolder(folder) {
            do throws(MediaFault) {
                try attempt("creating", folder) { () throws(Errno) in try DurableFile.createFolder(folder) }
            } catch {
                refusal = error
            }
        }
        let readOnly = Self.refusesWriting(root)
        if let refusal, !readOnly || !FolderEntries.isFolder(root) { throw refusal }
        isReadOnly = readOnly
    }

    /// A folder on a file system that refuses writing, whatever it says itself.
    package init(readOnly root: FilePath) {
        self.root = root
        isReadOnly = true
    }

    private static let folderNames = ["library", "playlists", "uploads", "thumbnails"]

    public var lock: FilePath { root.appending("lock") }
    public var index: FilePath { root.appending("index.sqlite") }
    public var library: FilePath { root.appending("library") }
    public var playlists: FilePath { root.appending("playlists") }
    public var uploads: FilePath { root.appending("uploads") }
    public var thumbnails: FilePath { root.appending("thumbnails") }
    public var configuration: FilePath { root.appending("config.toml") }
    public var faults: FilePath { root.appending("faults.log") }

    public func medium(_ id: MediumID) -> FilePath { library.appending(id.rawValue) }
    public func original(_ id: MediumID, suffix: String) -> FilePath { medium(id).appending("original.\(suffix)") }
    public func meta(_ id: MediumID) -> FilePath { medium(id).appending("meta.json") }
    public func thumbnail(_ id: MediumID) -> FilePath { thumbnails.appending("\(id).jpg") }
    /// The bytes of an upload: what has come so far, or all of it until it is adopted.
    public func part(_ id: MediumID) -> FilePath { uploads.appending("\(id).part") }
    public func uploadRecord(_ id: MediumID) -> FilePath { uploads.appending("\(id).json") }

    /// A medium's folder while it is put together.
    package func newMedium(_ id: MediumID) -> FilePath { library.appending(".\(id).new") }
    /// A medium's folder once it is deleted.
    package func goneMedium(_ id: MediumID) -> FilePath { library.appending(".\(id).gone") }
    /// Says that the medium's settings are being changed, in meta.json first and then in the index.
    package func editMark(_ id: MediumID) -> FilePath { library.appending(".\(id).edit") }
    /// The bytes of a complete upload once it is deleted.
    package func gonePart(_ id: MediumID) -> FilePath { uploads.appending(".\(id).gone") }

    /// Bytes that may still be written.
    public func freeBytes() throws(MediaFault) -> Int {
        try attempt("asking for the free space of", root) { () throws(Errno) in
            var status = statvfs()
            try syscall { statvfs(root.string, &status) }
            return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
        }
    }

    /// Whether the file system is mounted read-only now, or the folder is not ours to write.
    public func refusesWriting() -> Bool { Self.refusesWriting(root) }

    private static func refusesWriting(_ path: FilePath) -> Bool {
        var status = statvfs()
        if statvfs(path.string, &status) == 0, status.f_flag & UInt(ST_RDONLY) != 0 { return true }
        return access(path.string, W_OK) != 0 && errno != ENOENT
    }
}
