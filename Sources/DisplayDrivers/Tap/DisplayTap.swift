import Frames
public import LinuxSystem
public import Logging
import StillEncoding

/// The composed picture for those who watch the screen from elsewhere. Costs nothing while nobody does: scenes are
/// composed and encoded only when a watcher waits for one, once for all who want the same.
///
/// Frames are lent, and a video has few: however many watch, the tap holds one scene at most, and only while it is
/// drawn, not while it is encoded and not for those who wait.
public actor DisplayTap {
    /// What a stream of pictures is like; viewers who ask for the same share the encoding.
    public struct StreamParameters: Sendable, Hashable {
        /// In pixels; a smaller screen is not enlarged.
        public var maximumWidth: Int
        /// Pictures per second at most.
        public var rate: Double
        /// Of the JPEG, from 1 to 100.
        public var quality: Int

        /// What is outside of a range is taken as the nearest value in it.
        public init(maximumWidth: Int = 640, rate: Double = 5, quality: Int = 80) {
            self.maximumWidth = min(max(maximumWidth, 16), 3840)
            self.rate = rate.isFinite ? min(max(rate, 0.1), 30) : 5
            self.quality = min(max(quality, 1), 100)
        }
    }

    private struct Channel {
        var viewers: Set<Int> = []
        let pictures = Announcements<[UInt8]>()
        /// Ends when the last viewer has gone.
        var work: Task<Void, Never>?
    }

    /// A snapshot that is being made for all who wait for it.
    private struct Snapshot {
        let moment: SnapshotMoment
        let picture: Task<[UInt8]?, any Error>
    }

    private let board: SceneBoard
    private let clock: any BoardClock
    private let logger: Logger
    private let queue: BlockingQueue
    private var channels: [StreamParameters: Channel] = [:]
    private var lastViewer = 0
    /// The last that was begun, until it is done.
    private var snapshotInWork: Snapshot?
    /// For tests: how many pictures were encoded.
    private(set) var encodedCount = 0
    /// For tests: how many wait for a snapshot.
    private(set) var snapshotWaiterCount = 0

    public init(
        of chain: DisplayChain, clock: any BoardClock = MonotonicClock(), logger: Logger = Logger(label: "display")
    ) {
        self.init(
            of: chain.sceneBoard, clock: clock, logger: logger, queue: BlockingQueue(label: "vitrine.display-tap"))
    }

    init(of board: SceneBoard, clock: any BoardClock, logger: Logger, queue: BlockingQueue) {
        self.board = board
        self.clock = clock
        self.logger = logger
        self.queue = queue
    }

    /// How many watch.
    public var viewerCount: Int { channels.values.reduce(0) { $0 + $1.viewers.count } }

    /// What is on the glass now, as a PNG of the screen's size; nil before anything was shown. Those who ask while such a
    /// picture is being made get that one, and one who is cancelled does not take it from the others.
    public func snapshot() async throws -> [UInt8]? {
        snapshotWaiterCount += 1
        defer { snapshotWaiterCount -= 1 }
        if let snapshotInWork, snapshotInWork.moment.isCurrent { return try await snapshotInWork.picture.value }
        // At most two at a time: one that has its scene, and one that all later callers share until it has.
        let moment = SnapshotMoment(board)
        let picture = Task { try await makeSnapshot(moment) }
        snapshotInWork = Snapshot(moment: moment, picture: picture)
        return try await picture.value
    }

    private func makeSnapshot(_ moment: SnapshotMoment) async throws -> [UInt8]? {
        defer { if snapshotInWork?.moment === moment { snapshotInWork = nil } }
        let png = try await queue.run { try Self.png(at: moment) }
        if png != nil { encodedCount += 1 }
        return png
    }

    private static func png(at moment: SnapshotMoment) throws(StillEncodingError) -> [UInt8]? {
        guard let shown = moment.take() else { return nil }
        let picture = ComposedPicture(of: consume shown)
        return try picture.png()
    }

    /// JPEGs of what is on the glass: the picture now, then one whenever it has changed, at most `rate` a second. A slow
    /// viewer skips pictures. It ends when the viewer lets go of it.
    public func stream(_ parameters: StreamParameters = StreamParameters()) -> AsyncStream<[UInt8]> {
        lastViewer += 1
        let viewer = lastViewer
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(1))
        var channel = channels[parameters] ?? Channel()
        channel.viewers.insert(viewer)
        board.watchersChanged(by: 1)
        let pictures = channel.pictures.listen()
        if channel.work == nil { channel.work = Task { await self.encode(parameters) } }
        channels[parameters] = channel
        let forwarding = Task {
            for await picture in pictures { continuation.yield(picture) }
            continuation.finish()
        }
        continuation.onTermination = { _ in
            forwarding.cancel()
            Task { await self.leave(viewer, parameters) }
        }
        return stream
    }

    private func leave(_ viewer: Int, _ parameters: StreamParameters) {
        guard channels[parameters]?.viewers.remove(viewer) != nil else { return }
        board.watchersChanged(by: -1)
        guard channels[parameters]?.viewers.isEmpty == true else { return }
        channels.removeValue(forKey: parameters)?.work?.cancel()
    }

    /// Encodes for one channel until its last viewer has gone.
    private func encode(_ parameters: StreamParameters) async {
        guard let pictures = channels[parameters]?.pictures else { return }
        var sequence: UInt64 = 0
        var faultIsLogged = false
        while await board.waitForScene(after: sequence), !Task.isCancelled {
            let started = clock.now
            do {
                let encoded = await queue.run { [board] in Self.jpeg(of: board, parameters) }
                // One that cannot be encoded is not tried again; the next scene is.
                guard let encoded else { return }
                sequence = encoded.sequence
                let picture = try encoded.picture.get()
                encodedCount += 1
                pictures.announce(picture)
                if faultIsLogged { logger.notice("the live view works again") }
                faultIsLogged = false
            } catch {
                if !faultIsLogged { logger.error("the live view has no picture: \(error)") }
                faultIsLogged = true
            }
            let next = started.advanced(by: .nanoseconds(Int64(1_000_000_000 / parameters.rate)))
            do { try await clock.sleep(until: next, tolerance: nil) } catch { return }
        }
    }

    /// What is on the glass when this is called, with the number of that scene; nil before anything was shown.
    private static func jpeg(
        of board: SceneBoard, _ parameters: StreamParameters
    ) -> (sequence: UInt64, picture: Result<[UInt8], StillEncodingError>)? {
        guard let shown = board.latest else { return nil }
        let sequence = shown.sequence
        let picture = ComposedPicture(of: consume shown, within: parameters.maximumWidth)
        do {
            return (sequence, .success(try picture.jpeg(quality: parameters.quality)))
        } catch {
            return (sequence, .failure(error))
        }
    }
}
