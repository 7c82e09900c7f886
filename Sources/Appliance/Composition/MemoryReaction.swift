import CLinux
import MediaIndex
import MemoryMonitor
import ServiceLifecycle
import WebInterface

/// What the appliance does about want of memory, beside what the player does: when it is critical, SQLite's caches and the
/// heap's free pages go. Who watches is told of each new level.
struct MemoryReaction: Service {
    let monitor: MemoryMonitor
    let index: MediaIndex
    let events: EventBroadcast

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await level in monitor.levels() {
                events.publish(.status)
                guard level == .critical else { continue }
                await index.releaseMemory()
                vitrine_trim_heap()
            }
        }
    }
}
