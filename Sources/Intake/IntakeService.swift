public import DecoderClient
import DecoderProtocol
public import LinuxSystem
public import Logging
public import MediaIndex
public import ServiceLifecycle

/// Checks what was uploaded, one file after the other, and adopts or refuses it.
///
/// Its queue is the index itself: whatever is in state *processing* waits to be checked, also after a restart.
public final class IntakeService: Service {
    let library: MediaLibrary
    let uploads: UploadStore
    let decoder: any MediaDecoding
    let jobs: JobBoard
    let settings: CheckSettings
    let clock: any BoardClock
    let logger: Logger
    private static let housekeepingPause = Duration.seconds(300)

    public init(
        library: MediaLibrary, uploads: UploadStore, decoder: any MediaDecoding, jobs: JobBoard,
        settings: CheckSettings, clock: any BoardClock = MonotonicClock(), logger: Logger
    ) {
        self.library = library
        self.uploads = uploads
        self.decoder = decoder
        self.jobs = jobs
        self.settings = settings
        self.clock = clock
        self.logger = logger
    }

    /// Works until the task is cancelled or a shutdown asks it to end; a check that is under way begins again at the
    /// next start.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    func work() async {
        let changed = Wakeup()
        let changes = library.index.changes()
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in changes { changed.wake() } }
            group.addTask { await self.uploads.finishLeftovers() }
            group.addTask { await self.stopUploadsAtEnd() }
            group.addTask { await self.keepHouse() }
            group.addTask { await CheckQueue(self, changed).run() }
        }
    }

    /// Summing a large upload is not to hold the end up.
    private func stopUploadsAtEnd() async {
        let never = Wakeup()
        await never.wait(after: never.generation)
        await uploads.stop()
    }

    /// What falls due by time: uploads and refusals that expire, media that get another chance.
    private func keepHouse() async {
        var outage = Outage()
        while !Task.isCancelled {
            do throws(MediaFault) {
                try await library.retryDue()
                if !library.folder.isReadOnly {
                    try await uploads.expire()
                    try await library.expireRefused()
                }
                outage.ended { logger.notice("expired uploads are removed again") }
            } catch {
                outage.began { logger.warning("expired uploads cannot be removed: \(error)") }
            }
            do { try await clock.sleep(for: Self.housekeepingPause) } catch { return }
        }
    }
}

/// A lasting fault is told once when it begins and once when it ends.
struct Outage {
    private var lasts = false

    mutating func began(_ tell: () -> Void) {
        if !lasts { tell() }
        lasts = true
    }

    mutating func ended(_ tell: () -> Void) {
        if lasts { tell() }
        lasts = false
    }
}
