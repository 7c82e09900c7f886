import LinuxSystem
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Reading and clearing folders.
package enum FolderEntries {
    /// Names in a folder, without `.` and `..`, sorted. A folder that cannot be read throws: it never counts as empty.
    package static func names(in folder: FilePath) throws(MediaFault) -> [String] {
        do throws(Errno) {
            return try FolderNames.list(folder)
        } catch {
            throw MediaFault(error, "reading", folder)
        }
    }

    package enum Kind: Sendable { case file, folder, other }

    /// nil when there is nothing of that name.
    package static func status(_ path: FilePath) -> (kind: Kind, size: Int, modified: Int64)? {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return nil }
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        let modified = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        return (kind, Int(status.st_size), modified)
    }

    /// Size of a regular file; nil when there is none.
    package static func fileSize(_ path: FilePath) -> Int? {
        guard let status = status(path), status.kind == .file else { return nil }
        return status.size
    }

    package static func isFolder(_ path: FilePath) -> Bool { status(path)?.kind == .folder }

    /// Removes a file. One that is not there is no error.
    package static func removeFile(_ path: FilePath) throws(MediaFault) {
        if unlink(path.string) != 0, errno != ENOENT { throw MediaFault(Errno(rawValue: errno), "removing", path) }
    }

    /// Removes a file or a folder with what is in it. Links are removed, not followed.
    package static func removeTree(_ path: FilePath) throws(MediaFault) {
        guard let status = status(path) else { return }
        guard status.kind == .folder else { return try removeFile(path) }
        for name in try names(in: path) { try removeTree(path.appending(name)) }
        if rmdir(path.string) != 0, errno != ENOENT { throw MediaFault(Errno(rawValue: errno), "removing", path) }
    }

    /// Creates a folder whose parent exists; not durable before the parent is synchronized.
    package static func create(_ path: FilePath) throws(MediaFault) {
        if mkdir(path.string, 0o755) != 0 { throw MediaFault(Errno(rawValue: errno), "creating", path) }
    }

    /// rename(2) alone: the folders are synchronized by the caller, in the order that its safety needs.
    package static func rename(_ old: FilePath, to new: FilePath) throws(MediaFault) {
        if Glibc.rename(old.string, new.string) != 0 {
            throw MediaFault(Errno(rawValue: errno), "renaming \(old) to", new)
        }
    }

    package static func synchronize(_ folder: FilePath) throws(MediaFault) {
        try attempt("synchronizing", folder) { () throws(Errno) in try DurableFile.synchronizeFolder(folder) }
    }

    /// A whole small file.
    package static func contents(of path: FilePath, limit: Int = 1 << 20) throws(MediaFault) -> [UInt8] {
        try attempt("reading", path) { () throws(Errno) in try DurableFile.read(path, limit: limit) }
    }
}
