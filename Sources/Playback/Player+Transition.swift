import DisplayDrivers
import Frames
import LinuxSystem
import Logging
import MemoryMonitor

/// When a turn's first picture is due.
struct TurnStart: Sendable {
    /// When the picture before is over, or now.
    var due: MonotonicInstant
    /// A picture before it has an end that is known.
    var isScheduled: Bool
    /// Of the display's refreshes.
    var interval: Duration

    /// The refresh nearest to when it is due may take it.
    var notBefore: MonotonicInstant { due.advanced(by: .zero - interval / 2) }

    /// How far from where it belongs the first picture came onto the glass, for no other reason than that refreshes lie where
    /// they lie; zero when it was late.
    func deviation(of shown: MonotonicInstant) -> Duration {
        let deviation = due.duration(to: shown)
        return isScheduled && abs(deviation.wholeNanoseconds) <= interval.wholeNanoseconds ? deviation : .zero
    }
}

extension Player {
    /// So many refreshes without a new picture of what moves, and the transition goes on without one.
    private static let patience = 3

    /// A turn begins with its first picture, which is there. When the programme came here by itself, the picture before
    /// gives way to it as the settings say; what a person asked for, and what follows a picture of the appliance's own,
    /// comes at once.
    ///
    /// - Parameters:
    ///   - lasts: how long the medium is on; nil: not known.
    ///   - moves: it is no photo.
    func beginTurn(_ turn: Programme.Turn, on plan: Plan, lasts: Duration?, moves: Bool) -> TurnStart {
        let interval = plan.screen.refreshInterval
        let now = clock.now
        guard let handover else {
            // A decoder that is started again in the middle of it goes on in it.
            if fade?.turn != turn.number { fade = nil }
            return TurnStart(due: now, isScheduled: false, interval: interval)
        }
        self.handover = nil
        fade = makeFade(to: turn, on: plan, begin: max(handover, now), lasts: lasts, moves: moves)
        if fade != nil { fadeWakeup.wake() }
        let motion = moves ? fade?.transition.firstMotion : nil
        return TurnStart(due: max(handover, motion ?? handover), isScheduled: true, interval: interval)
    }

    private func makeFade(
        to turn: Programme.Turn, on plan: Plan, begin: MonotonicInstant, lasts: Duration?, moves: Bool
    ) -> Fade? {
        let length = Transition.length(
            wanted: settings.transitionTime, incoming: lasts, refreshInterval: plan.screen.refreshInterval)
        // It holds two pictures: where memory is short it is a cut.
        guard settings.transition != .cut, length > .zero, memoryLevel == .normal, let glass, glass.turn != nil,
            glass.turn != turn.number, glass.screen == plan.screen.size
        else { return nil }
        do {
            let black = try black ?? Fade.makeBlack()
            self.black = black
            return Fade(
                transition: Transition(settings.transition, begin: begin, length: length), turn: turn.number,
                moves: moves, screen: glass.screen, interval: plan.screen.refreshInterval, outgoing: glass.scene,
                black: black)
        } catch {
            logger.warning("no transition, there is no memory for it: \(error)")
            return nil
        }
    }

    /// The transition under way is over at once, and what it leads to is on the screen whole.
    func cutTransition() {
        guard fade != nil else { return }
        fade?.transition.length = .zero
        fadeWakeup.wake()
    }

    /// Has a transition go on with each refresh where nobody else presents: over a photo, during a pause, and while a
    /// decoder is slow. As long as there is none it sleeps.
    func keepTransition() async {
        while !Task.isCancelled {
            let seen = fadeWakeup.generation
            var wakeAt: MonotonicInstant?
            // While a picture is on its way, its end wakes this.
            if let fade, let glass, !isPresenting, glass.screen == fade.screen {
                let quietUntil = quietTime(of: glass, in: fade)
                if clock.now >= quietUntil {
                    guard await presentAgain(glass, notBefore: fade.nextStep(after: glass.shown.time)) else { return }
                    continue
                }
                wakeAt = quietUntil
            }
            await fadeWakeup.wait(after: seen, until: wakeAt, clock: clock)
        }
    }

    /// Until when pictures come by themselves, if they do.
    private func quietTime(of glass: Glass, in fade: Fade) -> MonotonicInstant {
        guard fade.incoming != nil else { return fade.transition.begin }
        guard fade.moves else { return glass.shown.time }
        return glass.pictureTime.advanced(by: max(fade.interval, glass.pace) * Self.patience)
    }

    /// Has a transition go on with each refresh until the next picture is due.
    ///
    /// - Parameter notBefore: no refresh from here on is used.
    /// - Returns: false when the task was cancelled.
    func fadeOn(until notBefore: MonotonicInstant) async -> Bool {
        while let fade, let glass, glass.screen == fade.screen, fade.incoming == nil || !programme.isPaused {
            let step = fade.nextStep(after: glass.shown.time)
            // As long as the last present took, this one may take, too: the next picture is not to come late for it.
            guard max(step, glass.shown.time.advanced(by: glass.pace)) < notBefore else { return true }
            guard await presentAgain(glass, notBefore: step) else { return false }
        }
        return true
    }
}
