import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One daemon for each data folder. The lock is flock(2)'s: it ends with the process, however that ends.
public struct FolderLock: Sendable {
    /// nil on a file system that refuses writing and has no lock file: nobody can change anything there.
    private let file: Descriptor?

    /// - Throws: `.locked` with the holder's process id when another daemon has the folder.
    public init(_ folder: DataFolder) throws(MediaFault) {
        let path = folder.lock
        if folder.isReadOnly, FolderEntries.status(path) == nil {
            file = nil
            return
        }
        let file = try attempt("opening", path) { () throws(Errno) in
            try folder.isReadOnly
                ? Descriptor.open(path, .readOnly)
                : Descriptor.open(
                    path, .readWrite, options: [.create], permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
        if flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            let code = Errno(rawValue: errno)
            guard code == .wouldBlock else { throw MediaFault(code, "locking", path) }
            let holder = String(decoding: (try? FolderEntries.contents(of: path, limit: 32)) ?? [], as: UTF8.self)
            let number = holder.prefix { $0.isASCII && $0.isNumber }
            throw MediaFault(
                .locked, .system,
                reason:
                    "another vitrine\(number.isEmpty ? "" : " (process \(number))") uses the data folder \(folder.root)",
                suggestion: "Stop that one, or give this one another folder with VITRINE_DATA_DIRECTORY")
        }
        if !folder.isReadOnly {
            // For people and for the message above; who holds the lock is the kernel's knowledge.
            try attempt("writing", path) { () throws(Errno) in
                try syscall { ftruncate(file.rawValue, 0) }
                try DurableFile.write([UInt8]("\(getpid())\n".utf8), to: file, at: 0)
            }
        }
        self.file = file
    }

    /// Gives the folder free before the process ends.
    func release() {
        if let file { flock(file.rawValue, LOCK_UN) }
    }
}
