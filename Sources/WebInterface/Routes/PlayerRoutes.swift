import Hummingbird

/// What a person does to what is playing.
enum PlayerRoutes {
    private struct Pick: Decodable {
        var id: String
    }

    static func all(_ player: any PlayerControl) -> [Route] {
        [
            Route(.post, "/api/v1/player/pause") { _ throws(ProblemError) in try .json(try await player.pause()) },
            Route(.post, "/api/v1/player/resume") { _ throws(ProblemError) in try .json(try await player.resume()) },
            Route(.post, "/api/v1/player/next") { _ throws(ProblemError) in try .json(try await player.next()) },
            Route(.post, "/api/v1/player/previous") { _ throws(ProblemError) in
                try .json(try await player.previous())
            },
            Route(.post, "/api/v1/player/info") { _ throws(ProblemError) in try .json(try await player.info()) },
            Route(.post, "/api/v1/player/show") { request throws(ProblemError) in
                try .json(try await player.show(try await request.json(Pick.self).id))
            },
        ]
    }
}
