import DeviceSettings
import Foundation
import LinuxSystem
import SystemPackage
import Testing

@testable import Appliance
@testable import MediaIndex

@Suite struct ErasingTests {
    private let folder = FilePath(NSTemporaryDirectory()).appending("vitrine-erasing-\(UUID().uuidString)")
    private var wish: FilePath { folder.appending("erase-wanted") }

    private func isThere(_ path: FilePath) -> Bool { FileManager.default.fileExists(atPath: path.string) }

    @Test func aFolderThatCanBeWrittenKeepsTheWish() throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let way = try Erasing.leaveWish(in: DataFolder(root: folder.appending("data")), cardWish: wish)
        #expect(way == .nextStart)
        #expect(isThere(folder.appending("data/erase-requested")))
        #expect(!isThere(wish))
    }

    /// What only root can mend is asked of root, where there is somebody who listens.
    @Test func aFolderThatCannotBeWrittenHasRootAsked() throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let data = DataFolder(readOnly: folder.appending("nothing/there"))
        #expect(throws: MediaFault.self) { try Erasing.leaveWish(in: data, cardWish: nil) }
        #expect(try Erasing.leaveWish(in: data, cardWish: wish) == .newFileSystem)
        #expect(isThere(wish))
    }

    @Test func onlyTheCardImageHasSomebodyWhoListens() throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let settings = Settings(
            keys: SettingKey.all(paths: StandardPaths(data: "/tmp/data", socket: "/run/vitrine/vitrine.sock")),
            layers: [])
        #expect(Erasing.cardWish(settings, boot: folder) == nil)
        try DurableFile.replace(folder.appending("data"), with: Array("absent nothing can be read\n".utf8))
        #expect(Erasing.cardWish(settings, boot: folder) == "/run/vitrine/erase-wanted")
    }
}
