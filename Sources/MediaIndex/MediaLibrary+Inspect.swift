import GRDB
import LinuxSystem
public import SystemPackage

/// A look from outside, by a process that is not the one that has the folder.
extension MediaLibrary {
    /// Compares index and folders without taking the data folder, so that a daemon may be at work in it meanwhile. What it
    /// was just changing looks like a fault for a moment: a finding counts when it is there on each of three looks.
    ///
    /// - Throws: `.notFound` when there is no index; `.damaged`; `.storage`.
    public static func inspect(_ root: FilePath) async throws(MediaFault) -> [LibraryFinding] {
        try await BlockingQueue(label: "vitrine.library.inspect").run { () throws(MediaFault) in
            let folder = DataFolder(readOnly: root)
            guard FolderEntries.fileSize(folder.index) != nil else {
                throw MediaFault(
                    .notFound, .validation, reason: "there is no index at \(folder.index)",
                    suggestion: "Is data.directory right? vitrine config show tells")
            }
            let queue = try IndexDatabase.translating {
                try DatabaseQueue(path: folder.index.string, configuration: IndexDatabase.configuration())
            }
            let index = MediaIndex(queue)
            var findings: [LibraryFinding] = []
            for look in 0..<3 {
                let seen = try LibraryCheck(folder: folder, index: index).findings()
                findings = look == 0 ? seen : findings.filter(seen.contains)
                if findings.isEmpty { break }
            }
            try index.close()
            return findings
        }
    }
}
