import Foundation
import LinuxSystem
import SystemPackage
import Testing

@testable import MediaIndex

@Suite struct DataErasureTests {
    private func names(in folder: TestFolder) throws -> [String] {
        try FolderEntries.names(in: folder.path).sorted()
    }

    /// A folder with media, settings, a session and something that is not Vitrine's.
    private func used() async throws -> TestFolder {
        let folder = try TestFolder()
        let library = try await folder.library()
        _ = try library.uploadComplete("beach.jpg", "sand")
        for name in ["config.toml", "access.json", "faults.log", "index.sqlite.damaged-1", "notes.txt"] {
            try DurableFile.replace(folder.path.appending(name), with: Array("x".utf8))
        }
        try DurableFile.createFolder(folder.path.appending("lost+found"))
        try DurableFile.createFolder(folder.path.appending("library/0123"))
        try await library.close()
        return folder
    }

    @Test func everythingOfAPersonsGoesAndTheRestStays() async throws {
        let folder = try await used()
        try DataErasure.request(in: DataFolder(root: folder.path))
        #expect(try DataErasure.carryOut(in: folder.path))
        #expect(try names(in: folder) == ["lock", "lost+found", "notes.txt"])
        // Once is enough.
        #expect(try !DataErasure.carryOut(in: folder.path))
        let library = try await folder.library()
        #expect(try await library.index.counts().isEmpty)
        try await library.close()
    }

    @Test func nobodyAskedNothingGoes() async throws {
        let folder = try await used()
        let before = try names(in: folder)
        #expect(try !DataErasure.carryOut(in: folder.path))
        #expect(try names(in: folder) == before)
        #expect(try !DataErasure.carryOut(in: "/nonexistent/vitrine"))
    }

    /// Whatever was gone when the power was cut, the next start goes on with it.
    @Test func anErasureThatWasCutIsFinished() async throws {
        for gone in [
            ["access.json"], ["access.json", "config.toml", "library"], ["index.sqlite", "uploads", "library"],
        ] {
            let folder = try await used()
            try DataErasure.request(in: DataFolder(root: folder.path))
            for name in gone { try FolderEntries.removeTree(folder.path.appending(name)) }
            #expect(try DataErasure.carryOut(in: folder.path))
            #expect(try names(in: folder) == ["lock", "lost+found", "notes.txt"])
        }
    }

    @Test func aFolderInUseIsLeftAlone() async throws {
        let folder = try TestFolder()
        let library = try await folder.library()
        try DataErasure.request(in: library.folder)
        let fault = #expect(throws: MediaFault.self) { try DataErasure.carryOut(in: folder.path) }
        #expect(fault?.code == .locked)
        #expect(try names(in: folder).contains("erase-requested"))
        try await library.close()
    }
}
