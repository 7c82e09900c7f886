import CLinux
import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Foundation
import Frames
import LinuxSystem
import Logging
import MemoryMonitor
import Playback
import Synchronization
import SystemPackage

struct EnduranceFailure: Error, CustomStringConvertible {
    var description: String
}

/// Plays days of a programme as fast as it can be computed, with real decoder processes, and says after each part of it, as
/// a line of JSON, what the process holds in a moment of rest.
///
/// usage: EnduranceBenchmark DECODER FOLDER DAYS PARTS
///
/// FOLDER has the media: photos, loops and clips of two seconds, and files that are broken.
@main
struct EnduranceBenchmark {
    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            guard arguments.count == 4, let days = Double(arguments[2]), let parts = Int(arguments[3]), days > 0,
                parts > 0
            else { throw EnduranceFailure(description: "usage: EnduranceBenchmark DECODER FOLDER DAYS PARTS") }
            let house = try House(decoder: arguments[0], folder: arguments[1])
            try await house.run(part: .seconds(days * 86_400 / Double(parts)), parts: parts)
        } catch {
            FileHandle.standardError.write(Data("EnduranceBenchmark: \(error)\n".utf8))
            exit(1)
        }
    }
}

/// The rooms that play, put together as the appliance does it, on a loop whose time leaps.
struct House {
    /// At rest no decoder is left, nothing is kept but the picture on the screen, and no message is pending.
    private static let rest: Duration = .seconds(330)
    /// From one event to the next, in days of programme.
    private static let betweenEvents: Duration = .seconds(300)

    private let loop: EventLoop
    private let clock: LoopClock
    private let source: FolderSource
    private let chain: DisplayChain
    private let launcher: CountingLauncher
    private let pool: DecoderPool
    private let cache = FrameCache()
    private let memory: MemoryMonitor
    private let said = SaidMemory()
    private let player: Player
    private let tap: DisplayTap
    private let changes = Announcements(0)

    init(decoder: String, folder: String) throws {
        // As the appliance has them.
        vitrine_limit_heaps(2)
        let time = LeapingTime()
        loop = try EventLoop(name: "vitrine-play", leaping: time)
        clock = loop.clock
        let logger = Logger(label: "endurance") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .critical
            return handler
        }
        source = try FolderSource(folder)
        let headless = HeadlessDriver(size: PixelSize(width: 640, height: 360), clock: clock)
        chain = DisplayChain(drivers: [headless], lastResort: headless, clock: clock, logger: logger)
        launcher = CountingLauncher(
            inner: SubprocessLauncher(executable: FilePath(decoder), memoryMegabytes: 160, log: logger))
        let pool = DecoderPool(
            launcher: launcher, settings: DecoderPoolSettings(idle: .seconds(15)), loop: loop, clock: clock, log: logger
        )
        time.require { [weak pool] in pool?.isStillOnLoop ?? true }
        self.pool = pool
        memory = MemoryMonitor(clock: clock, logger: logger, read: { [said] in said.reading() })
        player = Player(
            decoder: pool, source: source, display: chain, cards: LetteredCards(), welcome: Claimed(), cache: cache,
            memory: memory, clock: clock, logger: logger)
        tap = DisplayTap(of: chain, clock: clock, logger: logger)
    }

    func run(part: Duration, parts: Int) async throws {
        try await withTaskExecutorPreference(loop.tasks) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await chain.run() }
                group.addTask { try? await memory.run() }
                group.addTask { try? await player.run() }
                // As the appliance's page does.
                group.addTask { for await _ in player.changes() { changes.announce((changes.latest ?? 0) + 1) } }
                for number in 1...parts { try await play(part, number: number) }
                group.cancelAll()
            }
        }
        await pool.shutDown()
    }

    private func play(_ part: Duration, number: Int) async throws {
        let start = clock.now
        let people = People(player: player, pool: pool, source: source, memory: said, tap: tap, clock: clock)
        // In a short run everything happens, too.
        let interval = min(Self.betweenEvents, part / (2 * People.kinds))
        var decoderBytes = 0
        var event = 0
        while start.duration(to: clock.now) < part - Self.rest {
            try await clock.sleep(until: clock.now.advanced(by: interval), tolerance: nil)
            for process in await pool.memory() {
                decoderBytes = max(decoderBytes, (process.proportional ?? 0) - (process.proportionalShared ?? 0))
            }
            await people.act(event + number)
            event += 1
        }
        await people.rest(Self.rest)
        let status = cache.status
        let report = PartReport(
            days: Double(number) * part.secondsAsDouble / 86_400, measures: try Measures.take(),
            presents: Int(chain.latest?.sequence ?? 0),
            changes: changes.latest ?? 0, hits: status.hits, evictions: status.evictions, decoders: launcher.count,
            deaths: await pool.status.deaths, strikes: source.strikes, decoderBytes: decoderBytes)
        FileHandle.standardOutput.write(try JSONEncoder().encode(report) + Data("\n".utf8))
        await player.resume()
    }
}

/// Counts the processes that are started.
final class CountingLauncher: DecoderLauncher {
    private let inner: SubprocessLauncher
    private let number = Atomic<Int>(0)

    init(inner: SubprocessLauncher) { self.inner = inner }

    var count: Int { number.load(ordering: .relaxed) }
    var limits: DecoderLimitReport { inner.limits }

    func launch(_ role: DecoderRole) async throws(DecoderError) -> any DecoderPeer {
        number.add(1, ordering: .relaxed)
        return try await inner.launch(role)
    }
}
