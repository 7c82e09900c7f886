public import SystemPackage

/// What opening the library found and did.
public struct LibraryOpening: Sendable, Equatable {
    /// Why the index was built anew; nil when it was sound.
    public var rebuiltBecause: String?
    /// Where the damaged index lies now.
    public var damagedIndex: FilePath?
    public var isReadOnly = false
    /// What an interrupted change had left and was finished or undone, in words.
    public var repairs: [String] = []
    public var findings: [LibraryFinding] = []

    public init() {}

    /// For the log.
    var lines: [String] {
        var lines: [String] = []
        if let rebuiltBecause {
            let aside = damagedIndex.map { "; the old one is kept as \($0)" } ?? ""
            lines.append("the index was built anew from the library: \(rebuiltBecause)\(aside)")
        }
        if isReadOnly { lines.append("the data folder cannot be written: media play, uploads are refused") }
        return lines + repairs + findings.map(\.description)
    }
}

/// Something in the data folder that is not as it should be.
public struct LibraryFinding: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// SQLite's own check complains.
        case indexDamaged = "index_damaged"
        case rowWithoutFolder = "row_without_folder"
        case folderWithoutRow = "folder_without_row"
        case metaUnreadable = "meta_unreadable"
        /// Row and meta.json, or meta.json and file, say different things.
        case disagreement
        case contentChanged = "content_changed"
        case uploadUnusable = "upload_unusable"
        /// Something that is nothing of Vitrine's, or was left over.
        case leftover
    }

    public var kind: Kind
    public var id: MediumID?
    public var text: String

    public init(_ kind: Kind, _ id: MediumID? = nil, _ text: String) {
        self.kind = kind
        self.id = id
        self.text = text
    }

    public var description: String { id.map { "\($0): \(text)" } ?? text }
}
