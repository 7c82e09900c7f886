import BoardSupport
import Intake
import Logging
import MediaIndex
import Playback
import Supervision
import WebInterface

/// Maintenance, as the web interface asks for it.
struct SystemAdapter: SystemControl {
    let maintenance: Maintenance
    let player: Player
    let light: LightKeeper
    let erasing: Erasing
    let faultHistory: FaultLog
    let shutdown: @Sendable () -> Void
    let logger: Logger

    func begin(_ action: SystemAction) async throws(ProblemError) -> WebJob? {
        switch action {
        case .restart:
            logger.notice("a person asked for a restart")
            shutdown()
            return nil
        case .eraseData:
            do throws(MediaFault) {
                try await erasing.begin()
            } catch {
                throw ProblemError(error)
            }
            return nil
        case .cleanup: return await maintenance.begin(.cleanup).map { WebJob($0) }
        case .rebuildIndex: return await maintenance.begin(.rebuildIndex).map { WebJob($0) }
        }
    }

    func locate(seconds: Double) async throws(ProblemError) {
        guard light.hasLight else {
            throw .conflict(
                "This board has no light that could blink.", suggestion: "Show the address on the screen instead.")
        }
        await light.locate(for: .seconds(seconds))
    }

    func showTestPicture(seconds: Double, moves: Bool) async throws(ProblemError) {
        await player.showTestPicture(for: .seconds(seconds), moves: moves)
    }

    func faultLog() async -> [FaultEntry] {
        await faultHistory.records().map { record in
            FaultEntry(
                number: record.number, time: record.time, uptimeSeconds: record.uptime, kind: record.kind.rawValue,
                text: record.text)
        }
    }
}
