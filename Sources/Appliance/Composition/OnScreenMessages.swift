import BoardSupport
import Intake
import LinuxSystem
import MediaIndex
import Playback
import ServiceLifecycle
import WebInterface

/// What the screen says over the picture, from those who know: lasting faults, what the start of the card found, mistakes
/// in the settings, uploads and checks under way. `ScreenRules` decides what of it is said, and how loudly.
final class OnScreenMessages: Service {
    private enum News: Sendable {
        case say(ScreenMessage)
        case over(String)
    }

    private let player: Player
    private let faults: FaultBoard
    private let jobs: JobBoard
    private let folder: DataFolder
    private let clock: any BoardClock
    private let stream: AsyncStream<News>
    private let news: AsyncStream<News>.Continuation

    init(player: Player, faults: FaultBoard, jobs: JobBoard, folder: DataFolder, clock: any BoardClock) {
        self.player = player
        self.faults = faults
        self.jobs = jobs
        self.folder = folder
        self.clock = clock
        (stream, news) = AsyncStream.makeStream(of: News.self)
    }

    /// What the start of the card image found; what of it lasts is a fault of the status, too.
    func started(_ boot: BootReport) {
        for (key, fault) in ScreenRules.faults(of: boot) {
            faults.begin(key, part: fault.part, detail: fault.detail, suggestion: fault.suggestion)
        }
        if let message = ScreenRules.message(of: boot) {
            news.yield(.say(message))
            faults.happened(ScreenRules.dataKey, part: "storage", detail: "\(message.title): \(boot.dataDetail)")
        }
    }

    /// What is wrong with the settings that hold now, one sentence each.
    func configured(_ mistakes: [String]) {
        if let message = ScreenRules.message(mistakes: mistakes) {
            news.yield(.say(message))
        } else {
            news.yield(.over(ScreenRules.settingsKey))
        }
    }

    /// A file is coming in.
    ///
    /// - Parameter size: of all of it; nil: not announced.
    func receiving(_ id: String, name: String, byteCount: Int, of size: Int?) {
        news.yield(.say(ScreenRules.upload(id, name: name, byteCount: byteCount, of: size)))
    }

    func received(_ id: String) { news.yield(.over(ScreenRules.uploadKey(id))) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.deliver() }
                group.addTask { await self.followFaults() }
                group.addTask { await self.followJobs() }
                group.addTask { await self.watchFolder() }
            }
        }
    }

    private func deliver() async {
        for await news in stream {
            switch news {
            case .say(let message): await player.post(message)
            case .over(let key): await player.withdraw(key)
            }
        }
    }

    private func followFaults() async {
        var known: [String: StatusFault] = [:]
        for await now in faults.changes() {
            for key in known.keys where now[key] == nil { news.yield(.over(ScreenRules.faultKey(key))) }
            for (key, fault) in now where known[key] != fault {
                if let message = ScreenRules.message(of: fault, key: key) { news.yield(.say(message)) }
            }
            known = now
        }
    }

    private func followJobs() async {
        for await job in jobs.events() {
            if let message = ScreenRules.message(of: job, at: MediaLibrary.wallClock()) {
                news.yield(.say(message))
            } else if job.hasEnded {
                news.yield(.over(ScreenRules.jobKey(job.id)))
            }
        }
    }

    /// A file system that turns read-only tells nobody.
    private func watchFolder() async {
        while !Task.isCancelled {
            if folder.isReadOnly || folder.refusesWriting() {
                // The start of the card has said it already, and knows why.
                if !faults.has(ScreenRules.dataKey) {
                    let fault = ScreenRules.readOnly
                    faults.begin(
                        ScreenRules.readOnlyKey, part: fault.part, detail: fault.detail, suggestion: fault.suggestion)
                }
            } else {
                faults.end(ScreenRules.readOnlyKey)
            }
            // Only ends early when cancelled.
            try? await clock.sleep(until: clock.now.advanced(by: .seconds(30)), tolerance: .seconds(5))
        }
    }
}

/// The bytes of an upload, that tell how many have come: after a second for the first time, since a photo is there before
/// a person has read that it comes, and then with every hundredth.
struct CountedChunks<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable where Base.Element == [UInt8] {
    typealias Element = [UInt8]

    static var patience: Duration { .seconds(1) }

    let base: Base
    /// Bytes that came before.
    var offset = 0
    var size: Int?
    let clock: any BoardClock
    let tell: @Sendable (_ byteCount: Int) -> Void

    func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), count: offset, owner: self, start: clock.now)
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: Base.AsyncIterator
        fileprivate var count: Int
        fileprivate let owner: CountedChunks
        fileprivate let start: MonotonicInstant
        private var lastTold: Int?

        fileprivate init(base: Base.AsyncIterator, count: Int, owner: CountedChunks, start: MonotonicInstant) {
            self.base = base
            self.count = count
            self.owner = owner
            self.start = start
        }

        mutating func next() async throws -> [UInt8]? {
            guard let chunk = try await base.next() else { return nil }
            count += chunk.count
            // Where the size is not known, every megabyte is a step.
            let step = owner.size.map { Swift.max(1, $0 / 100) } ?? 1 << 20
            if count / step != lastTold, start.duration(to: owner.clock.now) >= CountedChunks.patience {
                lastTold = count / step
                owner.tell(count)
            }
            return chunk
        }
    }
}
