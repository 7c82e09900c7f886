import HTTPTypes
import Hummingbird

/// What the appliance works on.
enum JobRoutes {
    private struct List: Encodable {
        var items: [Job]
    }

    static func all(_ jobs: any JobSource, counters: WebCounters, heartbeat: Duration) -> [Route] {
        [
            Route(.get, "/api/v1/jobs") { _ throws(ProblemError) in try .json(List(items: try await jobs.jobs())) },
            Route(.get, "/api/v1/jobs/{id}") { request throws(ProblemError) in
                try .json(try await jobs.job(try request.parameter("id")))
            },
            Route(.get, "/api/v1/jobs/{id}/log", isEndless: true) { request throws(ProblemError) in
                let seen = request.header(.lastEventID).flatMap { Int($0) } ?? 0
                let id = try request.parameter("id")
                let follow = try request.query("follow") != "false"
                let lines = try await jobs.log(id, after: max(0, seen), follow: follow)
                return EventStream(request: request, counters: counters, heartbeat: heartbeat).response(to: lines)
            },
        ]
    }
}

extension EventStream {
    /// The lines, and an `end` that tells the page not to come again.
    fileprivate func response<Lines: AsyncSequence & Sendable>(to lines: Lines) -> Response
    where Lines.Element == JobLogLine, Lines.Failure == Never {
        response(
            lines.map { line in
                ServerSentEvent.of(line, name: "line", id: String(line.number))
            }, last: ServerSentEvent(name: "end", data: Array("{}".utf8)).text)
    }
}
