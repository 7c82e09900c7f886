import Frames
public import LinuxSystem
public import Logging
import StillEncoding

/// The composed picture for those who watch the screen from elsewhere. Costs nothing while nobody does: scenes are
/// composed and encoded only when a watcher waits for one, once for all who want the same.
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

    private let board: SceneBoard
    private let clock: any BoardClock
    private let logger: Logger
    private let queue = EncodingQueue()
    private var channels: [StreamParameters: Channel] = [:]
    private var lastViewer = 0
    /// For tests: how many pictures were encoded.
    private(set) var encodedCount = 0

    public init(
        of chain: DisplayChain, clock: any BoardClock = MonotonicClock(), logger: Logger = Logger(label: "display")
    ) {
        self.board = chain.sceneBoard
        self.clock = clock
        self.logger = logger
    }

    /// How many watch.
    public var viewerCount: Int { channels.values.reduce(0) { $0 + $1.viewers.count } }

    /// What is on the glass now, as a PNG of the screen's size; nil before anything was shown.
    public func snapshot() async throws -> [UInt8]? {
        guard let shown = board.latest else { return nil }
        encodedCount += 1
        return try await queue.run {
            try Self.compose(shown, size: shown.screen) { pixels, layout throws(StillEncodingError) in
                try StillEncoding.png(pixels, layout: layout)
            }
        }
    }

    /// JPEGs of what is on the glass: the picture now, then one whenever it has changed, at most `rate` a second. A slow
    /// viewer skips pictures. It ends when the viewer lets go of it.
    public func stream(_ parameters: StreamParameters = StreamParameters()) -> AsyncStream<[UInt8]> {
        lastViewer += 1
        let viewer = lastViewer
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(1))
        var channel = channels[parameters] ?? Channel()
        channel.viewers.insert(viewer)
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
        guard channels[parameters]?.viewers.remove(viewer) != nil, channels[parameters]?.viewers.isEmpty == true else {
            return
        }
        channels.removeValue(forKey: parameters)?.work?.cancel()
    }

    /// Encodes for one channel until its last viewer has gone.
    private func encode(_ parameters: StreamParameters) async {
        guard let pictures = channels[parameters]?.pictures else { return }
        var sequence: UInt64 = 0
        var faultIsLogged = false
        while let shown = await board.next(after: sequence), !Task.isCancelled {
            sequence = shown.sequence
            let started = clock.now
            do {
                let picture = try await queue.run {
                    try Self.compose(shown, size: Self.size(of: shown.screen, within: parameters.maximumWidth)) {
                        pixels, layout throws(StillEncodingError) in
                        try StillEncoding.jpeg(pixels, layout: layout, quality: parameters.quality)
                    }
                }
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

    private static func size(of screen: PixelSize, within maximumWidth: Int) -> PixelSize {
        guard screen.width > maximumWidth else { return screen }
        return PixelSize(
            width: maximumWidth, height: max(1, (screen.height * maximumWidth + screen.width / 2) / screen.width))
    }

    private static func compose(
        _ shown: ShownScene, size: PixelSize,
        encode: (UnsafeRawBufferPointer, FrameLayout) throws(StillEncodingError) -> [UInt8]
    ) throws -> [UInt8] {
        let layout = FrameLayout(packed: .xrgb8888, size: size)
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.byteCount, alignment: 64)
        defer { pixels.deallocate() }
        Compositor.compose(shown.scene, screen: shown.screen, into: pixels, layout: layout)
        return try encode(UnsafeRawBufferPointer(pixels), layout)
    }
}
