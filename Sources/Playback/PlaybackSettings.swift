public import Frames
public import Supervision

/// In what order all media play.
public enum PlayOrder: String, Sendable, CaseIterable {
    /// Oldest first.
    case arrival
}

/// What of the configuration concerns playing. It can be replaced at run time.
public struct PlaybackSettings: Sendable, Equatable {
    /// How long a photo stays that has no time of its own.
    public var photoTime: Duration
    public var fit: Fit
    public var order: PlayOrder
    /// A shorter animation repeats, whole, until it was shown this long.
    public var minimumLoop: Duration
    /// Whether the next medium is made ready before the current one ends; costs a second decoder for seconds.
    public var prefetches: Bool
    /// Bytes that decoding may take beyond the frames.
    public var decoderMemoryLimit: Int
    public var decoderThreads: Int
    public var restarts: RestartPolicy.Limits

    public init(
        photoTime: Duration = .seconds(10), fit: Fit = .contain, order: PlayOrder = .arrival,
        minimumLoop: Duration = .seconds(10), prefetches: Bool = true, decoderMemoryLimit: Int = 160 << 20,
        decoderThreads: Int = 2, restarts: RestartPolicy.Limits = RestartPolicy.Limits()
    ) {
        self.photoTime = photoTime
        self.fit = fit
        self.order = order
        self.minimumLoop = minimumLoop
        self.prefetches = prefetches
        self.decoderMemoryLimit = decoderMemoryLimit
        self.decoderThreads = decoderThreads
        self.restarts = restarts
    }

    /// Each thread of a video decoder holds pictures of its own. What one thread decodes at twice its speed gets one.
    func threads(for item: ProgrammeItem) -> Int {
        guard let headroom = item.headroom, headroom >= 2 * Double(decoderThreads) else { return decoderThreads }
        return 1
    }
}
