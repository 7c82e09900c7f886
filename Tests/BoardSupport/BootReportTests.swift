import BoardSupport
import Foundation
import LinuxSystem
import SystemPackage
import Testing

@Suite struct BootReportTests {
    @Test func noCardImageSaysNothing() {
        #expect(BootReport.read("/nonexistent/vitrine-boot") == BootReport())
    }

    @Test func everySubjectIsRead() throws {
        try withTemporaryFolder { folder in
            try DurableFile.replace(
                folder.appending("data"), with: Array("repaired 3 inodes were mended by e2fsck\n".utf8))
            try DurableFile.replace(folder.appending("slot"), with: Array("a\n".utf8))
            try DurableFile.replace(
                folder.appending("card"), with: Array("vitrine.toml, line 3: no such key\nwifi: no country\n".utf8))
            #expect(BootReport.read(folder).refusedWish == nil)
            #expect(BootReport.read(folder).remarks.isEmpty)
            try DurableFile.replace(
                folder.appending("remarks"),
                with: Array("lost 3 pieces in lost+found\nnews of tomorrow\nsmall\n".utf8))
            try DurableFile.replace(folder.appending("wish"), with: Array("it cannot be taken off\n".utf8))
            let report = BootReport.read(folder)
            #expect(report.refusedWish == "it cannot be taken off")
            #expect(report.dataState == .repaired)
            #expect(report.dataDetail == "3 inodes were mended by e2fsck")
            #expect(report.remarks == [.init(.lost, "3 pieces in lost+found"), .init(.small, "")])
            #expect(report.slot == "a")
            #expect(report.cardFaults == ["vitrine.toml, line 3: no such key", "wifi: no country"])
            #expect(!report.cardIsUnreported)
        }
    }

    /// Who crashed, or was cut off, leaves no word.
    @Test func aCardWithoutAWordOfItsSettingsIsNoted() throws {
        try withTemporaryFolder { folder in
            #expect(!BootReport.read(folder).cardIsUnreported)
            try DurableFile.replace(folder.appending("data"), with: Array("ok mounted\n".utf8))
            #expect(BootReport.read(folder).cardIsUnreported)
            try DurableFile.replace(folder.appending("card"), with: [])
            #expect(!BootReport.read(folder).cardIsUnreported)
        }
    }

    @Test func aStateOfTomorrowIsNoState() throws {
        try withTemporaryFolder { folder in
            try DurableFile.replace(folder.appending("data"), with: Array("encrypted by the next version\n".utf8))
            #expect(BootReport.read(folder).dataState == nil)
        }
    }
}

/// A folder that is gone afterwards.
func withTemporaryFolder<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
    let folder = FilePath(NSTemporaryDirectory()).appending("vitrine-board-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    return try body(folder)
}
