import FoundationEssentials
import SystemPackage
import Testing

@testable import LinuxSystem

#if canImport(Glibc)
    import Glibc
#endif

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: FilePath

    init() throws {
        path = FilePath("/tmp/vitrine-linux-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }
}

@Suite struct SystemCallTests {
    @Test func triesAgainWhenInterrupted() throws {
        var calls = 0
        let result = try syscall { () -> CInt in
            calls += 1
            errno = EINTR
            return calls < 3 ? -1 : 7
        }
        #expect(result == 7)
        #expect(calls == 3)
    }

    @Test func throwsOtherErrors() {
        #expect(throws: Errno.noSpace) {
            try syscall { () -> CInt in
                errno = ENOSPC
                return -1
            }
        }
    }

    @Test func notNowIsNoError() throws {
        let result = try syscallNonblocking { () -> CInt in
            errno = EAGAIN
            return -1
        }
        #expect(result == nil)
    }
}

@Suite struct DescriptorTests {
    @Test func closesWithItsLastReference() throws {
        var null = stat()
        #expect(stat("/dev/null", &null) == 0)
        let number: CInt
        do {
            let file = try Descriptor.open("/dev/null", .readOnly)
            number = file.rawValue
            #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
        }
        // Another test may have got the number meanwhile, for something else.
        var status = stat()
        if fstat(number, &status) == 0 { #expect(status.st_rdev != null.st_rdev) }
    }

    @Test func duplicatesAreTheSameFile() throws {
        let folder = try TemporaryFolder()
        let file = try Descriptor.open(
            folder.path.appending("a"), .readWrite, options: [.create], permissions: .ownerReadWrite)
        let second = try file.duplicate()
        #expect(second.rawValue != file.rawValue)
        #expect(fcntl(second.rawValue, F_GETFD) & FD_CLOEXEC != 0)
        try DurableFile.write([1, 2, 3], to: second)
        #expect(try file.byteCount() == 3)
    }

    @Test func saysWhatIsMissing() {
        #expect(throws: Errno.noSuchFileOrDirectory) { try Descriptor.open("/nowhere/at/all", .readOnly) }
    }
}

@Suite struct DurableFileTests {
    /// `vitrine display snapshot screen.png` names no folder.
    @Test func aBareNamesFolderIsTheOneWeAreIn() throws {
        #expect(FilePath("screen.png").removingLastComponent().isEmpty)
        try DurableFile.synchronizeFolder("")
    }

    @Test func replacesWhole() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("settings")
        try DurableFile.replace(path, with: Array("first, and long".utf8))
        try DurableFile.replace(path, with: Array("second".utf8))
        #expect(try TextFile.read(path) == "second")
        // Nothing is left beside it.
        #expect(access(folder.path.appending(".settings.new").string, F_OK) == -1)
    }

    @Test func aFailureLeavesTheOldContent() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("settings")
        try DurableFile.replace(path, with: Array("old".utf8))
        mkdir(folder.path.appending(".settings.new").string, 0o700)
        #expect(throws: Errno.isDirectory) { try DurableFile.replace(path, with: Array("new".utf8)) }
        #expect(try TextFile.read(path) == "old")
    }

    @Test func createsParents() throws {
        let folder = try TemporaryFolder()
        let deep = folder.path.appending("a").appending("b").appending("c")
        try DurableFile.createFolder(deep)
        try DurableFile.createFolder(deep)
        #expect(throws: Errno.notDirectory) {
            try DurableFile.replace(folder.path.appending("file"), with: [])
            try DurableFile.createFolder(folder.path.appending("file").appending("below"))
        }
    }

    @Test func aFileInTheWayIsNoFolder() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("taken")
        try DurableFile.replace(path, with: [1])
        #expect(throws: Errno.notDirectory) { try DurableFile.createFolder(path) }
    }

    @Test func movesBetweenFolders() throws {
        let folder = try TemporaryFolder()
        try DurableFile.createFolder(folder.path.appending("to"))
        try DurableFile.replace(folder.path.appending("x"), with: [65])
        try DurableFile.rename(folder.path.appending("x"), to: folder.path.appending("to").appending("y"))
        #expect(try TextFile.read(folder.path.appending("to").appending("y")) == "A")
        #expect(throws: Errno.noSuchFileOrDirectory) { try TextFile.read(folder.path.appending("x")) }
    }

    @Test func writesAtAnOffset() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("x")
        let file = try Descriptor.open(path, .readWrite, options: [.create], permissions: .ownerReadWrite)
        try DurableFile.write(Array("hello".utf8), to: file)
        try DurableFile.write(Array("J".utf8), to: file, at: 0)
        #expect(try TextFile.read(path) == "Jello")
    }
}
