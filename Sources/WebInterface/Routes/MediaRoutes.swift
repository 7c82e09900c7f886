import Hummingbird

/// The library.
enum MediaRoutes {
    static let largestPage = 200
    /// Bytes of a name at most. File systems take 255; a name is only text here.
    static let largestName = 255

    /// `photo_seconds` is told apart from `"photo_seconds": null`, which takes the photo back to the general setting.
    private struct Patch: Decodable {
        var change = MediaChange()

        private enum CodingKeys: String, CodingKey {
            case name, photoSeconds
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            change.name = try fields.decodeIfPresent(String.self, forKey: .name)
            guard fields.contains(.photoSeconds) else { return }
            let seconds = try fields.decodeIfPresent(Double.self, forKey: .photoSeconds)
            change.photoSeconds = seconds.map { .set($0) } ?? .general
        }
    }

    static func all(_ library: any LibraryAccess) -> [Route] {
        [
            Route(.get, "/api/v1/media") { request throws(ProblemError) in
                try .json(try await library.page(try query(of: request)))
            },
            Route(.get, "/api/v1/media/{id}") { request throws(ProblemError) in
                try .json(try await library.medium(try request.parameter("id")))
            },
            Route(.patch, "/api/v1/media/{id}") { request throws(ProblemError) in
                let change = try await request.json(Patch.self).change
                try check(change)
                return try .json(try await library.change(try request.parameter("id"), change))
            },
            Route(.delete, "/api/v1/media/{id}") { request throws(ProblemError) in
                try await library.delete(try request.parameter("id"))
                return Response(status: .noContent)
            },
            Route(.post, "/api/v1/media/{id}/retry") { request throws(ProblemError) in
                try .json(try await library.retry(try request.parameter("id")))
            },
            Route(.get, "/api/v1/media/{id}/thumbnail") { request throws(ProblemError) in
                let file = try await library.thumbnail(try request.parameter("id"))
                return FileAnswer(file: file, isDownload: false).response(to: request)
            },
            Route(.get, "/api/v1/media/{id}/file") { request throws(ProblemError) in
                let file = try await library.file(try request.parameter("id"))
                let isDownload = try request.query("download") != nil
                return FileAnswer(file: file, isDownload: isDownload).response(to: request)
            },
        ]
    }

    private static func query(of request: WebRequest) throws(ProblemError) -> MediaQuery {
        var query = MediaQuery()
        if let limit = try request.query("limit", in: 1...largestPage) { query.limit = limit }
        query.after = try request.query("after")
        query.text = try request.query("query")
        query.kind = try choice(request, "kind")
        query.state = try choice(request, "state")
        return query
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ request: WebRequest, _ name: String
    ) throws(ProblemError) -> Choice? {
        guard let text = try request.query(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("\(name) has to be one of: \(choices).")
        }
        return choice
    }

    private static func check(_ change: MediaChange) throws(ProblemError) {
        var faults: [ProblemError.Fault] = []
        if let name = change.name, name.isEmpty || name.utf8.count > largestName {
            faults.append(.init(key: "name", detail: "A name has 1 to \(largestName) bytes."))
        }
        if case .set(let seconds) = change.photoSeconds, !(1...86_400).contains(seconds) {
            faults.append(.init(key: "photo_seconds", detail: "A photo stays from one second to a day."))
        }
        if let first = faults.first { throw .invalid(first.detail, faults: faults) }
    }
}
