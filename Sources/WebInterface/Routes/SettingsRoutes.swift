import Hummingbird

/// The settings that the page shows.
enum SettingsRoutes {
    static func all(_ settings: any SettingsAccess) -> [Route] {
        [
            Route(.get, "/api/v1/config") { _ throws(ProblemError) in try .json(await settings.settings()) },
            Route(.patch, "/api/v1/config") { request throws(ProblemError) in
                let values = try await request.json([String: JSONValue].self)
                return try .json(try await settings.change(values))
            },
        ]
    }
}
