import DecoderProtocol
import Frames
import LinuxSystem
import Synchronization

/// A session of `ScriptedDecoder`.
final class ScriptedSession: DecoderSession {
    private struct State {
        var role: DecoderRole
        var nextFrame: Int
        var isLent = false
        /// Frames that hold a buffer of the session.
        var framesOut: Set<UInt32> = []
        var error: DecoderError?
        /// The first frame of an iteration is there by then.
        var restartedAt: MonotonicInstant
    }

    private enum Step {
        case frame(Int)
        case end
        case wait
        case waitUntil(MonotonicInstant)
        case fail(DecoderError)
    }

    let name: String
    private let id: Int
    private let decoder: ScriptedDecoder
    private let medium: ScriptedMedium
    private let loops: Bool
    private let layout: FrameLayout
    private let firstFrame: Int
    private let state: Mutex<State>

    init(
        decoder: ScriptedDecoder, id: Int, name: String, role: DecoderRole, request: OpenRequest,
        medium: ScriptedMedium
    ) {
        self.decoder = decoder
        self.id = id
        self.name = name
        self.medium = medium
        loops = request.loops && medium.frameCount > 1
        let place = request.fit.destination(
            of: PixelSize(width: medium.description.width, height: medium.description.height), on: request.screen)
        let seen = PixelSize(
            width: max(1, min(place.width, request.screen.width)),
            height: max(1, min(place.height, request.screen.height)))
        let wanted = request.formats.first ?? .xrgb8888
        layout =
            wanted.isYUV && medium.description.kind == .video
            ? FrameLayout(packed: wanted, size: medium.stored ?? seen)
            : FrameLayout(packed: wanted.isYUV ? .xrgb8888 : wanted, size: seen)
        let step = medium.frameDuration.wholeNanoseconds
        firstFrame = medium.description.seekable && step > 0 ? Int(request.start / step) : 0
        state = Mutex(
            State(role: role, nextFrame: 0, restartedAt: decoder.clock.now.advanced(by: medium.restartTime)))
    }

    deinit { decoder.forget(id, name: name) }

    var description: MediumDescription { medium.description }
    var isLent: Bool { state.withLock { $0.isLent } }
    var role: DecoderRole { state.withLock { $0.role } }

    func fail(_ error: DecoderError) { state.withLock { if $0.error == nil { $0.error = error } } }

    func nextFrame() async throws(DecoderError) -> DecodedFrame? {
        while true {
            try await decoder.waitWhileHeld()
            let seen = decoder.wakeup.generation
            switch step() {
            case .frame(let number): return try paint(number)
            case .end: return nil
            case .fail(let error): throw error
            case .wait: guard await decoder.wakeup.wait(after: seen) else { throw .cancelled }
            case .waitUntil(let moment):
                await decoder.wakeup.wait(after: seen, until: moment, clock: decoder.clock)
                if Task.isCancelled { throw .cancelled }
            }
        }
    }

    func readyFrame() async throws(DecoderError) -> DecodedFrame? {
        switch step() {
        case .frame(let number): return try paint(number)
        case .end, .wait, .waitUntil: return nil
        case .fail(let error): throw error
        }
    }

    func keep(_ frame: Frame) async {
        state.withLock { _ = $0.framesOut.remove(frame.buffer.id) }
        decoder.wakeup.wake()
    }

    private func step() -> Step {
        state.withLock { state in
            if let error = state.error { return .fail(error) }
            let spot = (firstFrame + state.nextFrame) % max(1, medium.frameCount)
            if let error = medium.error(at: .frame(state.nextFrame)) ?? medium.error(at: .spot(spot)) {
                state.error = error
                return .fail(error)
            }
            if !loops && firstFrame + state.nextFrame >= medium.frameCount { return .end }
            if state.framesOut.count >= decoder.bufferCount { return .wait }
            let now = decoder.clock.now
            if spot == 0, now < state.restartedAt { return .waitUntil(state.restartedAt) }
            if spot == medium.frameCount - 1 { state.restartedAt = now.advanced(by: medium.restartTime) }
            defer { state.nextFrame += 1 }
            return .frame(state.nextFrame)
        }
    }

    /// - Parameter number: of the session.
    private func paint(_ number: Int) throws(DecoderError) -> DecodedFrame {
        let position = firstFrame + number
        let buffer: FrameBuffer
        do {
            buffer = try FrameBuffer(name: "vitrine-scripted", byteCount: layout.byteCount)
        } catch {
            throw .cannotStart(reason: "no memory for a frame: \(error)")
        }
        buffer.memory.withBytes { medium.paint(position % medium.frameCount, layout, $0) }
        state.withLock { _ = $0.framesOut.insert(buffer.id) }
        let frame = Frame(buffer: buffer, layout: layout) { [weak self, wakeup = decoder.wakeup] buffer in
            self?.state.withLock { _ = $0.framesOut.remove(buffer.id) }
            wakeup.wake()
        }
        return DecodedFrame(
            frame: frame, presentationTime: medium.frameDuration * position,
            duration: medium.frameCount > 1 ? medium.frameDuration : nil, iteration: position / medium.frameCount,
            discontinuity: number == 0, cacheable: true, shown: description.shownSize(layout.format))
    }

    func lend(from lender: (any FrameLending)?) async { state.withLock { $0.isLent = lender != nil } }

    func late(before position: Int64) async {
        decoder.note(.late(name: name, before: position))
        state.withLock { state in
            let step = medium.frameDuration.wholeNanoseconds
            guard step > 0 else { return }
            let due = Int((position + step - 1) / step) - firstFrame
            let last = loops ? due : min(due, medium.frameCount - 1 - firstFrame)
            state.nextFrame = max(state.nextFrame, last)
        }
    }

    func promote() async {
        state.withLock { $0.role = .current }
        decoder.note(.promoted(name: name))
    }

    func thumbnail(size: PixelSize) async throws(DecoderError) -> [UInt8] {
        try await decoder.waitWhileHeld()
        try throwIfFailed(at: .thumbnail)
        return medium.thumbnail
    }

    func check(
        seconds: Double, progress: @Sendable @escaping (Double) -> Void
    ) async throws(DecoderError) -> CheckReport {
        try await decoder.waitWhileHeld()
        progress(0.5)
        try throwIfFailed(at: .check)
        progress(1)
        if let report = medium.report { return report }
        let rate = medium.description.frameRate.map { $0 * 10 }
        return CheckReport(frames: medium.frameCount, decodeRate: rate, partial: false)
    }

    private func throwIfFailed(at moment: ScriptedMedium.Moment) throws(DecoderError) {
        let error = state.withLock { state in
            if state.error == nil { state.error = medium.error(at: moment) }
            return state.error
        }
        if let error { throw error }
    }

    func close() async {
        fail(.closed)
        decoder.forget(id, name: name)
    }
}
