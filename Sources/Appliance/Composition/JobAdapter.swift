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
        return NumberedLines(lines: lines, after: after)
    }

    private static func stream(_ lines: [String]) -> AsyncStream<String> {
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

/// The lines of a log with their numbers, those before left out.
private struct NumberedLines: AsyncSequence, Sendable {
    let lines: AsyncStream<String>
    let after: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        var lines: AsyncStream<String>.AsyncIterator
        let after: Int
        var number = 0

        mutating func next() async -> WebJobLine? { await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async -> WebJobLine? {
            while let text = await lines.next(isolation: actor) {
                number += 1
                if number > after { return WebJobLine(number: number, time: .now, text: text) }
            }
            return nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(lines: lines.makeAsyncIterator(), after: after) }
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
            }
        self.init(
            id: String(job.id), kind: job.kind.rawValue, title: title, state: state, progress: job.progress,
            mediaID: job.mediumID.rawValue, createdAt: Timestamp(milliseconds: job.createdAt),
            finishedAt: job.endedAt.map { Timestamp(milliseconds: $0) }, reason: job.reason,
            suggestion: job.suggestion)
    }
}
