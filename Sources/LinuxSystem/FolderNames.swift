public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What lies in a folder.
public enum FolderNames {
    /// Names without `.` and `..`, sorted. A folder that cannot be read to its end throws: it never counts as empty.
    public static func list(_ folder: FilePath) throws(Errno) -> [String] {
        guard let stream = opendir(folder.string) else { throw Errno(rawValue: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                // readdir(3) tells the end from an error by errno alone.
                if errno != 0 { throw Errno(rawValue: errno) }
                return names.sorted()
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }
}
