import Intake
import Logging
import MediaIndex
import WebInterface

/// Maintenance, as the web interface asks for it.
struct SystemAdapter: SystemControl {
    let library: MediaLibrary
    let uploads: UploadStore
    let events: EventBroadcast
    let shutdown: @Sendable () -> Void
    let logger: Logger

    func begin(_ action: SystemAction) async throws(ProblemError) -> WebJob? {
        switch action {
        case .restart:
            logger.notice("a person asked for a restart")
            shutdown()
        case .cleanup:
            try await answering { () async throws(MediaFault) in
                try await uploads.expire()
                await library.index.releaseMemory()
            }
        case .rebuildIndex:
            let findings = try await answering { () async throws(MediaFault) in try await library.rebuild() }
            logger.notice("the index was rebuilt", metadata: ["findings": "\(findings.count)"])
            for finding in findings { logger.warning("\(finding)") }
            events.publish(.everything)
        }
        return nil
    }
}
