public import Frames

/// The messages between the daemon and a decoder process. One packet carries one message; see `PacketCoding.swift`
/// for the bytes. Both ends say their version first; a kind that the receiver does not know is skipped.
public enum DecoderProtocolVersion {
    public static let current: UInt16 = 2
}

/// What a decoder process is for.
public enum DecoderRole: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    /// Decodes what is on the screen.
    case current = 1
    /// Has the next item ready, and becomes current.
    case next = 2
    /// Probes and checks uploads and makes thumbnails, at low priority.
    case intake = 3

    public var description: String {
        switch self {
        case .current: "current"
        case .next: "next"
        case .intake: "intake"
        }
    }
}

/// Daemon to decoder.
public enum DecoderRequest: Sendable, Equatable {
    /// What `check` may ask for: a day at most. Another bound is no message.
    public static let checkSeconds: ClosedRange<Double> = 0...86_400

    /// First packet.
    case hello(version: UInt16, role: DecoderRole)
    /// The process changes its role (`next` becomes `current`); open sessions go on.
    case role(DecoderRole)
    /// Opens a medium; the packet carries its descriptor. One session at a time: what was open is closed first.
    case open(session: UInt32, OpenRequest)
    /// Lends a buffer of `byteCount` bytes to write a frame into; the packet carries the memfd the first time, and none
    /// when a buffer known by its number is lent again.
    case lend(session: UInt32, buffer: UInt32, byteCount: Int)
    /// A buffer is not lent again: the decoder lets go of its memory.
    case forget(session: UInt32, buffer: UInt32)
    /// Frames whose time has passed before this position need not be converted or sent.
    case late(session: UInt32, position: Int64)
    /// Makes a thumbnail: a JPEG into the buffer whose memfd this packet carries, at most `size` large; answered by
    /// `.thumbnail`, after which both ends forget the buffer.
    case thumbnail(session: UInt32, buffer: UInt32, byteCount: Int, size: PixelSize)
    /// Decodes the medium to its end, or to a bound of time, and measures; answered by `.progress` and `.checked`.
    case check(session: UInt32, seconds: Double)
    /// Ends the session and forgets its buffers.
    case close(session: UInt32)
}

/// What a session is opened for.
public struct OpenRequest: Sendable, Equatable {
    /// The display's size: frames are scaled to fit it, and never larger.
    public var screen: PixelSize
    public var fit: Fit
    /// What the display takes, best first; a medium comes in the first of these that it can come in. xrgb8888 suits all.
    ///
    /// yuv420 and nv12 are for video that needs no turning and no tone mapping. It comes unscaled then unless it is larger
    /// than its place on the screen, since a plane that takes YUV also scales; `FrameLayout.colour` says what its numbers
    /// mean.
    public var formats: [PixelFormat]
    /// Start again at the end, for ever, with presentation times that go on growing and `iteration` that counts.
    public var loops: Bool
    /// Where to begin, in nanoseconds. What lies between the key frame before and this is decoded and left out, for some
    /// seconds at most; after those it begins where decoding has got to.
    public var start: Int64
    /// What decoding may cost, beyond the lent buffers.
    public var memoryLimit: Int
    public var threads: Int
    /// `.mp4`, `.jpg`, …: a hint where content alone is ambiguous. Never trusted.
    public var suffix: String
    /// A decoder of the board may be tried. One that refuses, or that stands still, is answered for by software.
    public var mayUseHardware: Bool

    public init(
        screen: PixelSize, fit: Fit, formats: [PixelFormat], loops: Bool, start: Int64 = 0,
        memoryLimit: Int, threads: Int, suffix: String, mayUseHardware: Bool = true
    ) {
        self.screen = screen
        self.fit = fit
        self.formats = formats
        self.loops = loops
        self.start = start
        self.memoryLimit = memoryLimit
        self.threads = threads
        self.suffix = suffix
        self.mayUseHardware = mayUseHardware
    }
}

/// Decoder to daemon.
public enum DecoderAnswer: Sendable, Equatable {
    /// Answer to `hello`, once the sandbox is in place: what it consists of here.
    case hello(version: UInt16, sandbox: SandboxReport)
    /// What there is of the board's own decoders; behind the greeting, and whenever it changes.
    case hardware(HardwareReport)
    /// The medium is open: what it is, and how large a buffer for a frame must be.
    case opened(session: UInt32, MediumDescription, bufferByteCount: Int)
    /// A frame is in a lent buffer, which is the daemon's again.
    case frame(session: UInt32, FrameReport)
    /// The last frame of what does not loop has been sent. A photo's only frame is its end: this need not follow it.
    case ended(session: UInt32)
    case thumbnail(session: UInt32, buffer: UInt32, byteCount: Int)
    case progress(session: UInt32, fraction: Double)
    case checked(session: UInt32, CheckReport)
    /// The session cannot go on. The process is well and takes the next one.
    case failed(session: UInt32, DecodeFailure)
}

/// Which parts of the sandbox the kernel had; each with the reason when it did not.
public struct SandboxReport: Sendable, Equatable {
    /// nil: in force. Otherwise why not, in words.
    public var noNewPrivileges: String?
    public var landlock: String?
    public var seccomp: String?

    public init(noNewPrivileges: String? = nil, landlock: String? = nil, seccomp: String? = nil) {
        self.noNewPrivileges = noNewPrivileges
        self.landlock = landlock
        self.seccomp = seccomp
    }

    public var isComplete: Bool { noNewPrivileges == nil && landlock == nil && seccomp == nil }
}

/// Whether a decoder of the board decodes video, and why not.
public struct HardwareReport: Sendable, Equatable {
    public enum State: UInt8, Sendable {
        /// There is none, or it may not be used.
        case absent = 1
        /// There is one, and nothing that it decodes now.
        case ready = 2
        case inUse = 3
        /// It would not decode this medium, which software does.
        case refused = 4
        /// It stood still. It is not tried again.
        case stuck = 5
    }

    public var state: State
    /// Which, or why not, in words.
    public var detail: String

    public init(_ state: State, _ detail: String) {
        self.state = state
        self.detail = detail
    }
}

public enum MediumKind: UInt8, Sendable, CaseIterable {
    case image = 1
    case animation = 2
    case video = 3
}

/// One stream of a medium.
public struct StreamDescription: Sendable, Equatable {
    public enum Kind: UInt8, Sendable {
        case video = 1
        case audio = 2
        case subtitle = 3
        case other = 4
    }

    public var kind: Kind
    /// libavcodec's name: `h264`, `aac`, …; `heic`, `webp`, … where another library decodes.
    public var codec: String
    /// ISO 639-2, or empty.
    public var language: String

    public init(kind: Kind, codec: String, language: String) {
        self.kind = kind
        self.codec = codec
        self.language = language
    }
}

/// What a medium is, as its content says.
public struct MediumDescription: Sendable, Equatable {
    /// What a rate may be, in frames per second. Another one is no message.
    public static let frameRates: ClosedRange<Double> = 0...100_000

    public var kind: MediumKind
    /// Container or file format: `jpeg`, `mov,mp4,…`, …
    public var format: String
    /// Size as shown: upright, and the pixel aspect counted into the width.
    public var width: Int
    public var height: Int
    /// Clockwise turn that was applied: 0, 90, 180, 270.
    public var rotation: Int
    /// nil: a photo, or unknown.
    public var durationNanoseconds: Int64?
    /// Frames per second as the file says; nil for a photo, or unknown.
    public var frameRate: Double?
    public var seekable: Bool
    public var streams: [StreamDescription]

    /// When it was taken, in seconds since 1970; where the file tells no zone, as if it were UTC.
    public var takenAt: Int64?

    public init(
        kind: MediumKind, format: String, width: Int, height: Int, rotation: Int, durationNanoseconds: Int64?,
        frameRate: Double?, seekable: Bool, streams: [StreamDescription], takenAt: Int64? = nil
    ) {
        self.kind = kind
        self.format = format
        self.width = width
        self.height = height
        self.rotation = rotation
        self.durationNanoseconds = durationNanoseconds
        self.frameRate = frameRate
        self.seekable = seekable
        self.streams = streams
        self.takenAt = takenAt
    }
}

/// A frame that lies in a lent buffer.
public struct FrameReport: Sendable, Equatable {
    public var buffer: UInt32
    public var layout: FrameLayout
    /// Nanoseconds since the medium's beginning, so that with `OpenRequest.start` the first frame's is near that; grows
    /// across iterations.
    public var presentationTime: Int64
    /// How long it stays, in nanoseconds; 0: not known, or for ever.
    public var duration: Int64
    /// 0 the first time through, then counting.
    public var iteration: Int
    /// The first after a jump: the time before it says nothing of the time of it.
    public var discontinuity: Bool
    public var cacheable: Bool

    public init(
        buffer: UInt32, layout: FrameLayout, presentationTime: Int64, duration: Int64, iteration: Int,
        discontinuity: Bool, cacheable: Bool
    ) {
        self.buffer = buffer
        self.layout = layout
        self.presentationTime = presentationTime
        self.duration = duration
        self.iteration = iteration
        self.discontinuity = discontinuity
        self.cacheable = cacheable
    }
}

/// What a check found.
public struct CheckReport: Sendable, Equatable {
    /// What a rate may be, in frames per second. Another one is no message.
    public static let decodeRates: ClosedRange<Double> = 0...1_000_000

    public var frames: Int
    /// Frames per second that this board decodes and converts; nil for a photo.
    public var decodeRate: Double?
    /// True when the bound of time ended the check before the medium did.
    public var partial: Bool

    public init(frames: Int, decodeRate: Double?, partial: Bool) {
        self.frames = frames
        self.decodeRate = decodeRate
        self.partial = partial
    }
}

/// Why a session cannot go on.
public struct DecodeFailure: Error, Sendable, Equatable {
    public enum Code: UInt8, Sendable {
        /// No medium of a known format.
        case notMedia = 1
        /// A known format that this decoder lacks.
        case unsupported = 2
        /// Damaged or cut off.
        case broken = 3
        /// Would cost more memory than allowed.
        case tooLarge = 4
        /// Reading the file failed.
        case unreadable = 5
        /// The request made no sense in this state.
        case misuse = 6
    }

    public var code: Code
    /// What happened, in words.
    public var reason: String
    /// What to do about it.
    public var suggestion: String

    public init(code: Code, reason: String, suggestion: String) {
        self.code = code
        self.reason = reason
        self.suggestion = suggestion
    }
}
