import Hummingbird

/// Maintenance for people without a shell.
enum SystemRoutes {
    /// The longest time for the test picture, in seconds.
    static let testSeconds: ClosedRange<Double> = 1...3600

    private struct Begun: Encodable {
        var action: String
        var job: Job?
    }

    private struct FaultList: Encodable { var items: [FaultEntry] }

    private struct TestPicture: Codable {
        var seconds: Double?
        var moves: Bool?
    }

    static func all(_ system: any SystemControl) -> [Route] {
        SystemAction.allCases.map { action in
            Route(.post, "/api/v1/system/\(action.rawValue)") { _ throws(ProblemError) in
                try .json(Begun(action: action.rawValue, job: try await system.begin(action)), status: .accepted)
            }
        } + [
            Route(.post, "/api/v1/system/test-picture") { request throws(ProblemError) in
                let asked = request.hasBody ? try await request.json(TestPicture.self) : TestPicture()
                let seconds = asked.seconds ?? 30
                guard testSeconds.contains(seconds) else {
                    throw .badRequest("The test picture is shown for 1 to 3600 seconds.")
                }
                try await system.showTestPicture(seconds: seconds, moves: asked.moves ?? true)
                return try .json(TestPicture(seconds: seconds, moves: asked.moves ?? true))
            },
            Route(.get, "/api/v1/system/faults") { _ throws(ProblemError) in
                try .json(FaultList(items: await system.faultLog()))
            },
        ]
    }
}
