import LinuxSystem
import Supervision
import Synchronization
import WebInterface

/// What is wrong now, for the status: each lasting fault has a key, and stands from its begin to its end. Both are noted in
/// the fault log, which outlives the plug.
final class FaultBoard: Sendable {
    private let faults = Mutex<[String: StatusFault]>([:])
    private let announcements = Announcements<[String: StatusFault]>([:])
    private let log: FaultLog?

    init(log: FaultLog? = nil) { self.log = log }

    func begin(_ key: String, part: String, detail: String, suggestion: String? = nil) {
        let fault = StatusFault(part: part, detail: detail, suggestion: suggestion)
        let isNew = faults.withLock { faults in
            let before = faults.updateValue(fault, forKey: key)
            if before != fault { announcements.announce(faults) }
            return before == nil
        }
        // One that goes on in other words is the same fault.
        if isNew { log?.note(.begin, key: key, Self.text(fault)) }
    }

    func end(_ key: String) {
        let ended = faults.withLock { faults in
            let ended = faults.removeValue(forKey: key)
            if ended != nil { announcements.announce(faults) }
            return ended
        }
        guard let fault = ended else { return }
        log?.note(.end, key: key, Self.text(fault))
    }

    /// Something that happened once, and is no state.
    func happened(_ key: String, part: String, detail: String) {
        log?.note(.event, key: key, "\(part): \(detail)")
    }

    /// All that stand now, by key, and again at every change.
    func changes() -> AsyncStream<[String: StatusFault]> { announcements.listen() }

    func has(_ key: String) -> Bool { faults.withLock { $0[key] != nil } }

    var current: [StatusFault] { faults.withLock { $0.sorted { $0.key < $1.key }.map(\.value) } }

    private static func text(_ fault: StatusFault) -> String { "\(fault.part): \(fault.detail)" }
}
