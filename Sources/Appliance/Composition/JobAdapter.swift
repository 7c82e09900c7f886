import Intake
import MediaIndex
import WebInterface

/// The job board, as the web interface asks for it.
struct JobAdapter: JobSource {
    let board: JobBoard

    func jobs() async throws(ProblemError) -> [WebJob] { board.jobs().map { WebJob($0) } }

    func job(_ id: String) async throws(ProblemError) -> WebJob { WebJob(try found(id)) }

    func log(
        _ id: String, after: Int, follow: Bool
    ) async throws(ProblemError) -> any AsyncSequence<WebJobLine, Never> & Sendable {
        let job = try found(id)
        guard let lines = follow ? board.follow(job.id) : board.log(job.id).map(Self.stream) else {
            throw .notFound("job \(id)")
        }
        return lines.filter { $0.number > after }
            .map { WebJobLine(number: $0.number, time: Timestamp(milliseconds: $0.time), text: $0.text) }
    }

    private static func stream(_ lines: [JobLine]) -> AsyncStream<JobLine> {
        AsyncStream { continuation in
            for line in lines { continuation.yield(line) }
            continuation.finish()
        }
    }

    private func found(_ id: String) throws(ProblemError) -> IntakeJob {
        guard let number = Int(id), let job = board.job(number) else { throw .notFound("job \(id)") }
        return job
    }
}

extension WebJob {
    init(_ job: IntakeJob) {
        let state: State =
            switch job.state {
            case .queued: .waiting
            case .running: .running
            case .done: .succeeded
            case .failed: .failed
            }
        let title: String =
            switch job.kind {
            case .check: "Check \(job.name)"
            case .thumbnail: "Make a thumbnail of \(job.name)"
            case .rebuild: "Build the index anew"
            case .cleanup: "Clean up"
            }
        self.init(
            id: String(job.id), kind: job.kind.rawValue, title: title, state: state, progress: job.progress,
            mediaID: job.mediumID?.rawValue, createdAt: Timestamp(milliseconds: job.createdAt),
            finishedAt: job.endedAt.map { Timestamp(milliseconds: $0) }, reason: job.reason,
            suggestion: job.suggestion)
    }
}
