internal import LinuxSystem
public import SystemPackage

/// What the start of the card image found, as its first programs left it in `/run/vitrine-boot`: one file for each
/// subject, the first word a state and the rest for a person. On any other machine there is no such folder.
public struct BootReport: Sendable, Equatable {
    /// What became of the data partition (`image/initramfs/init` decides).
    public enum DataState: String, Sendable, CaseIterable {
        /// Mounted as it was.
        case ok
        /// Never had a file system before, and has one now.
        case made
        /// Grown to the end of the card.
        case grown
        /// `e2fsck` mended it.
        case repaired
        /// Could not be mended: what can be read is shown, nothing is kept.
        case readOnly = "read_only"
        /// Could not be mounted at all.
        case absent
        /// Erased, because a person asked for it.
        case erased
    }

    /// What a person should know of the data partition beside its state.
    public struct Remark: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable {
            /// The card is larger than its data partition's file system, which could not be grown.
            case small
            /// Mending left pieces of files that nobody knows the names of.
            case lost
            /// The check took too long, and was left.
            case unchecked
        }

        public var kind: Kind
        /// For a person.
        public var detail: String

        public init(_ kind: Kind, _ detail: String) {
            self.kind = kind
            self.detail = detail
        }
    }

    /// Nil where no card image started this machine, or where its word is unknown.
    public var dataState: DataState?
    /// The rest of the line, for a person.
    public var dataDetail: String
    public var remarks: [Remark]
    /// Why nothing was erased though a file on the FAT partition asked for it; nil: there was none, or it was granted.
    public var refusedWish: String?
    /// `a` or `b`: the half of the card that the system was started from.
    public var slot: String?
    /// What is wrong with the settings on the card's FAT partition, one sentence each.
    public var cardFaults: [String]
    /// What makes the system's settings of the card did not come to its end: it says nothing, not even that all is well.
    public var cardIsUnreported: Bool

    public init(
        dataState: DataState? = nil, dataDetail: String = "", remarks: [Remark] = [], refusedWish: String? = nil,
        slot: String? = nil, cardFaults: [String] = [], cardIsUnreported: Bool = false
    ) {
        self.dataState = dataState
        self.dataDetail = dataDetail
        self.remarks = remarks
        self.refusedWish = refusedWish
        self.slot = slot
        self.cardFaults = cardFaults
        self.cardIsUnreported = cardIsUnreported
    }

    /// Reads `/run/vitrine-boot`, or another folder. A file that is not there says nothing; but a card's start that tells
    /// of its data, and not of its settings, did not get to them.
    public static func read(_ folder: FilePath = "/run/vitrine-boot") -> BootReport {
        func written(_ name: FilePath.Component) -> [String]? {
            guard let bytes = try? DurableFile.read(folder.appending(name), limit: 1 << 16) else { return nil }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        func lines(_ name: FilePath.Component) -> [String] { written(name) ?? [] }
        let data = lines("data").first?.split(separator: " ", maxSplits: 1).map(String.init) ?? []
        let remarks = lines("remarks").compactMap { line -> Remark? in
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            return Remark.Kind(rawValue: words.first ?? "").map { Remark($0, words.count > 1 ? words[1] : "") }
        }
        return BootReport(
            dataState: data.first.flatMap(DataState.init(rawValue:)), dataDetail: data.count > 1 ? data[1] : "",
            remarks: remarks, refusedWish: lines("wish").first, slot: lines("slot").first, cardFaults: lines("card"),
            cardIsUnreported: written("data") != nil && written("card") == nil)
    }
}
