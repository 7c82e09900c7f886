import DecoderProtocol
import Logging

/// What decoder processes have told of the board's own decoders, and whether the next may try them. A value.
struct HardwareMemory: Equatable {
    /// Why none is tried any more.
    private(set) var fault: HardwareReport?
    private var last: HardwareReport?

    /// A device that stood still once is left alone until the daemon starts anew: each try may cost a thread, or a process.
    var mayBeUsed: Bool { fault == nil }

    mutating func said(_ report: HardwareReport) {
        last = report
        if report.state == .stuck { fault = fault ?? report }
    }

    /// A process was ended because it stood still, after it had told this.
    mutating func stalled(under report: HardwareReport, after limit: Duration) {
        guard report.state == .inUse else { return }
        said(HardwareReport(.stuck, "\(report.detail): it stood still for \(limit.components.seconds) s"))
    }

    /// For the status.
    ///
    /// - Parameter report: what the process told that plays.
    func report(ofCurrent report: HardwareReport?) -> HardwareReport? { fault ?? report ?? last }
}

extension DecoderPool {
    func noteHardware(_ change: (inout HardwareMemory) -> Void) {
        let couldBeUsed = hardware.mayBeUsed
        change(&hardware)
        if couldBeUsed, let fault = hardware.fault {
            log.warning("the board's video decoder is not used any more", metadata: ["why": "\(fault.detail)"])
        }
    }
}
