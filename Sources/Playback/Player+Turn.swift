import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Frames
import LinuxSystem
import Logging
import MediaIndex
import Supervision

extension Player {
    /// Before the end of what is shown, the next is made ready this early.
    static let prefetchLead: Duration = .seconds(3)
    /// A frame is handed to the display this long before its time; until then the player can still change its mind.
    static let presentLead: Duration = .milliseconds(100)

    /// Shows one turn to its end, restarting its decoder when that dies. Returns when the programme has gone on, or
    /// when cancelled.
    func play() async {
        while !Task.isCancelled {
            guard let plan = active, case .show(let turn) = plan.decision, let item = programme.item(turn.id) else {
                return
            }
            do {
                try await playOnce(item, turn, plan)
                return
            } catch {
                if Task.isCancelled { return }
                await recover(from: error, item)
                guard case .show(turn)? = currentPlan()?.decision else { return }
            }
        }
    }

    private func playOnce(_ item: ProgrammeItem, _ turn: Programme.Turn, _ plan: Plan) async throws(DecoderError) {
        // Of the same turn something was shown already: the decoder died, or the display has changed.
        let earlier = progress?.turn.number == turn.number ? progress : nil
        // From the picture that is on the glass: time that went by without one is not skipped, and a spot at which a
        // decoder stood still is met again, so that it counts.
        let resumed = earlier.flatMap { $0.kind == .video ? $0.lastShown : nil } ?? .zero
        var medium: OpenMedium
        if let ready = try await earlier == nil ? takePrefetched(item, for: plan) : nil {
            medium = ready
        } else {
            medium = try await open(item, for: plan.screen, fit: plan.fit, role: .current, start: resumed)
        }
        decoderStarted()
        let outcome: Result<Void, DecoderError>
        do {
            try await show(&medium, item, turn, plan, earlier: earlier)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await medium.session.close()
        try outcome.get()
    }

    private func show(
        _ medium: inout OpenMedium, _ item: ProgrammeItem, _ turn: Programme.Turn, _ plan: Plan, earlier: Progress?
    ) async throws(DecoderError) {
        if medium.firstFrame == nil { medium.firstFrame = try await medium.session.nextFrame() }
        guard medium.firstFrame != nil else {
            throw .failed(
                DecodeFailure(
                    code: .broken, reason: "There is no picture in it.", suggestion: "Choose another file."))
        }
        if item.kind == .image {
            try await showStill(&medium, item, turn, plan, earlier: earlier)
        } else {
            try await showMoving(&medium, item, turn, plan, isInterrupted: earlier?.isInterrupted ?? false)
        }
    }

    // MARK: Photos

    private func showStill(
        _ medium: inout OpenMedium, _ item: ProgrammeItem, _ turn: Programme.Turn, _ plan: Plan, earlier: Progress?
    ) async throws(DecoderError) {
        try await presentStill(&medium, item, turn, plan, earlier: earlier)
        await stay(item)
    }

    private func presentStill(
        _ medium: inout OpenMedium, _ item: ProgrammeItem, _ turn: Programme.Turn, _ plan: Plan, earlier: Progress?
    ) async throws(DecoderError) {
        guard let frame = medium.firstFrame else { return }
        medium.firstFrame = nil
        let beside: [Layer]
        if let ready = medium.sides {
            beside = ready
        } else {
            beside = await sides(of: frame, item, on: plan.screen.size, fit: plan.fit)
        }
        let start = beginTurn(turn, on: plan, lasts: photoTime(of: item), moves: false)
        guard let shown = await present(frame, plan, beside: beside, notBefore: start.notBefore) else {
            throw .cancelled
        }
        countChange(start, shown: shown.time)
        // The picture is in our memory: the decoder may end.
        await medium.session.close()
        worked(item.id)
        guard case .show(let turn)? = active?.decision else { throw .cancelled }
        var now = earlier ?? Progress(turn: turn, item: item)
        if now.watch == nil {
            now.watch = Stopwatch(startedAt: shown.time.advanced(by: .zero - start.deviation(of: shown.time)))
        }
        now.timeline = nil
        now.photoTime = photoTime(of: item)
        if programme.isPaused { now.pause(at: clock.now) }
        progress = now
        announce()
    }

    /// Sleeps until a photo's time is over, or for ever when nothing would follow.
    private func stay(_ item: ProgrammeItem) async {
        while !Task.isCancelled {
            let seen = wakeup.generation
            let now = clock.now
            guard let progress, let watch = progress.watch else { return }
            let time = photoTime(of: item)
            if progress.photoTime != time { self.progress?.photoTime = time }
            guard let end = watch.moment(of: time) else {
                await wakeup.wait(after: seen)
                continue
            }
            let follower = programme.successor(at: max(now, end))
            let soon = max(now, end).advanced(by: .zero - Self.presentLead)
            if follower == item.id, progress.turn.rule == .all {
                notePlayedWhole(item.id)
                await wakeup.wait(after: seen, until: programme.nextRetry(after: max(now, end)), clock: clock)
            } else if now >= end.advanced(by: .zero - Self.presentLead) {
                guard finish(progress.turn, at: max(now, end)) != nil else { return }
            } else {
                let early = end.advanced(by: .zero - Self.prefetchLead)
                if now >= early, let follower, follower != item.id { requestPrefetch(of: follower) }
                // Asking for it was an event of its own.
                await wakeup.wait(after: wakeup.generation, until: now < early ? early : soon, clock: clock)
            }
        }
    }

    func photoTime(of item: ProgrammeItem) -> Duration { item.photoTime ?? settings.photoTime }

    // MARK: Ends

    /// A turn has been shown to its end: the programme goes on.
    ///
    /// - Parameters:
    ///   - boundary: when its last picture is over.
    ///   - isWhole: that was surely its end.
    /// - Returns: the next turn, when it is of the same medium and goes on in the same session; nil: leave it.
    func finish(
        _ turn: Programme.Turn, at boundary: MonotonicInstant, isWhole: Bool = true
    ) -> Programme.Turn? {
        if isWhole, progress?.isInterrupted != true { notePlayedWhole(turn.id) }
        lastPrefetchLook = -1
        programme.finished(turn, at: clock.now)
        handover = boundary.advanced(by: .zero - (progress?.deviation ?? .zero))
        guard let plan = currentPlan(), plan.screen == active?.screen, plan.fit == active?.fit,
            case .show(let next) = plan.decision, next.id == turn.id
        else { return nil }
        active = plan
        progress?.turn = next
        progress?.isInterrupted = false
        handover = nil
        if next.rule != turn.rule { announce() }
        return next
    }

    func notePlayedWhole(_ id: MediumID) {
        guard toldWhole.insert(id).inserted else { return }
        wholePlays.append(id)
        wakeup.wake()
    }

    // MARK: Frames

    func present(
        _ frame: DecodedFrame, _ plan: Plan, beside: [Layer] = [], notBefore: MonotonicInstant
    ) async -> Presentation? {
        let picture = Layer(
            frame: frame.frame, destination: frame.place(plan.fit.placement, on: plan.screen.size))
        shownCard = nil
        var number: Int?
        if case .show(let turn) = plan.decision { number = turn.number }
        return await present(
            Scene(layers: beside.isEmpty ? [picture] : beside + [picture]), for: plan.screen.size, turn: number,
            notBefore: notBefore)
    }

    /// What is shown beside a photo; nothing where that is black.
    func sides(
        of frame: DecodedFrame, _ item: ProgrammeItem, on screen: PixelSize, fit: ScreenFit
    ) async -> [Layer] {
        guard fit == .blur, item.kind == .image else { return [] }
        do {
            return try await blurredSides.layers(
                beside: frame.frame, at: fit.placement.destination(of: frame.frame.size, on: screen), on: screen)
        } catch {
            logger.warning("the sides of \(item.name) stay black, there is no memory for them: \(error)")
            return []
        }
    }
}
