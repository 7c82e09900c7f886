import DisplayDrivers
import Intake
import MediaIndex
import Playback
import ServiceLifecycle
import WebInterface

/// Tells the web interface's listeners what the rooms announce.
struct EventBridge: Service {
    let player: Player
    let chain: DisplayChain
    let jobs: JobBoard
    let library: MediaLibrary
    let events: EventBroadcast
    let memory: MemoryRelease

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in player.changes() {
                        memory.stir()
                        events.publish(.status)
                    }
                }
                group.addTask { for await _ in chain.reportChanges() { events.publish(.status) } }
                group.addTask { for await job in jobs.events() { await tell(job) } }
            }
        }
    }

    private func tell(_ job: IntakeJob) async {
        if job.hasEnded { memory.stir() }
        guard events.hasListeners else { return }
        events.publish(.job(WebJob(job)))
        if job.hasEnded, let id = job.mediumID, let medium = try? await library.medium(id) {
            events.publish(.medium(MediaItem(medium)))
        }
        if job.hasEnded, job.kind == .rebuild { events.publish(.everything) }
    }
}
