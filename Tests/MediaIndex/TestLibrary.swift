import Crypto
import Foundation
import LinuxSystem
import Logging
import Synchronization
import SystemPackage

@testable import MediaIndex

/// A data folder of its own that is removed with its last reference.
final class TestFolder: Sendable {
    let path: FilePath

    init() throws {
        // In memory where that can be: what is tested is the order of the steps, not the disk.
        let memory = "/dev/shm"
        let isThere = FileManager.default.isWritableFile(atPath: memory)
        let folder = isThere ? memory : FileManager.default.temporaryDirectory.path
        path = FilePath(folder).appending("vitrine-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    /// A copy as a power cut would leave it now: SQLite's shared memory is no file then. Made by another process, since
    /// closing a database file here would take SQLite's locks away (https://www.sqlite.org/howtocorrupt.html, 2.2).
    func copy() throws -> TestFolder {
        let copy = try TestFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", #"cp -a "$0/." "$1/" && rm -f "$1/index.sqlite-shm""#, path.string, copy.path.string,
        ]
        try process.run()
        process.waitUntilExit()
        struct CopyFailed: Error {}
        if process.terminationStatus != 0 { throw CopyFailed() }
        return copy
    }

    func library(observer: StepObserver = .none) async throws -> MediaLibrary {
        try await MediaLibrary.open(path, logger: .silent, now: { 1_700_000_000_000 }, observer: observer)
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// Takes a copy of a folder at every step while it is armed.
final class StepCamera: Sendable {
    private let folder: TestFolder
    private let state = Mutex((armed: false, shots: [(step: LibraryStep, folder: TestFolder)]()))

    init(_ folder: TestFolder, armed: Bool = false) {
        self.folder = folder
        state.withLock { $0.armed = armed }
    }

    var observer: StepObserver {
        StepObserver { [self] (step) throws(MediaFault) in
            guard state.withLock({ $0.armed }) else { return }
            do {
                let copy = try folder.copy()
                state.withLock { $0.shots.append((step, copy)) }
            } catch {
                throw MediaFault(.storage, .system, reason: "no copy: \(error)", suggestion: "none")
            }
        }
    }

    func arm() { state.withLock { $0.armed = true } }
    func disarm() { state.withLock { $0.armed = false } }
    var shots: [(step: LibraryStep, folder: TestFolder)] { state.withLock { $0.shots } }
}

extension MediaLibrary {
    /// Puts a complete upload in place, as the upload store does.
    func uploadComplete(_ name: String, _ content: String, now: Int64 = 1_700_000_000_000) throws -> UploadRecord {
        let bytes = [UInt8](content.utf8)
        var record = UploadRecord(id: ids.next(at: now), name: name, size: bytes.count, created: now)
        try StoredRecord.write(record, to: folder.uploadRecord(record.id))
        try DurableFile.replace(folder.part(record.id), with: bytes)
        record.complete = .init(
            sha256: FileDigest.hex(SHA256.hash(data: bytes)), size: bytes.count, addedAt: now)
        return record
    }

    /// A medium that waits to be checked.
    @inline(never)
    func addProcessing(_ name: String, _ content: String, now: Int64 = 1_700_000_000_000) async throws -> Medium {
        try await receive(try uploadComplete(name, content, now: now))
    }

    /// A medium that plays. Not inlined: in a loop, that ends Swift 6.3.1's optimiser (a crash in LLVM's CoroSplit).
    @inline(never)
    func addReady(
        _ name: String, _ content: String, now: Int64 = 1_700_000_000_000, checked: CheckedMedium = .photo
    ) async throws -> Medium {
        try await adopt(try await addProcessing(name, content, now: now).id, checked)
    }

    func content(_ id: MediumID) async throws -> String {
        let file = try await open(id)
        return String(decoding: try DurableFile.read(from: file, at: 0, atMost: 1 << 20), as: UTF8.self)
    }

    func all() async throws -> [Medium] { try await page(MediaQuery(limit: 200)).items }
}

extension CheckedMedium {
    static let photo = CheckedMedium(
        kind: .image, width: 40, height: 30, durationSeconds: nil, frameRate: nil, decodeRate: nil, suffix: "jpg",
        thumbnail: [0xff, 0xd8, 0xff, 0xd9])
    static let oldPhoto = CheckedMedium(
        kind: .image, width: 40, height: 30, durationSeconds: nil, frameRate: nil, decodeRate: nil,
        takenAt: -631_152_000_000, suffix: "jpg", thumbnail: nil)
    static let slowVideo = CheckedMedium(
        kind: .video, width: 1920, height: 1080, durationSeconds: 12.5, frameRate: 30, decodeRate: 7,
        takenAt: 1_600_000_000_000, suffix: "mp4",
        reason: "plays at 7 of 30 frames/s here", suggestion: "Convert it", thumbnail: nil)
}
