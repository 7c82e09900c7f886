import Foundation
import LinuxSystem
import MediaIndex
import Playback
import Synchronization
import SystemPackage

/// The media of a folder as a library: one of them comes and goes.
final class FolderSource: ProgrammeSource {
    private struct Entry {
        var item: ProgrammeItem
        var path: FilePath
    }

    private let entries: [Entry]
    private let isGuestThere = Mutex(true)
    private let announcements = Announcements<Void>()
    private let strikeCount = Atomic<Int>(0)

    /// The last file is the guest.
    init(_ folder: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        entries = try names.enumerated().map { number, name in
            let path = FilePath(folder).appending(name)
            let digits = String(number, radix: 16)
            guard let id = MediumID(rawValue: String(repeating: "0", count: 32 - digits.count) + digits),
                let suffix = path.extension
            else { throw EnduranceFailure(description: "\(path) is no file for this") }
            let kind: MediumKind =
                switch suffix {
                case "gif", "webp", "apng": .animation
                case "mp4": .video
                default: .image
                }
            // As the check notes it when a file comes in: the fixtures' loops and clips last two seconds.
            let item = ProgrammeItem(
                id: id, name: name, kind: kind, suffix: suffix, duration: kind == .image ? nil : .seconds(2),
                headroom: kind == .video ? 20 : nil)
            return Entry(item: item, path: path)
        }
        guard entries.count > 2 else { throw EnduranceFailure(description: "\(folder) has too few media") }
    }

    /// The first photo, for moments in which everything should be alike.
    var still: MediumID? { entries.first { $0.item.kind == .image }?.item.id }
    var strikes: Int { strikeCount.load(ordering: .relaxed) }

    func inviteGuest(_ isThere: Bool) {
        isGuestThere.withLock { $0 = isThere }
        announcements.announce(())
    }

    func items() -> [ProgrammeItem] {
        (isGuestThere.withLock { $0 } ? entries[...] : entries.dropLast()).map(\.item)
    }

    func changes() -> AsyncStream<Void> { announcements.listen() }
    func strike(_ id: MediumID, reason: String) { strikeCount.add(1, ordering: .relaxed) }
    func playedWhole(_ id: MediumID) {}

    func open(_ id: MediumID) throws(ProgrammeSourceError) -> Descriptor {
        guard let entry = entries.first(where: { $0.item.id == id }) else {
            throw ProgrammeSourceError(reason: "There is no such medium.", suggestion: "Look at the folder.")
        }
        do {
            return try Descriptor.open(entry.path, .readOnly)
        } catch {
            throw ProgrammeSourceError(reason: "\(entry.path): \(error)", suggestion: "Look at the folder.")
        }
    }
}

/// A device that is claimed, at an address that stays.
struct Claimed: WelcomeSource {
    func contents() -> AsyncStream<WelcomeContent> {
        AsyncStream { $0.yield(WelcomeContent(name: "vitrine", addresses: ["http://vitrine.local"], pin: nil)) }
    }
}
