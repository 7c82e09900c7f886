import Foundation
import GRDB
import SystemPackage
import Testing

@testable import MediaIndex

@Suite struct IndexFileTests {
    @Test func everyCommitIsOnTheDevice() throws {
        let folder = try TestFolder()
        let index = try MediaIndex(path: folder.path.appending("index.sqlite"))
        defer { try? index.close() }
        let settings: (Database) throws -> [String] = { db in
            try ["synchronous", "journal_mode", "cache_size"].map {
                try String.fetchOne(db, sql: "PRAGMA \($0)") ?? ""
            }
        }
        #expect(try index.writeNow(settings) == ["2", "wal", "-256"])
        #expect(try index.readNow(settings) == ["2", "wal", "-256"])
    }

    enum Damage: String, CaseIterable, Sendable {
        case missing, empty, garbage, cut, overwritten, missingWithLog, newer

        func happen(to path: String) throws {
            switch self {
            case .missing: try FileManager.default.removeItem(atPath: path)
            case .missingWithLog:
                try? FileManager.default.removeItem(atPath: path + "-wal")
                try FileManager.default.moveItem(atPath: path, toPath: path + "-wal")
            case .empty: try Data().write(to: URL(fileURLWithPath: path))
            case .garbage: try Data(repeating: 0x5a, count: 50_000).write(to: URL(fileURLWithPath: path))
            case .cut:
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: path))
                // With its log, SQLite would mend it.
                try? FileManager.default.removeItem(atPath: path + "-wal")
            case .overwritten:
                var data = try Data(contentsOf: URL(fileURLWithPath: path))
                data.replaceSubrange(4096..<data.count, with: Data(repeating: 0xa5, count: data.count - 4096))
                try data.write(to: URL(fileURLWithPath: path))
            case .newer:
                let queue = try DatabaseQueue(path: path)
                try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 of the future')") }
                try queue.close()
            }
        }
    }

    @Test(arguments: Damage.allCases) func isBuiltAnew(after damage: Damage) async throws {
        let folder = try TestFolder()
        let (waiting, before) = try await fill(folder)
        try damage.happen(to: folder.path.appending("index.sqlite").string)
        try await expectRebuilt(folder, keepsDamaged: ![.missing, .missingWithLog].contains(damage), waiting, before)
        let again = try await folder.library()
        #expect(again.opening == LibraryOpening())
        try await again.close()
    }

    /// What the version before has written: its rows stay, and play by their arrival until they are told apart.
    @Test func anIndexOfTheVersionBeforeIsTakenOver() async throws {
        let folder = try TestFolder()
        var library = try await folder.library()
        let medium = try await library.addReady("film.mp4", "film", checked: .slowVideo)
        try await library.close()

        let path = folder.path.appending("index.sqlite")
        let queue = try DatabaseQueue(path: path.string)
        try await queue.write { db in
            try db.execute(
                sql: """
                    ALTER TABLE medium DROP COLUMN taken_at;
                    DELETE FROM grdb_migrations WHERE identifier = '2 when it was taken';
                    """)
            #expect(try db.columns(in: "medium").count == 20)
        }
        // The folder's own word, as that version wrote it.
        let meta = folder.path.appending("library/\(medium.id)/meta.json")
        var text = try String(contentsOfFile: meta.string, encoding: .utf8)
        text = text.split(separator: "\n").filter { !$0.contains("taken_at") }.joined(separator: "\n")
        try text.write(toFile: meta.string, atomically: true, encoding: .utf8)
        try queue.close()

        library = try await folder.library()
        #expect(library.opening == LibraryOpening())
        var expected = medium
        expected.takenAt = nil
        #expect(try await library.all() == [expected])
        #expect(try await library.check(deep: true) == [])
        let playable = try await library.index.playable()
        #expect(playable.map(\.date) == [medium.addedAt])
        // What comes now has its date beside it.
        _ = try await library.addReady("old.jpg", "old", now: 1_800_000_000_000, checked: .oldPhoto)
        let both = try await library.index.playable()
        #expect(both.map(\.date) == [medium.addedAt, -631_152_000_000])
        try await library.close()
    }

    private func fill(_ folder: TestFolder) async throws -> (waiting: MediumID, all: [Medium]) {
        let library = try await folder.library()
        for number in 0..<12 { _ = try await library.addReady("photo \(number).jpg", "content \(number)") }
        _ = try await library.addReady("old.jpg", "old", checked: .oldPhoto)
        let waiting = try await library.addProcessing("waits.mp4", "waiting")
        let all = try await library.all()
        try await library.close()
        return (waiting.id, all)
    }

    private func expectRebuilt(
        _ folder: TestFolder, keepsDamaged: Bool, _ waiting: MediumID, _ before: [Medium]
    ) async throws {
        let library = try await folder.library()
        #expect(library.opening.rebuiltBecause != nil)
        #expect((library.opening.damagedIndex != nil) == keepsDamaged)
        let all = try await library.all()
        #expect(all == before)
        let state = try await library.medium(waiting).state
        #expect(state == .processing)
        let findings = try await library.check(deep: true)
        #expect(findings == [])
        try await library.close()
    }

    @Test func keepsFewDamagedIndexes() async throws {
        let folder = try TestFolder()
        try await folder.library().close()
        for _ in 0..<5 {
            try Data(repeating: 1, count: 9000).write(
                to: URL(fileURLWithPath: folder.path.appending("index.sqlite").string))
            try await folder.library().close()
        }
        let kept = try FolderEntries.names(in: folder.path).filter { $0.hasPrefix("index.sqlite.broken-") }
        #expect(kept == ["index.sqlite.broken-4", "index.sqlite.broken-5"])
    }
}

@Suite struct DataFolderTests {
    @Test func isCreatedWithItsParents() throws {
        let outer = try TestFolder()
        let folder = try DataFolder(root: outer.path.appending("a").appending("b"))
        #expect(try FolderEntries.names(in: folder.root) == ["library", "playlists", "thumbnails", "uploads"])
        #expect(!folder.isReadOnly)
        #expect(try folder.freeBytes() > 0)
    }

    @Test func belongsToOneDaemon() async throws {
        let outer = try TestFolder()
        let first = try await outer.library()
        do {
            _ = try await outer.library()
            Issue.record("two daemons have one folder")
        } catch let fault as MediaFault {
            #expect(fault.code == .locked)
            #expect(fault.reason.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
        }
        try await first.close()
    }

    @Test func playsWhenItCannotBeWritten() async throws {
        let outer = try TestFolder()
        var library = try await outer.library()
        let photo = try await library.addReady("a.jpg", "aaa")
        let waiting = try await library.addProcessing("b.jpg", "bbb")
        try await library.close()
        let path = outer.path
        let before = try FolderEntries.names(in: path)
        library = try await MediaLibrary.open(logger: .silent, now: { 0 }, observer: .none) { () throws(MediaFault) in
            DataFolder(readOnly: path)
        }
        #expect(library.opening.isReadOnly)
        #expect(try await library.content(photo.id) == "aaa")
        #expect(try await library.index.playable().map(\.id) == [photo.id])
        let readOnly = library
        await #expect { try await readOnly.delete(photo.id) } throws: { ($0 as? MediaFault)?.code == .readOnly }
        await #expect { try await readOnly.edit(photo.id, name: "c") } throws: {
            ($0 as? MediaFault)?.code == .readOnly
        }
        await #expect { try await readOnly.medium(waiting.id) } throws: { ($0 as? MediaFault)?.code == .notFound }
        try await library.close()
        #expect(try FolderEntries.names(in: path) == before)
    }

    @Test func refusesAFileAsFolder() throws {
        let outer = try TestFolder()
        let path = outer.path.appending("file")
        try Data([1]).write(to: URL(fileURLWithPath: path.string))
        #expect(throws: MediaFault.self) { try DataFolder(root: path) }
    }
}
