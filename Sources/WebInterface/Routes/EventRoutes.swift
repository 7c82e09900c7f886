import Hummingbird

/// What changes, as it changes.
enum EventRoutes {
    /// Changes within this time go out as one piece.
    private static let gathering: Duration = .milliseconds(100)

    private struct Identity: Encodable {
        var id: String
    }

    private struct Nothing: Encodable {}

    static func all(_ neighbours: Neighbours, counters: WebCounters, heartbeat: Duration) -> [Route] {
        let (events, status) = (neighbours.events, neighbours.status)
        return [
            Route(.get, "/api/v1/events", isEndless: true) { request throws(ProblemError) in
                let listener = events.listen()
                let texts = listener.rings.map { _ in
                    try? await Task.sleep(for: gathering)
                    var text = ""
                    for event in listener.take() { text += await Self.text(of: event, status) }
                    return text
                }
                return EventStream(request: request, counters: counters, heartbeat: heartbeat).response(texts)
            }
        ]
    }

    private static func text(of event: ApplianceEvent, _ status: any StatusSource) async -> String {
        switch event {
        case .status: ServerSentEvent.of(await status.status(), name: "status")
        case .medium(let item): ServerSentEvent.of(item, name: "medium")
        case .mediumRemoved(let id): ServerSentEvent.of(Identity(id: id), name: "medium-removed")
        case .job(let job): ServerSentEvent.of(job, name: "job")
        case .settings: ServerSentEvent.of(Nothing(), name: "config")
        case .everything: ServerSentEvent.of(Nothing(), name: nil)
        }
    }
}
