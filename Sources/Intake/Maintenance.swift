public import Logging
public import MediaIndex
public import ServiceLifecycle
import LinuxSystem

/// Work on the library as a whole that a person asks for, one piece after the other, each a job with a log.
public actor Maintenance: Service {
    public enum Work: Sendable, CaseIterable {
        case rebuildIndex
        case cleanup

        var kind: Job.Kind {
            switch self {
            case .rebuildIndex: .rebuild
            case .cleanup: .cleanup
            }
        }
    }

    private let library: MediaLibrary
    private let uploads: UploadStore
    private let jobs: JobBoard
    private let logger: Logger
    private let wakeup = Wakeup()
    private var waiting: [(id: Int, work: Work)] = []
    private var running: (id: Int, work: Work)?

    public init(library: MediaLibrary, uploads: UploadStore, jobs: JobBoard, logger: Logger) {
        self.library = library
        self.uploads = uploads
        self.jobs = jobs
        self.logger = logger
    }

    /// Has a piece of work done soon. Asked for again before it has ended, it is the same job.
    public func begin(_ work: Work) -> Job? {
        let same = ([running].compactMap { $0 } + waiting).first { $0.work == work }
        let id = same?.id ?? jobs.add(work.kind)
        if same == nil { waiting.append((id, work)) }
        wakeup.wake()
        return jobs.job(id)
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        while !Task.isCancelled {
            let seen = wakeup.generation
            guard !waiting.isEmpty else {
                await wakeup.wait(after: seen)
                continue
            }
            let next = waiting.removeFirst()
            running = next
            jobs.start(next.id)
            do throws(MediaFault) {
                try await perform(next.work, next.id)
                jobs.end(next.id)
            } catch {
                logger.error("\(next.work.kind.rawValue) failed: \(error)")
                jobs.say(next.id, error.description)
                jobs.end(next.id, failure: (error.reason, error.suggestion))
            }
            running = nil
        }
    }

    private func perform(_ work: Work, _ id: Int) async throws(MediaFault) {
        switch work {
        case .rebuildIndex:
            jobs.say(id, "Reading the library")
            let findings = try await library.rebuild()
            for finding in findings {
                logger.warning("\(finding)")
                jobs.say(id, finding.description)
            }
            logger.notice("the index was rebuilt", metadata: ["findings": "\(findings.count)"])
            jobs.say(id, findings.isEmpty ? "Rebuilt; nothing was amiss" : "Rebuilt; \(findings.count) findings")
        case .cleanup:
            try await uploads.expire()
            jobs.say(id, "Uploads that nobody goes on with are gone")
            await library.index.releaseMemory()
            jobs.say(id, "The index has given its memory back")
        }
    }
}
