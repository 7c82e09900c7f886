import Foundation
import GRDB
import SystemPackage
import Testing

@testable import MediaIndex

@Suite struct LibraryTests {
    private func withLibrary(_ body: (MediaLibrary) async throws -> Void) async throws {
        let folder = try TestFolder()
        let library = try await folder.library()
        try await body(library)
        #expect(try await library.check(deep: true) == [])
        try await library.close()
    }

    @Test func adoptsWhatWasChecked() async throws {
        try await withLibrary { library in
            let waiting = try await library.addProcessing("holiday.mov", "bytes")
            #expect(waiting.state == .processing)
            await #expect(throws: MediaFault.self) { try await library.open(waiting.id) }
            let ready = try await library.adopt(waiting.id, .slowVideo)
            #expect(ready.state == .ready)
            #expect(ready.reason == "plays at 7 of 30 frames/s here")
            #expect(try await library.content(ready.id) == "bytes")
            #expect(try FolderEntries.names(in: library.folder.medium(ready.id)) == ["meta.json", "original.mp4"])
            #expect(try FolderEntries.names(in: library.folder.uploads) == [])
            await #expect(throws: MediaFault.self) { try await library.adopt(ready.id, .photo) }
            await #expect(throws: MediaFault.self) { try await library.thumbnail(ready.id) }
        }
    }

    @Test func keepsTheSameContentOnce() async throws {
        try await withLibrary { library in
            let first = try await library.addReady("a.jpg", "same")
            let second = try await library.addProcessing("b.jpg", "same")
            #expect(second == first)
            let other = try await library.addProcessing("c.jpg", "other")
            #expect(try await library.addProcessing("d.jpg", "other").id == other.id)
            _ = try await library.refuse(other.id, reason: "broken", suggestion: "none")
            // What was refused may be tried again.
            #expect(try await library.addProcessing("e.jpg", "other").id != other.id)
        }
    }

    @Test func refusesWithAReason() async throws {
        try await withLibrary { library in
            let waiting = try await library.addProcessing("a.mp4", "nothing")
            let refused = try await library.refuse(waiting.id, reason: "no video", suggestion: "convert")
            #expect(refused.state == .rejected)
            #expect(try await library.medium(waiting.id).reason == "no video")
            #expect(try FolderEntries.names(in: library.folder.uploads) == [])
            await #expect(throws: MediaFault.self) { try await library.retry(waiting.id) }
            try await library.delete(waiting.id)
            await #expect(throws: MediaFault.self) { try await library.medium(waiting.id) }
        }
    }

    @Test func settingsOutliveTheIndex() async throws {
        let folder = try TestFolder()
        var library = try await folder.library()
        let ready = try await library.addReady("a.jpg", "a")
        let waiting = try await library.addProcessing("b.jpg", "b")
        for id in [ready.id, waiting.id] {
            _ = try await library.edit(id, name: "../új \"név\"\n🎉")
            #expect(try await library.edit(id, photoSeconds: .seconds(42)).photoSeconds == 42)
        }
        for seconds in [0, -1, .infinity, .nan, 90_000] as [Double] {
            let library = library
            await #expect(throws: MediaFault.self) { try await library.edit(ready.id, photoSeconds: .seconds(seconds)) }
        }
        let long = String(repeating: "n", count: 256)
        let opened = library
        await #expect(throws: MediaFault.self) { try await opened.edit(ready.id, name: long) }
        try await library.close()
        try FileManager.default.removeItem(atPath: folder.path.appending("index.sqlite").string)
        library = try await folder.library()
        for id in [ready.id, waiting.id] {
            let medium = try await library.medium(id)
            #expect(medium.name == "../új \"név\"\n🎉")
            #expect(medium.photoSeconds == 42)
        }
        #expect(try await library.check(deep: true) == [])
        try await library.close()
    }

    @Test func strikesSetAside() async throws {
        let hour: Int64 = 3_600_000
        let day = 24 * hour
        try await withLibrary { library in
            let id = try await library.addReady("bad.mp4", "bad", checked: .slowVideo).id
            let index = library.index
            #expect(try await index.strike(id, reason: "SIGSEGV", now: 0) == .counted(1))
            try await index.playedWell(id)
            #expect(try await index.strike(id, reason: "SIGSEGV", now: 0) == .counted(1))
            #expect(try await index.strike(id, reason: "SIGSEGV", now: 0) == .setAside(retryAt: hour))
            #expect(try await index.strike(id, reason: "SIGSEGV", now: 0) == nil)
            #expect(try await library.medium(id).reason == "SIGSEGV")
            #expect(try await index.playable().isEmpty)
            #expect(try await library.content(id) == "bad")
            #expect(try await index.dueForRetry(now: hour - 1) == [])
            #expect(try await index.dueForRetry(now: hour) == [id])
            // A clock that was far ahead when it was set aside.
            #expect(try await index.dueForRetry(now: -30 * day) == [id])
            // By time: one strike more and it waits for a day.
            try await library.retryDue()
            #expect(try await library.medium(id).state == .ready)
            #expect(try await library.medium(id).reason == "plays at 7 of 30 frames/s here")
            #expect(try await index.strike(id, reason: "SIGBUS", now: 0) == .setAside(retryAt: day))
            // By hand: it begins anew.
            #expect(try await library.retry(id).state == .ready)
            #expect(try await index.strike(id, reason: "SIGBUS", now: 0) == .counted(1))
        }
    }

    @Test func rebuildsInOneStep() async throws {
        try await withLibrary { library in
            for number in 0..<5 { _ = try await library.addReady("\(number)", "\(number)") }
            _ = try await library.addProcessing("waits", "w")
            let before = try await library.all()
            try library.index.writeNow { try $0.execute(sql: "DELETE FROM medium WHERE name IN ('1', '3')") }
            let kinds = try await library.check().map(\.kind)
            #expect(kinds.filter { $0 == .folderWithoutRow }.count == 2)
            #expect(try await library.rebuild() == [])
            #expect(try await library.all() == before)
        }
    }

    @Test func findsWhatIsWrong() async throws {
        let folder = try TestFolder()
        let library = try await folder.library()
        let media = try await (0..<4).asyncMap { try await library.addReady("\($0)", "content \($0)") }
        let files = FileManager.default
        try files.removeItem(atPath: library.folder.medium(media[0].id).string)
        try Data("short".utf8).write(
            to: URL(fileURLWithPath: library.folder.original(media[1].id, suffix: "jpg").string))
        try Data("CONTENT 2".utf8).write(
            to: URL(fileURLWithPath: library.folder.original(media[2].id, suffix: "jpg").string))
        try Data("{".utf8).write(to: URL(fileURLWithPath: library.folder.meta(media[3].id).string))
        try Data().write(to: URL(fileURLWithPath: library.folder.library.appending("stray").string))
        let kinds = Set(try await library.check(deep: true).map(\.kind))
        #expect(kinds == [.rowWithoutFolder, .metaUnreadable, .contentChanged, .leftover])
        try await library.close()
    }

    @Test func refusedFilesAreForgotten() async throws {
        let folder = try TestFolder()
        let library = try await folder.library()
        let old = try await library.addProcessing("old", "old", now: 1_600_000_000_000)
        let new = try await library.addProcessing("new", "new")
        for id in [old.id, new.id] { _ = try await library.refuse(id, reason: "r", suggestion: "s") }
        try await library.expireRefused()
        // The id of the second is younger than the clock of the first.
        #expect(try await library.all().map(\.id) == [new.id])
        try await library.close()
    }
}

extension Sequence {
    func asyncMap<T>(_ body: (Element) async throws -> T) async throws -> [T] {
        var values: [T] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
