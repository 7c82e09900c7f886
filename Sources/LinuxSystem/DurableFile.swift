public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Changes to files that are on the device when the call returns: write, fsync, rename, fsync of the folder.
public enum DurableFile {
    /// fsync of a folder: makes renames, creations and removals in it last (fsync(2), notes).
    /// An empty path is the folder that a bare file name lies in.
    public static func synchronizeFolder(_ folder: FilePath) throws(Errno) {
        let descriptor = try Descriptor.open(folder.isEmpty ? "." : folder, .readOnly, options: [.directory])
        try descriptor.synchronize()
    }

    /// Renames within one file system and makes it last in both folders.
    public static func rename(_ old: FilePath, to new: FilePath) throws(Errno) {
        try syscall { Glibc.rename(old.string, new.string) }
        let oldFolder = old.removingLastComponent()
        let newFolder = new.removingLastComponent()
        try synchronizeFolder(newFolder)
        if oldFolder != newFolder { try synchronizeFolder(oldFolder) }
    }

    /// Replaces a file's content whole: after a power cut there is the old content or the new, never a part.
    public static func replace(
        _ path: FilePath, with bytes: [UInt8], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    ) throws(Errno) {
        var temporary = path
        temporary.removeLastComponent()
        temporary.append(".\(path.lastComponent?.string ?? "file").new")
        do throws(Errno) {
            let file = try Descriptor.open(
                temporary, .writeOnly, options: [.create, .truncate], permissions: permissions)
            try write(bytes, to: file)
            try file.synchronize()
            try rename(temporary, to: path)
        } catch {
            unlink(temporary.string)
            throw error
        }
    }

    /// Writes every byte, at `offset` if given, else where the file stands. Not durable before `synchronize()`.
    public static func write(_ bytes: [UInt8], to file: Descriptor, at offset: Int? = nil) throws(Errno) {
        var written = 0
        while written < bytes.count {
            written += try syscall {
                bytes.withUnsafeBytes { buffer in
                    let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                    if let offset {
                        return pwrite(file.rawValue, rest.baseAddress, rest.count, off_t(offset + written))
                    }
                    return Glibc.write(file.rawValue, rest.baseAddress, rest.count)
                }
            }
        }
    }

    /// Bytes of a file from `offset` on: `count`, or fewer where the file ends.
    public static func read(from file: Descriptor, at offset: Int, atMost count: Int) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(Errno) {
                while filled < count {
                    let next = try syscall {
                        pread(
                            file.rawValue, buffer.baseAddress?.advanced(by: filled), count - filled,
                            off_t(offset + filled))
                    }
                    if next == 0 { break }
                    filled += next
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// A whole small file. Throws `EFBIG` when it is larger than `limit` bytes.
    public static func read(_ path: FilePath, limit: Int) throws(Errno) -> [UInt8] {
        let file = try Descriptor.open(path, .readOnly)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = try syscall { Glibc.read(file.rawValue, &chunk, chunk.count) }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw .fileTooLarge }
            bytes += chunk[..<count]
        }
    }

    /// Creates a folder and its missing parents, each durably.
    public static func createFolder(_ path: FilePath) throws(Errno) {
        if try isFolder(path) { return }
        let parent = path.removingLastComponent()
        if !parent.isEmpty { try createFolder(parent) }
        do throws(Errno) {
            try syscall { mkdir(path.string, 0o755) }
        } catch .fileExists {
            // Somebody else was faster.
            guard try isFolder(path) else { throw .notDirectory }
            return
        }
        if !parent.isEmpty { try synchronizeFolder(parent) }
    }

    /// Throws `ENOTDIR` when something else is there.
    private static func isFolder(_ path: FilePath) throws(Errno) -> Bool {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return false }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .notDirectory }
        return true
    }
}
