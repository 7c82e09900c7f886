import DecoderClient
import DecoderProtocol
import LinuxSystem
import Logging
import MediaIndex
import Supervision

extension Player {
    /// Decides what follows a fault, and waits when the same medium is to be tried again. The picture stays meanwhile.
    func recover(from error: DecoderError, _ item: ProgrammeItem) async {
        let now = clock.now
        switch error {
        case .failed(let failure):
            logger.warning("\(item.name) cannot be shown: \(failure.reason)")
            let notice = FaultNotice(
                medium: item.id, title: "This file cannot be shown", fileName: item.name, reason: failure.reason,
                suggestion: failure.suggestion)
            programme.failed(item.id, notice, at: now)
            changed()
        case .cannotStart(let reason):
            if !decoderIsMissing { logger.error("the decoder cannot be started: \(reason)") }
            decoderIsMissing = true
            let notice = FaultNotice(
                title: "The decoder cannot be started", reason: reason,
                suggestion: "It is tried again by itself. If it stays so, restart the device.")
            programme.obstructed(notice, until: now.advanced(by: startBackOff.failed()))
            changed()
        case .died(let how, let ownDoing):
            await restart(item, what: "its decoder ended: \(how)", strike: ownDoing)
        case .stalled(let time):
            await restart(item, what: "its decoder stood still for \(time.components.seconds) s", strike: true)
        case .closed, .cancelled:
            // Nobody here closed it: what is behind it went away, as in a death from outside.
            await restart(item, what: "its decoder was taken away", strike: false)
        }
    }

    private func restart(_ item: ProgrammeItem, what: String, strike: Bool) async {
        let now = clock.now
        progress?.isInterrupted = true
        if strike {
            toldWhole.remove(item.id)
            await source.strike(item.id, reason: what)
        }
        var policy = restarts[item.id] ?? RestartPolicy(settings.restarts)
        let verdict = policy.died(at: now)
        restarts[item.id] = policy
        switch verdict {
        case .restart(let moment):
            logger.warning("\(item.name): \(what); starting it again")
            while clock.now < moment, !Task.isCancelled {
                await wakeup.wait(after: wakeup.generation, until: moment, clock: clock)
            }
        case .exhausted(let nextTry):
            logger.error("\(item.name): \(what); going on without it")
            let notice = FaultNotice(
                medium: item.id, title: "This file stops the decoder", fileName: item.name,
                reason: "It could not be played: \(what).",
                suggestion: "It is tried again later. If it never plays, delete it and upload it in another format.")
            programme.failed(item.id, notice, retryAt: nextTry, at: now)
            changed()
        }
    }

    /// A picture of this medium came onto the glass.
    func worked(_ id: MediumID) {
        guard var policy = restarts[id] else { return }
        policy.worked(at: clock.now)
        restarts[id] = policy.restartsInARow == 0 && !policy.isExhausted ? nil : policy
    }

    func decoderStarted() {
        if decoderIsMissing { logger.notice("the decoder starts again") }
        decoderIsMissing = false
        startBackOff.succeeded()
    }
}
