import BoardSupport
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
    private var card: Erasing.Card { .init(wish: wish, answer: folder.appending("erasure")) }

    private func isThere(_ path: FilePath) -> Bool { FileManager.default.fileExists(atPath: path.string) }

    @Test func aFolderThatCanBeWrittenKeepsTheWish() throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let way = try Erasing.leaveWish(in: DataFolder(root: folder.appending("data")), card: card)
        #expect(way == .nextStart)
        #expect(isThere(folder.appending("data/erase-requested")))
        #expect(!isThere(wish))
    }

    /// What only root can mend is asked of root, where there is somebody who listens.
    @Test func aFolderThatCannotBeWrittenHasRootAsked() throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let data = DataFolder(readOnly: folder.appending("nothing/there"))
        #expect(throws: MediaFault.self) { try Erasing.leaveWish(in: data, card: nil) }
        #expect(try Erasing.leaveWish(in: data, card: card) == .newFileSystem(card))
        #expect(isThere(wish))
    }

    @Test func onlyTheCardImageHasSomebodyWhoListens() throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let settings = Settings(
            keys: SettingKey.all(paths: StandardPaths(data: "/tmp/data", socket: "/run/vitrine/vitrine.sock")),
            layers: [])
        #expect(Erasing.card(settings, boot: BootReport.read(folder), report: folder) == nil)
        try DurableFile.replace(folder.appending("data"), with: Array("absent nothing can be read\n".utf8))
        let card = Erasing.card(settings, boot: BootReport.read(folder), report: folder)
        #expect(card == Erasing.Card(wish: "/run/vitrine/erase-wanted", answer: folder.appending("erasure")))
    }

    // MARK: Root's answer

    private func refusal(by clock: ManualClock = ManualClock()) async -> MediaFault? {
        do throws(MediaFault) {
            try await Erasing.awaitAnswer(card, clock: clock)
            return nil
        } catch {
            return error
        }
    }

    @Test func aGrantedWishIsNoFault() async throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        try DurableFile.replace(card.answer, with: Array("granted\n".utf8))
        #expect(await refusal() == nil)
    }

    @Test(arguments: [
        ("refused the card is write-protected\n", "the card is write-protected"),
        (nil, "the part of the system that writes to the card failed"),
        ("", "the part of the system that writes to the card failed"),
    ])
    func aRefusalSaysWhy(answer: String?, reason: String) async throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        if let answer { try DurableFile.replace(card.answer, with: Array(answer.utf8)) }
        let fault = await refusal()
        #expect(fault?.reason == reason && fault?.httpStatus == 503)
    }

    /// An answer from before is none: as long as the wish is there, nobody has read it.
    @Test(.timeLimit(.minutes(1))) func withoutAnAnswerTheWishIsTakenBack() async throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        try DurableFile.replace(card.answer, with: Array("granted\n".utf8))
        try DurableFile.replace(wish, with: [])
        let clock = ManualClock()
        let began = clock.now
        let waiting = Task { await refusal(by: clock) }
        while isThere(wish) {
            if let next = clock.nextDeadline { clock.advance(to: next) }
            await Task.yield()
        }
        let fault = await waiting.value
        #expect(fault?.reason.hasSuffix("does not answer") == true)
        #expect(began.duration(to: clock.now) >= Erasing.patience)
    }
}
