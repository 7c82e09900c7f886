import DecoderProtocol

/// How the pool treats its processes.
public struct DecoderPoolSettings: Sendable, Equatable {
    /// Buffers that a session is lent.
    public struct Buffers: Sendable, Equatable {
        /// A photo has one frame.
        public var photo: Int
        /// A video or an animation that plays: one on the screen, one for the next vertical blank, one that is decoded into.
        public var playing: Int
        /// The same while it waits in the role *next*: enough to begin without a gap.
        public var waiting: Int

        public init(photo: Int = 1, playing: Int = 3, waiting: Int = 2) {
            self.photo = photo
            self.playing = playing
            self.waiting = waiting
        }
    }

    public var buffers: Buffers
    /// `decoder.limits.stall_seconds`: a decoder that owes an answer and is silent for this long is ended.
    public var stall: Duration
    /// From the start of a process to its handshake. Loading 80 libraries from a slow card takes seconds.
    public var start: Duration
    /// A process without a session ends after this. Longer than a photo stays, or each photo starts a process.
    public var idle: Duration
    /// From closing a process's socket to SIGKILL.
    public var goodbye: Duration

    public init(
        buffers: Buffers = Buffers(), stall: Duration = .seconds(10), start: Duration = .seconds(20),
        idle: Duration = .seconds(10), goodbye: Duration = .milliseconds(800)
    ) {
        self.buffers = buffers
        self.stall = stall
        self.start = start
        self.idle = idle
        self.goodbye = goodbye
    }

    /// In the role *intake*, a process has low priority beside one that plays, and a photo is one answer: more patience.
    func stall(of role: DecoderRole) -> Duration { role == .intake ? stall * 6 : stall }
}
