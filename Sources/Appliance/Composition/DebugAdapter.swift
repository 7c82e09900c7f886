import MemoryMonitor
import WebInterface

/// What `debug.enabled` lets people try.
struct DebugAdapter: DebugControl {
    let memory: MemoryMonitor

    func simulateMemory(availableBytes: Int?, seconds: Double) async {
        if let availableBytes {
            memory.simulate(available: availableBytes, for: .seconds(seconds))
        } else {
            memory.stopSimulating()
        }
    }
}
