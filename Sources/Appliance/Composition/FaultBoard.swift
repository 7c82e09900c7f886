import Synchronization
import WebInterface

/// What is wrong now, for the status: each lasting fault has a key, and stands from its begin to its end.
final class FaultBoard: Sendable {
    private let faults = Mutex<[String: StatusFault]>([:])

    func begin(_ key: String, part: String, detail: String, suggestion: String? = nil) {
        faults.withLock { $0[key] = StatusFault(part: part, detail: detail, suggestion: suggestion) }
    }

    func end(_ key: String) { faults.withLock { $0[key] = nil } }

    var current: [StatusFault] { faults.withLock { $0.sorted { $0.key < $1.key }.map(\.value) } }
}
