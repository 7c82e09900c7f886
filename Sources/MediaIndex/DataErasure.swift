public import SystemPackage
import LinuxSystem

/// Back to the beginning: everything that a person brought or set is erased, and the folder is as after the first start.
///
/// A person asks for it while the library is open, and it is done before it is opened next. A power cut in between loses
/// nothing of the wish: its mark is durable before, and goes last.
public enum DataErasure {
    private static let mark: FilePath.Component = "erase-requested"

    /// What Vitrine puts into its folder. Whatever else lies there is not Vitrine's, and stays.
    private static let folders: [FilePath.Component] = ["library", "playlists", "uploads", "thumbnails"]
    /// The index with what SQLite keeps beside it and copies of damaged ones, settings, who may come in, the fault log.
    private static let filePrefixes = ["index.sqlite", "config.toml", "access.json", "faults.log"]

    /// Leaves the wish, durably.
    ///
    /// - Throws: `.readOnly` or `.noRoom` where nothing can be written: then nothing could be erased either.
    public static func request(in folder: DataFolder) throws(MediaFault) {
        try attempt("writing", folder.root.appending(mark)) { () throws(Errno) in
            try DurableFile.replace(folder.root.appending(mark), with: [])
        }
    }

    /// Erases if it was asked for.
    ///
    /// - Returns: whether it was.
    /// - Throws: `.locked` while another daemon has the folder; what the disk says otherwise. The wish stays then.
    public static func carryOut(in root: FilePath) throws(MediaFault) -> Bool {
        guard FolderEntries.status(root.appending(mark)) != nil else { return false }
        let lock = try FolderLock(DataFolder(root: root))
        // Who may come in first: a session that outlived the media would be no new beginning.
        for name in try FolderEntries.names(in: root)
        where filePrefixes.contains(where: { name == $0 || name.hasPrefix($0 + "-") || name.hasPrefix($0 + ".") }) {
            try FolderEntries.removeTree(root.appending(name))
        }
        try FolderEntries.synchronize(root)
        for folder in folders { try FolderEntries.removeTree(root.appending(folder)) }
        try FolderEntries.synchronize(root)
        try FolderEntries.removeFile(root.appending(mark))
        try FolderEntries.synchronize(root)
        withExtendedLifetime(lock) {}
        return true
    }
}
