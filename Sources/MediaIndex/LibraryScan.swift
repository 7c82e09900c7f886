import GRDB
import SystemPackage

/// All that the folders say: the media of the library and the complete uploads that wait to be checked.
struct LibraryScan: Sendable {
    var media: [Medium] = []
    var findings: [LibraryFinding] = []

    init(_ folder: DataFolder) throws(MediaFault) {
        for name in try FolderEntries.names(in: folder.library) {
            guard let id = MediumID(rawValue: name) else { continue }
            do throws(MediaFault) {
                media.append(try Self.meta(id, folder).medium)
            } catch {
                findings.append(LibraryFinding(.metaUnreadable, id, error.reason))
            }
        }
        let inLibrary = Set(media.map(\.id))
        for id in try Self.uploads(folder) where !inLibrary.contains(id) {
            guard let record = try? StoredRecord.read(UploadRecord.self, from: folder.uploadRecord(id)),
                let medium = record.medium, FolderEntries.fileSize(folder.part(id)) == medium.sizeBytes
            else { continue }
            media.append(medium)
        }
    }

    /// meta.json of a medium whose file is there and as long as it should be.
    static func meta(_ id: MediumID, _ folder: DataFolder) throws(MediaFault) -> MetaFile {
        try meta(in: folder.medium(id), id)
    }

    static func meta(in path: FilePath, _ id: MediumID) throws(MediaFault) -> MetaFile {
        let meta = try StoredRecord.read(MetaFile.self, from: path.appending("meta.json"))
        guard meta.id == id, MediumName.isSuffix(meta.suffix) else {
            throw MediaFault(
                .damaged, .system, reason: "\(path)/meta.json does not describe the folder that it is in",
                suggestion: "Remove the folder, and upload the file again")
        }
        let original = path.appending("original.\(meta.suffix)")
        guard FolderEntries.fileSize(original) == meta.sizeBytes else {
            throw MediaFault(
                .damaged, .system, reason: "\(original) is missing or has another size than meta.json says",
                suggestion: "Remove the folder, and upload the file again")
        }
        return meta
    }

    /// Ids of the upload records.
    static func uploads(_ folder: DataFolder) throws(MediaFault) -> [MediumID] {
        try FolderEntries.names(in: folder.uploads).compactMap { name in
            name.hasSuffix(".json") ? MediumID(rawValue: String(name.dropLast(5))) : nil
        }
    }

    /// The greatest id in use, which all new ones must exceed.
    static func newestID(_ folder: DataFolder, _ index: MediaIndex) throws(MediaFault) -> MediumID? {
        let indexed = try index.readNow { try String.fetchOne($0, sql: "SELECT max(id) FROM medium") }
        let uploads = try uploads(folder)
        return (uploads + [indexed.flatMap(MediumID.init(rawValue:))].compactMap(\.self)).max()
    }
}
