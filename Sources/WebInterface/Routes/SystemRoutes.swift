import Hummingbird

/// Maintenance for people without a shell.
enum SystemRoutes {
    private struct Begun: Encodable {
        var action: String
        var job: Job?
    }

    static func all(_ system: any SystemControl) -> [Route] {
        SystemAction.allCases.map { action in
            Route(.post, "/api/v1/system/\(action.rawValue)") { _ throws(ProblemError) in
                try .json(Begun(action: action.rawValue, job: try await system.begin(action)), status: .accepted)
            }
        }
    }
}
