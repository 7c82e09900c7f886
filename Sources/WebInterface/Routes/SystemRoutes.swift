import Hummingbird

/// Maintenance for people without a shell.
enum SystemRoutes {
    /// How long the board's light may blink, in seconds.
    static let locateSeconds: ClosedRange<Double> = 0...600
    /// The longest time for the test picture, in seconds.
    static let testSeconds: ClosedRange<Double> = 1...3600

    private struct Begun: Encodable {
        var action: String
        var job: Job?
    }

    private struct FaultList: Encodable { var items: [FaultEntry] }

    private struct Locating: Codable { var seconds: Double? }

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
            Route(.post, "/api/v1/system/locate") { request throws(ProblemError) in
                let seconds = (request.hasBody ? try await request.json(Locating.self) : Locating()).seconds ?? 30
                guard locateSeconds.contains(seconds) else {
                    throw .badRequest("The light blinks for at most 600 seconds.")
                }
                try await system.locate(seconds: seconds)
                return try .json(Locating(seconds: seconds))
            },
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
