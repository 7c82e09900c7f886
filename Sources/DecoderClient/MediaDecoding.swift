public import DecoderProtocol
public import Frames
public import LinuxSystem

/// Something that opens media: the pool of decoder processes, or what a test scripts.
public protocol MediaDecoding: Sendable {
    /// Opens a medium in a process of this role (started when none is idle) and returns once it is described.
    ///
    /// - Parameters:
    ///   - file: open for reading; the decoder gets this descriptor and never a path.
    ///   - name: for the log only.
    func open(
        _ file: Descriptor, _ request: OpenRequest, role: DecoderRole, name: String
    ) async throws(DecoderError) -> any DecoderSession

    /// For the status.
    var status: DecoderStatus { get async }
}

/// One medium, open in one decoder process. Losing the last reference closes it, as `close()` does.
public protocol DecoderSession: Sendable {
    var description: MediumDescription { get }

    /// The next frame, in order; waits for the decoder. nil: the end of what does not loop.
    ///
    /// The frame's buffer goes back to the decoder when the frame's last reference goes, so that holding frames is what
    /// slows a decoder down. One caller at a time.
    func nextFrame() async throws(DecoderError) -> DecodedFrame?

    /// The next frame when it is here already; nil when it would have to be waited for, or at the end.
    func readyFrame() async throws(DecoderError) -> DecodedFrame?

    /// Says that a frame of this session will be kept for long: the decoder gets another buffer in its place. The frame's
    /// memory goes when its last reference does.
    func keep(_ frame: Frame) async

    /// From now on, frames are to lie where a display scans them out, as long as it wants them so; nil: where they can be
    /// read. Buffers change one by one, as frames come back.
    func lend(from lender: (any FrameLending)?) async

    /// Says that frames before this position (nanoseconds of the session) will be dropped anyway.
    func late(before position: Int64) async

    /// Moves the process from *next* to *current*.
    func promote() async

    /// A JPEG of at most this size.
    func thumbnail(size: PixelSize) async throws(DecoderError) -> [UInt8]

    /// Decodes to the end, or for `seconds` of work, and says what it found.
    func check(
        seconds: Double, progress: @Sendable @escaping (Double) -> Void
    ) async throws(DecoderError) -> CheckReport

    func close() async
}

extension DecoderSession {
    public func lend(from lender: (any FrameLending)?) async {}
}

/// A frame and when to show it.
public struct DecodedFrame: Sendable {
    public var frame: Frame
    /// Since the session's start; grows across iterations.
    public var presentationTime: Duration
    /// nil: for ever, or not known.
    public var duration: Duration?
    /// How many times the medium has begun again.
    public var iteration: Int
    public var discontinuity: Bool
    public var cacheable: Bool
    /// Size of the whole picture as it is to be seen, where the frame alone does not tell its proportions: planes of YUV
    /// come as they are stored, whatever the shape of their pixels. nil: the frame's own.
    public var shown: PixelSize?

    public init(
        frame: Frame, presentationTime: Duration, duration: Duration?, iteration: Int, discontinuity: Bool,
        cacheable: Bool, shown: PixelSize? = nil
    ) {
        self.frame = frame
        self.presentationTime = presentationTime
        self.duration = duration
        self.iteration = iteration
        self.discontinuity = discontinuity
        self.cacheable = cacheable
        self.shown = shown
    }

    /// Where the frame goes on a screen. What `cover` cuts off was cut off by the decoder.
    public func place(_ fit: Fit, on screen: PixelSize) -> PixelRectangle {
        guard let shown else { return fit.destination(of: frame.size, on: screen) }
        return fit.destination(of: shown, on: screen).intersection(PixelRectangle(screen))
    }
}

/// Why a decoder gave no frame.
public enum DecoderError: Error, Sendable, Equatable {
    /// The medium is at fault, and the decoder is well.
    case failed(DecodeFailure)
    /// The process died. `ownDoing`: of a signal that it raises itself (design §8), which earns the medium a strike.
    case died(how: String, ownDoing: Bool)
    /// Nothing came for this long; the process was ended. Earns a strike.
    case stalled(after: Duration)
    /// The program is missing or did not start; the medium has nothing to do with it.
    case cannotStart(reason: String)
    case cancelled
    /// The session was closed.
    case closed
}

/// What the decoders are doing, for the status.
public struct DecoderStatus: Sendable, Equatable {
    public struct Process: Sendable, Equatable {
        public var role: DecoderRole
        public var processID: Int32
        public var sandbox: SandboxReport
        /// The name of the medium that is open, or nil when idle.
        public var medium: String?

        public init(role: DecoderRole, processID: Int32, sandbox: SandboxReport, medium: String?) {
            self.role = role
            self.processID = processID
            self.sandbox = sandbox
            self.medium = medium
        }
    }

    public var processes: [Process]
    /// Processes that ended otherwise than asked, since the daemon's start.
    public var deaths: Int
    /// Whether the kernel bounds a decoder's memory.
    public var limits: DecoderLimitReport
    /// Whether a decoder of the board decodes, and why not; nil before the first process was asked.
    public var hardware: HardwareReport?

    public init(
        processes: [Process], deaths: Int, limits: DecoderLimitReport = .absent(reason: "these decoders are simulated"),
        hardware: HardwareReport? = nil
    ) {
        self.processes = processes
        self.deaths = deaths
        self.limits = limits
        self.hardware = hardware
    }
}

/// Whether the kernel bounds the memory of decoder processes by control groups of their own.
public enum DecoderLimitReport: Sendable, Equatable {
    /// A process that needs more bytes than this is ended, and its medium earns a strike.
    case inForce(memoryBytes: Int)
    /// The limits that a process sets itself are all there is; why, in words.
    case absent(reason: String)
}

extension MediumDescription {
    /// `DecodedFrame.shown` of its frames in this format.
    public func shownSize(_ format: PixelFormat) -> PixelSize? {
        format.isYUV ? PixelSize(width: width, height: height) : nil
    }
}
