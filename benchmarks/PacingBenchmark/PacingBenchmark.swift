import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Foundation
import Frames
import LinuxSystem
import Logging
import MediaIndex
import Playback
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Plays a clip whose frames carry their numbers, over and over, on the headless display, and says as one line of JSON
/// when each came; beside it, how late a bare thread wakes for the same moments.
///
/// usage: PacingBenchmark DECODER CLIP WIDTHxHEIGHT RATE FRAMES REFRESH SECONDS
///
/// The clip has FRAMES frames, RATE a second, each with its number as `FrameNumber` reads it; REFRESH is the display's,
/// a second. The time of a frame is when the player heard that it is on the glass, so that waking late counts.
@main
struct PacingBenchmark {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static func main() async {
        do {
            let report = try await run(Array(CommandLine.arguments.dropFirst()))
            print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
        } catch {
            FileHandle.standardError.write(Data("PacingBenchmark: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws -> PacingReport {
        guard arguments.count == 7, let rate = Double(arguments[3]), let frames = Int(arguments[4]),
            let refresh = Double(arguments[5]), let seconds = Double(arguments[6]), rate > 0, frames > 0,
            case let sides = arguments[2].split(separator: "x").compactMap({ Int($0) }), sides.count == 2,
            let item = ProgrammeItem(clip: arguments[1], seconds: Double(frames) / rate)
        else {
            throw Failure(
                description: "usage: PacingBenchmark DECODER CLIP WIDTHxHEIGHT RATE FRAMES REFRESH SECONDS")
        }
        let loop = try EventLoop(name: "vitrine-play")
        let clock = loop.clock
        let logger = Logger(label: "pacing") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .warning
            return handler
        }
        let record = PacingRecord(clock: clock)
        let headless = HeadlessDriver(
            size: PixelSize(width: sides[0], height: sides[1]), refreshRate: refresh, clock: clock)
        let chain = DisplayChain(
            drivers: [RecordingDriver(inner: headless, record: record)], lastResort: headless, clock: clock,
            logger: logger)
        let pool = DecoderPool(
            launcher: SubprocessLauncher(executable: FilePath(arguments[0]), memoryMegabytes: 160, log: logger),
            loop: loop, clock: clock, log: logger)
        // No cache: each frame is decoded.
        let player = Player(
            decoder: pool, source: OneClip(path: FilePath(arguments[1]), item: item), display: chain,
            cards: LetteredCards(), welcome: NoWelcome(), cache: FrameCache(budget: 0), clock: clock, logger: logger)
        let control = BareTimer(interval: 1 / rate, seconds: seconds)
        let total = Int(seconds * rate)
        try control.start()
        await withTaskExecutorPreference(loop.tasks) {
            await withDiscardingTaskGroup { group in
                group.addTask { try? await chain.run() }
                group.addTask { try? await player.run() }
                await record.wait(for: total, within: .seconds(seconds + 60))
                group.cancelAll()
            }
        }
        await pool.shutDown()
        return PacingReport(
            record.shown, rate: rate, framesInClip: frames, refresh: refresh, control: control.lateness())
    }
}

extension ProgrammeItem {
    init?(clip: String, seconds: Double) {
        guard let id = MediumID(rawValue: String(repeating: "0", count: 32)), let name = FilePath(clip).lastComponent
        else { return nil }
        self.init(
            id: id, name: name.string, kind: .video, suffix: name.extension ?? "", duration: .seconds(seconds))
    }
}

/// A programme of one clip.
struct OneClip: ProgrammeSource {
    let path: FilePath
    let item: ProgrammeItem

    func items() -> [ProgrammeItem] { [item] }
    func changes() -> AsyncStream<Void> { AsyncStream { _ in } }
    func strike(_ id: MediumID, reason: String) {}
    func playedWhole(_ id: MediumID) {}

    func open(_ id: MediumID) throws(ProgrammeSourceError) -> Descriptor {
        do {
            return try Descriptor.open(path, .readOnly)
        } catch {
            throw ProgrammeSourceError(reason: "\(path): \(error)", suggestion: "Name a clip that can be read.")
        }
    }
}

struct NoWelcome: WelcomeSource {
    func contents() -> AsyncStream<WelcomeContent> { AsyncStream { _ in } }
}
