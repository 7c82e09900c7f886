import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Frames
import LinuxSystem
import MediaIndex

extension Player {
    /// Shows a video or an animation, frame after frame, until the programme goes on.
    func showMoving(
        _ medium: inout OpenMedium, _ item: ProgrammeItem, _ turn: Programme.Turn, _ plan: Plan,
        isInterrupted: Bool
    ) async throws(DecoderError) {
        // Held here for longer, it would keep its buffer from the decoder.
        var upcoming = medium.firstFrame
        medium.firstFrame = nil
        var turn = turn
        lastPrefetchLook = -1
        var now = Progress(turn: turn, item: item)
        now.length = MediumLength(
            told: medium.session.description.durationNanoseconds.map { Duration.nanoseconds($0) } ?? item.duration)
        now.length.begin(measured: cache.facts(of: medium.key)?.length)
        let lasts = now.length.value.map { total($0, of: item) }
        let start = beginTurn(turn, on: plan, lasts: lasts, moves: true)
        now.timeline = Timeline(start: start.due, refreshInterval: plan.screen.refreshInterval)
        now.isInterrupted = isInterrupted
        progress = now
        beginCounting(item, medium.session, lasts: lasts, on: plan.screen)

        // Session position at which this turn began: times count from the medium's beginning, wherever the session began.
        var turnStart = Duration.zero
        var iteration = upcoming?.iteration ?? 0
        var frameCount = 0
        var prefetchAt = prefetchTime(item, turnStart: turnStart)

        while true {
            let frame: DecodedFrame
            var wait: Duration?
            if let next = upcoming {
                frame = next
                upcoming = nil
            } else {
                let asked = clock.now
                switch try await next(of: medium.session, item, turnStart: turnStart) {
                case .frame(let next):
                    frame = next
                    wait = asked.duration(to: clock.now)
                case .turnIsOver(let moment, let isSure):
                    _ = finish(turn, at: moment, isWhole: isSure)
                    return
                case .sessionIsOver:
                    try await outlastEnd(item, turn, frameCount: frameCount)
                    return
                }
            }
            if frameCount > 0 { try await holdWhilePaused() }
            if frame.iteration != iteration {
                iteration = frame.iteration
                let boundary = progress?.timeline?.due(at: frame.presentationTime) ?? clock.now
                wait = nil
                learn { $0.begin(measured: cache.facts(of: medium.key)?.length) }
                if isComplete(item, shown: frame.presentationTime - turnStart) {
                    guard let same = finish(turn, at: boundary) else { return }
                    turn = same
                    turnStart = frame.presentationTime
                    prefetchAt = prefetchTime(item, turnStart: turnStart)
                }
                progress?.iterationStart = frame.presentationTime
            }
            let position = frame.presentationTime - (progress?.iterationStart ?? .zero)
            learn { $0.came(at: position, after: wait) }
            try await show(
                frame, medium, item, plan, start: frameCount == 0 ? start : nil, prefetchAt: prefetchAt)
            frameCount += 1
        }
    }

    private func show(
        _ frame: DecodedFrame, _ medium: OpenMedium, _ item: ProgrammeItem, _ plan: Plan, start: TurnStart?,
        prefetchAt: Duration?
    ) async throws(DecoderError) {
        let isFirst = start != nil
        if leavesOut(frame, isFirst: isFirst) { return }
        while true {
            let verdict = progress?.timeline?.place(
                position: frame.presentationTime, duration: frame.duration,
                discontinuity: frame.discontinuity && !isFirst, now: clock.now)
            guard case .show(let notBefore)? = verdict else {
                if case .drop(let position)? = verdict {
                    await medium.session.late(before: position.wholeNanoseconds)
                }
                return
            }
            guard await fadeOn(until: notBefore) else { throw .cancelled }
            if let prefetchAt, let due = progress?.timeline?.due(at: prefetchAt) {
                try await prefetchAndWait(item, due: due, notBefore: notBefore)
                // A pause on the way has moved everything.
                if !isFirst, programme.isPaused {
                    try await holdWhilePaused()
                    continue
                }
            }
            guard let shown = await present(frame, plan, notBefore: notBefore) else { throw .cancelled }
            progress?.timeline?.shown(at: shown.time)
            if let start {
                progress?.deviation = start.deviation(of: shown.time)
                countChange(start, shown: shown.time)
            }
            let due = isFirst ? nil : progress?.timeline?.due(at: frame.presentationTime)
            count(frame, shown: shown.time, due: due, interval: plan.screen.refreshInterval)
            await spareNext(after: frame, medium.session)
            if let start = progress?.iterationStart { progress?.lastShown = frame.presentationTime - start }
            worked(item.id)
            if isFirst {
                if programme.isPaused { progress?.pause(at: shown.time) }
                announce()
            }
            return
        }
    }

    /// Waits until a frame may be handed to the display, and has the next medium made ready when it is time.
    private func prefetchAndWait(
        _ item: ProgrammeItem, due: MonotonicInstant, notBefore: MonotonicInstant
    ) async throws(DecoderError) {
        let handOver = notBefore.advanced(by: .zero - Self.presentLead)
        while true {
            let seen = wakeup.generation
            let now = clock.now
            if now >= due, lastPrefetchLook != seen {
                lastPrefetchLook = seen
                let follower = programme.successor(at: now)
                if let follower, follower != item.id { requestPrefetch(of: follower) }
            }
            guard now < handOver, !programme.isPaused else { return }
            await wakeup.wait(after: seen, until: now < due ? min(due, handOver) : handOver, clock: clock)
            if Task.isCancelled { throw .cancelled }
        }
    }

    /// The position in the session from which on the next medium is made ready: near the end, and when that is near
    /// from the start, half-way.
    private func prefetchTime(_ item: ProgrammeItem, turnStart: Duration) -> Duration? {
        guard let duration = progress?.duration, duration > .zero else { return turnStart + .seconds(1) }
        let total = total(duration, of: item)
        return turnStart + max(total / 2, total - Self.prefetchLead)
    }

    /// Learns how long the medium is.
    private func learn(_ change: (inout MediumLength) -> Void) {
        guard var length = progress?.length else { return }
        let before = length.value
        change(&length)
        progress?.length = length
        if length.value != before { announce() }
    }

    /// How long a turn lasts.
    private func total(_ duration: Duration, of item: ProgrammeItem) -> Duration {
        item.kind == .animation && duration > .zero
            ? Self.wholeLoops(of: duration, for: settings.minimumLoop) : duration
    }

    /// Whether a turn has been shown long enough, at the end of an iteration.
    func isComplete(_ item: ProgrammeItem, shown: Duration) -> Bool {
        item.kind != .animation || shown >= settings.minimumLoop
    }

    /// The least time of whole iterations that is at least this long.
    static func wholeLoops(of duration: Duration, for least: Duration) -> Duration {
        let (one, wanted) = (duration.wholeNanoseconds, least.wholeNanoseconds)
        return .nanoseconds(max(1, (wanted + one - 1) / one) * one)
    }

    /// A session that should loop has ended: its last picture stays for its time, and a lone one as a photo would.
    private func outlastEnd(
        _ item: ProgrammeItem, _ turn: Programme.Turn, frameCount: Int
    ) async throws(DecoderError) {
        let least: Duration = frameCount > 1 ? .seconds(1) : photoTime(of: item)
        while true {
            try await holdWhilePaused()
            let seen = wakeup.generation
            let now = clock.now
            let start = progress?.timeline?.due(at: progress?.iterationStart ?? .zero) ?? now
            let end = max(progress?.timeline?.endOfLast ?? now, start.advanced(by: least))
            if now >= end {
                _ = finish(turn, at: end)
                return
            }
            await wakeup.wait(after: seen, until: end, clock: clock)
            if Task.isCancelled { throw .cancelled }
        }
    }

    private func holdWhilePaused() async throws(DecoderError) {
        while programme.isPaused {
            let seen = wakeup.generation
            guard programme.isPaused else { return }
            guard await wakeup.wait(after: seen) else { throw .cancelled }
        }
        if Task.isCancelled { throw .cancelled }
    }
}
