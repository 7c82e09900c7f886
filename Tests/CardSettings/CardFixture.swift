import LinuxSystem
import SystemPackage
import Testing

@testable import CardSettings

#if canImport(Glibc)
    import Glibc
#endif

/// A card in folders, gone at the end of the test.
final class CardFixture {
    let folder: FilePath
    let roots: CardRoots
    let machine: SimulatedCardMachine

    init(lockedCard: Bool = false) throws {
        // In memory where that is: fsync takes its time on a disk, and these tests count on its order alone.
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(place)/vitrine-card-XXXXXX".utf8CString)
        folder = FilePath(String(cString: try #require(mkdtemp(&template))))
        machine = SimulatedCardMachine(isLocked: lockedCard)
        roots = CardRoots(
            firmware: folder.appending("firmware"), system: folder.appending("system"), data: folder.appending("data"),
            run: folder.appending("run"), report: folder.appending("report"), settings: folder.appending("etc"),
            zones: folder.appending("zones"))
        for path in [roots.firmware, roots.system, roots.data, roots.zones] { try DurableFile.createFolder(path) }
        try DurableFile.replace(
            roots.zones.appending("tzdata.zi"),
            with: Array(
                "# version x\nZ Europe/Berlin 1 - CET\nZ Etc/UTC 0 - UTC\nL Europe/Berlin Arctic/Longyearbyen\n".utf8))
        // As the image brings it.
        write(.generatedConfig, String(decoding: CardFixture.standardLines, as: UTF8.self))
    }

    deinit { _ = try? removeTree(folder) }

    /// Of one sector, so that it can be written over in place.
    static let standardLines: [UInt8] = {
        let lines = """
            # Made by Vitrine at its start, from its settings; what is written here is lost.
            dtoverlay=vitrine-i2c1

            """
        let full = String(repeating: "#", count: 63) + "\n"
        let rest = 512 - lines.utf8.count
        return Array((lines + String(repeating: full, count: rest / 64)).utf8)
            + Array((String(repeating: "#", count: rest % 64 - 1) + "\n").utf8)
    }()

    func write(_ file: CardFile, _ text: String) { write(file, bytes: Array(text.utf8)) }

    func write(_ file: CardFile, bytes: [UInt8]) {
        let path = roots.path(of: file)
        #expect(throws: Never.self) {
            try DurableFile.createFolder(path.removingLastComponent())
            try DurableFile.replace(path, with: bytes)
        }
    }

    func bytes(_ file: CardFile) -> [UInt8]? { try? DurableFile.read(roots.path(of: file), limit: 1 << 20) }

    func text(_ file: CardFile) -> String { String(decoding: bytes(file) ?? [], as: UTF8.self) }

    func plan() -> CardPlan {
        CardPlan(CardState(roots: roots)) { $0 == "pimoroni-display-hat-mini" ? "/dev/spidev0.1" : nil }
    }

    @discardableResult func start() -> CardApplier.Outcome {
        CardApplier(roots: roots, machine: machine).apply(plan())
    }

    /// Starts, and has the power go after so many lasting actions: what is in memory is lost.
    func start(cutAfter count: Int) {
        CardApplier(roots: roots, machine: machine).apply(plan(), stoppingAfter: count)
        loseMemory()
    }

    func loseMemory() {
        _ = try? removeTree(roots.run)
        _ = try? removeTree(roots.report)
    }

    /// Every file that outlives the power, with its content.
    func lasting() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for root in [roots.firmware, roots.system, roots.data] { try collect(root, into: &files) }
        return files
    }

    /// In how many files that outlive the power the text stands.
    func copies(of text: String) throws -> Int {
        try lasting().values.filter { String(decoding: $0, as: UTF8.self).contains(text) }.count
    }

    private func collect(_ path: FilePath, into files: inout [String: [UInt8]]) throws {
        for name in try names(path) {
            let inner = path.appending(name)
            if let bytes = try? DurableFile.read(inner, limit: 1 << 20) {
                files[String(inner.string.dropFirst(folder.string.utf8.count))] = bytes
            } else {
                try collect(inner, into: &files)
            }
        }
    }

    private func names(_ path: FilePath) throws -> [String] {
        guard let stream = opendir(path.string) else { throw Errno.noSuchFileOrDirectory }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private func removeTree(_ path: FilePath) throws {
        guard let names = try? names(path) else { return }
        for name in names {
            let inner = path.appending(name)
            if Glibc.unlink(inner.string) != 0 { try removeTree(inner) }
        }
        rmdir(path.string)
    }
}
