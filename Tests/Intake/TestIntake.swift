import DecoderClient
import DecoderProtocol
import Foundation
import Frames
import LinuxSystem
import Logging
import MediaIndex
import Synchronization
import SystemPackage

@testable import Intake

/// A data folder of its own with the intake on it.
final class TestIntake: Sendable {
    let path: FilePath
    let library: MediaLibrary
    let uploads: UploadStore
    let clock: ManualClock
    private let shared: SharedTime

    static func open(
        settings: UploadSettings = UploadSettings(reserveByteCount: 0), at path: FilePath? = nil,
        observer: StepObserver = .none
    ) async throws -> TestIntake {
        let path = try path ?? temporaryFolder()
        return try await TestIntake(path, settings, observer)
    }

    static func temporaryFolder() throws -> FilePath {
        let memory = "/dev/shm"
        let isThere = FileManager.default.isWritableFile(atPath: memory)
        let folder = isThere ? memory : FileManager.default.temporaryDirectory.path
        let path = FilePath(folder).appending("vitrine-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
        return path
    }

    private init(_ path: FilePath, _ settings: UploadSettings, _ observer: StepObserver) async throws {
        self.path = path
        let clock = ManualClock()
        self.clock = clock
        let time = SharedTime()
        self.shared = time
        library = try await MediaLibrary.open(path, logger: .silent, now: { time.now }, observer: observer)
        uploads = try await UploadStore.open(library, settings: settings, clock: clock)
    }

    /// Moves the wall clock alone.
    func jump(milliseconds: Int64) { shared.jump(milliseconds) }

    /// Closes, and opens again as a new start does.
    func reopened(settings: UploadSettings = UploadSettings(reserveByteCount: 0)) async throws -> TestIntake {
        try await library.close()
        return try await TestIntake.open(settings: settings, at: path)
    }

    /// Ends the test: everything agrees, and nothing is left.
    func close() async throws -> [LibraryFinding] {
        let findings = try await library.check(deep: true)
        try await library.close()
        try FileManager.default.removeItem(atPath: path.string)
        return findings
    }

    func service(_ decoder: any MediaDecoding, _ jobs: JobBoard = JobBoard()) -> IntakeService {
        IntakeService(
            library: library, uploads: uploads, decoder: decoder, jobs: jobs,
            settings: CheckSettings(screen: PixelSize(width: 64, height: 36)), clock: clock, logger: .silent)
    }

    /// Runs the service until a condition holds; time moves on when everybody sleeps.
    func run(
        _ service: IntakeService, until condition: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let work = Task { await service.work() }
        while try await !condition() {
            if let next = clock.nextDeadline, next.nanoseconds - clock.now.nanoseconds < 299_000_000_000 {
                clock.advance(to: next)
            }
            await Task.yield()
        }
        work.cancel()
        await work.value
    }
}

/// The wall clock: that of the machine, moved by a jump.
final class SharedTime: Sendable {
    private let offset = Mutex<Int64>(0)
    var now: Int64 { MediaLibrary.wallClock() + offset.withLock { $0 } }
    func jump(_ milliseconds: Int64) { offset.withLock { $0 += milliseconds } }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

struct ConnectionBroke: Error {}

/// Bytes as a connection brings them: in pieces, and with an end of one's choice.
struct Pieces: AsyncSequence, Sendable {
    enum Ending: Sendable { case normal, breaks, hangs }

    var pieces: [[UInt8]]
    var ending = Ending.normal
    /// Called when all pieces have been taken and no end is in sight.
    var onHanging: @Sendable () -> Void = {}

    init(_ bytes: [UInt8], by count: Int = 1000, ending: Ending = .normal) {
        pieces = stride(from: 0, to: bytes.count, by: count).map {
            Array(bytes[$0..<Swift.min($0 + count, bytes.count)])
        }
        self.ending = ending
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<[UInt8]>
        let ending: Ending
        let onHanging: @Sendable () -> Void

        mutating func next() async throws -> [UInt8]? {
            if let piece = rest.popFirst() { return piece }
            switch ending {
            case .normal: return nil
            case .breaks: throw ConnectionBroke()
            case .hangs:
                onHanging()
                // Ends as streams do when their task is cancelled: without an error.
                let (never, held) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                held.finish()
                return nil
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: pieces[...], ending: ending, onHanging: onHanging) }
}

/// Content that no sniffer takes for text, different for each seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state)
    }
}

func fault(_ body: () async throws -> Void) async -> MediaFault.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? MediaFault)?.code
    }
}
