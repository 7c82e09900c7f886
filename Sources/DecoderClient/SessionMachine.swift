import DecoderProtocol
import Frames
import LinuxSystem

/// What is known of one session, and what follows from what happens. A value: it does nothing by itself.
struct SessionMachine {
    enum Phase {
        case opening
        case open(MediumDescription)
        /// Nothing comes any more from the decoder: why.
        case over(DecoderError)
    }

    /// What the owner has to do.
    enum Action {
        case send(DecoderRequest, attaching: FrameBuffer?)
        /// Allocate so many buffers and call `allocated`.
        case allocate(count: Int, byteCount: Int)
        /// The same of one, while the decoder goes on with those that it has.
        case replace(byteCount: Int)
        /// The same of one that takes the number of another, of another class of memory: the decoder forgets that one then.
        case exchange(number: UInt32, byteCount: Int, asScanout: Bool)
        /// Tell how far a check is.
        case progress(Double)
    }

    /// What a reader gets.
    enum Step {
        case frame(FrameReport, FrameBuffer)
        case end
        case fail(DecoderError)
        case wait
    }

    enum Job {
        case none
        case thumbnail(FrameBuffer)
        case thumbnailDone([UInt8])
        case check
        case checkDone(CheckReport)

        var isRunning: Bool {
            switch self {
            case .thumbnail, .check: true
            case .none, .thumbnailDone, .checkDone: false
            }
        }
    }

    /// The longest that one frame stays, in nanoseconds: a little more than a GIF can say (655.35 s).
    private static let longestStay: Int64 = 660_000_000_000
    /// The largest gap between two frames that is believed, in nanoseconds.
    private static let largestGap: Int64 = 10_000_000_000

    let id: UInt32
    let request: OpenRequest
    private let counts: DecoderPoolSettings.Buffers
    private(set) var role: DecoderRole
    private(set) var phase: Phase = .opening
    /// Known once it was open, and kept.
    private(set) var description: MediumDescription?
    private(set) var job: Job = .none
    /// How its frames lie; nil before the first.
    private(set) var layout: FrameLayout?
    /// A packet came for this session.
    private(set) var wasHeard = false
    private var ledger = BufferLedger()
    private var ready: [(FrameReport, FrameBuffer)] = []
    private var bufferByteCount = 0
    private var wantsFrames: Bool
    private var hasEnded = false
    private var latestTime: Int64 = 0
    /// When the frames so far are over; nil before the first.
    private var latestEnd: Int64?
    private var latestIteration = 0

    init(id: UInt32, request: OpenRequest, role: DecoderRole, counts: DecoderPoolSettings.Buffers) {
        self.id = id
        self.request = request
        self.role = role
        self.counts = counts
        // What is only checked needs no frames until somebody asks for one.
        wantsFrames = role != .intake
    }

    /// Buffers that are lent, or have frames in them.
    var bufferCount: Int { ledger.count }
    /// Whether some of its buffers are a display's.
    var hasScanout: Bool { ledger.hasScanout }

    /// The decoder has something to do, so that its silence means something.
    var isOwed: Bool {
        switch phase {
        case .opening: return true
        case .over: return false
        case .open:
            return job.isRunning || (!hasEnded && ledger.lentCount > 0)
        }
    }

    // MARK: What the decoder says

    mutating func received(_ answer: DecoderAnswer) throws(Misbehaviour) -> [Action] {
        wasHeard = true
        switch (answer, phase) {
        case (.opened(_, let medium, let byteCount), .opening):
            guard (1...BufferLedger.byteLimit(for: request)).contains(byteCount) else {
                throw Misbehaviour("a wish for a buffer of \(byteCount) bytes")
            }
            bufferByteCount = byteCount
            phase = .open(medium)
            description = medium
            return wanted()
        case (.frame(_, let report), .open):
            return try received(report)
        case (.ended, .open):
            hasEnded = true
            return []
        case (.thumbnail(_, let number, let byteCount), .open):
            guard case .thumbnail(let buffer) = job, buffer.id == number else {
                throw Misbehaviour("a thumbnail that nobody asked for")
            }
            guard (1...buffer.memory.byteCount).contains(byteCount) else {
                throw Misbehaviour("a thumbnail larger than its buffer")
            }
            job = .thumbnailDone(buffer.memory.withBytes { Array($0[..<byteCount]) })
            return []
        case (.progress(_, let fraction), .open):
            guard case .check = job else { throw Misbehaviour("the progress of a check that nobody asked for") }
            return [.progress(min(max(fraction, 0), 1))]
        case (.checked(_, let report), .open):
            guard case .check = job else { throw Misbehaviour("a check that nobody asked for") }
            job = .checkDone(report)
            return []
        case (.failed(_, let failure), .opening), (.failed(_, let failure), .open):
            phase = .over(.failed(failure))
            return []
        case (_, .over):
            return []
        default:
            throw Misbehaviour("an answer out of turn")
        }
    }

    private mutating func received(_ report: FrameReport) throws(Misbehaviour) -> [Action] {
        let buffer = try ledger.take(report, for: request)
        layout = report.layout
        guard !hasEnded else { throw Misbehaviour("a frame after the end") }
        var report = report
        // Times that run back are a fault of the file that a pacer must not see.
        report.presentationTime = max(report.presentationTime, latestTime)
        report.iteration = max(report.iteration, latestIteration)
        report.duration = min(max(report.duration, 0), Self.longestStay)
        // Times that leap would hold the screen until then: what follows is shown when the frame before it is over.
        if let latestEnd, report.presentationTime > latestEnd + Self.largestGap { report.discontinuity = true }
        latestEnd = report.presentationTime + report.duration
        latestTime = report.presentationTime
        latestIteration = report.iteration
        ready.append((report, buffer))
        // A photo's only frame is its end, said or not.
        if description?.kind == .image { hasEnded = true }
        return []
    }

    // MARK: What the daemon wants

    /// The next frame in order. Frames that came before a failure are handed out before it.
    mutating func takeFrame() -> Step {
        if !ready.isEmpty {
            let (report, buffer) = ready.removeFirst()
            return .frame(report, buffer)
        }
        switch phase {
        case .over(let error): return .fail(error)
        case .open where hasEnded: return .end
        case .open, .opening: return .wait
        }
    }

    /// Somebody asks for frames.
    mutating func startFrames() -> [Action] {
        guard !wantsFrames else { return [] }
        wantsFrames = true
        return wanted()
    }

    mutating func promoted() -> [Action] {
        role = .current
        return wanted()
    }

    mutating func allocated(_ buffers: [FrameBuffer]) -> [Action] {
        for buffer in buffers { ledger.lend(buffer) }
        return buffers.map { .send(lend($0), attaching: $0) }
    }

    /// The last reference to the frame in a buffer went.
    ///
    /// - Parameter asScanout: which class of memory its next frame should lie in.
    mutating func released(_ buffer: UInt32, asScanout: Bool = false) -> [Action] {
        guard case .open = phase, !hasEnded else { return [] }
        if ledger.isScanout(buffer) == !asScanout, ledger.giveAway(buffer) {
            return [.exchange(number: buffer, byteCount: bufferByteCount, asScanout: asScanout)]
        }
        guard let buffer = ledger.lendAgain(buffer) else { return [] }
        return [.send(lend(buffer), attaching: nil)]
    }

    /// The frame in a buffer is kept: another buffer takes its place, and the decoder needs to know it no longer.
    mutating func kept(_ buffer: UInt32) -> [Action] {
        guard ledger.giveAway(buffer), case .open = phase else { return [] }
        let forget = Action.send(.forget(session: id, buffer: buffer), attaching: nil)
        return hasEnded ? [forget] : [forget, .replace(byteCount: bufferByteCount)]
    }

    /// - Returns: nil when the session is over or another job runs.
    mutating func startThumbnail(_ size: PixelSize, into buffer: FrameBuffer) -> [Action]? {
        guard case .open = phase, !job.isRunning else { return nil }
        job = .thumbnail(buffer)
        let byteCount = buffer.memory.byteCount
        return [
            .send(.thumbnail(session: id, buffer: buffer.id, byteCount: byteCount, size: size), attaching: buffer)
        ]
    }

    /// - Returns: nil when the session is over or another job runs.
    mutating func startCheck(seconds: Double) -> [Action]? {
        guard case .open = phase, !job.isRunning else { return nil }
        job = .check
        return [.send(.check(session: id, seconds: seconds), attaching: nil)]
    }

    /// The job's result was taken.
    mutating func finishJob() { job = .none }

    /// The session cannot go on, for a reason that the decoder did not tell. The first reason stays.
    mutating func fail(_ error: DecoderError) {
        if case .over = phase { return }
        phase = .over(error)
        job = .none
    }

    /// Nobody wants it any more. Frames that nobody took are forgotten.
    mutating func close() {
        phase = .over(.closed)
        job = .none
        ready = []
        ledger = BufferLedger()
    }

    private func lend(_ buffer: FrameBuffer) -> DecoderRequest {
        .lend(session: id, buffer: buffer.id, byteCount: buffer.memory.byteCount)
    }

    /// The buffers that are still missing.
    private func wanted() -> [Action] {
        guard case .open(let medium) = phase, wantsFrames else { return [] }
        let target =
            switch medium.kind {
            case .image: counts.photo
            case .animation, .video: role == .next ? counts.waiting : counts.playing
            }
        guard target > ledger.count else { return [] }
        return [.allocate(count: target - ledger.count, byteCount: bufferByteCount)]
    }
}
