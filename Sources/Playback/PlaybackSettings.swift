public import Supervision

/// What of the configuration concerns playing. It can be replaced at run time.
public struct PlaybackSettings: Sendable, Equatable {
    /// How long a photo stays that has no time of its own.
    public var photoTime: Duration
    public var fit: ScreenFit
    /// How a medium gives way to the next when its time is over.
    public var transition: TransitionKind
    /// How long that takes; at most half of what the next medium is on.
    public var transitionTime: Duration
    public var order: PlayOrder
    /// Which of all shuffles is played.
    public var shuffleSeed: UInt64
    /// What is said over the picture.
    public var messages: MessageFilter
    /// A shorter animation repeats, whole, until it was shown this long.
    public var minimumLoop: Duration
    /// Whether the next medium is made ready before the current one ends; costs a second decoder for seconds.
    public var prefetches: Bool
    /// Bytes that decoding may take beyond the frames.
    public var decoderMemoryLimit: Int
    public var decoderThreads: Int
    public var restarts: RestartPolicy.Limits

    public init(
        photoTime: Duration = .seconds(10), fit: ScreenFit = .contain,
        transition: TransitionKind = .cut, transitionTime: Duration = .milliseconds(800), order: PlayOrder = .arrival,
        shuffleSeed: UInt64 = 0, messages: MessageFilter = .all,
        minimumLoop: Duration = .seconds(10), prefetches: Bool = true, decoderMemoryLimit: Int = 160 << 20,
        decoderThreads: Int = 2, restarts: RestartPolicy.Limits = RestartPolicy.Limits()
    ) {
        self.photoTime = photoTime
        self.fit = fit
        self.transition = transition
        self.transitionTime = transitionTime
        self.order = order
        self.shuffleSeed = shuffleSeed
        self.messages = messages
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

extension PlayArrangement {
    init(_ settings: PlaybackSettings) { self.init(order: settings.order, seed: settings.shuffleSeed) }
}
