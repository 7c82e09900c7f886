import HTTPTypes
import Hummingbird

/// One call of the API, or one file of the page.
struct Route: Sendable {
    typealias Handler = @Sendable (WebRequest) async throws(ProblemError) -> Response

    let method: HTTPRequest.Method
    /// `/api/v1/media/{id}`.
    let path: String
    let audience: AccessPolicy.Audience
    /// Goes on as long as the client stays, so that a HEAD request has no answer.
    let isEndless: Bool
    let handle: Handler

    init(
        _ method: HTTPRequest.Method, _ path: String, for audience: AccessPolicy.Audience = .members,
        isEndless: Bool = false, handle: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.audience = audience
        self.isEndless = isEndless
        self.handle = handle
    }
}

/// All routes. Unlike Hummingbird's router it knows which methods a path has (RFC 9110 wants them with a 405) and whom
/// a route is for, before the first byte of a body is read.
struct RouteTable: Sendable {
    enum Match: Sendable {
        /// `isHead`: the answer goes out without its body.
        case found(Route, parameters: [String: String], isHead: Bool)
        case wrongMethod(allowed: [HTTPRequest.Method], audience: AccessPolicy.Audience)
        /// A part of the path is no percent-encoded UTF-8.
        case undecodable
        case unknown
    }

    private struct Entry: Sendable {
        let parts: [Substring]
        let route: Route
    }

    private let entries: [Entry]

    init(_ routes: [Route]) {
        entries = routes.map { Entry(parts: Self.parts(of: $0.path[...]), route: $0) }
    }

    var routes: [Route] { entries.map(\.route) }

    func match(_ method: HTTPRequest.Method, path: String) -> Match {
        let parts = Self.parts(of: path[...])
        let candidates = entries.filter { Self.fits(parts, $0.parts) }
        guard !candidates.isEmpty else { return .unknown }
        // A path in full letters comes before one with a place to fill.
        let closest = candidates.map { Self.places($0.parts) }.min()
        let here = candidates.filter { Self.places($0.parts) == closest }
        if let entry = here.first(where: { $0.route.method == method }) { return found(entry, parts, isHead: false) }
        if method == .head, let entry = here.first(where: { $0.route.method == .get && !$0.route.isEndless }) {
            return found(entry, parts, isHead: true)
        }
        var allowed = here.map(\.route.method)
        if here.contains(where: { $0.route.method == .get && !$0.route.isEndless }), !allowed.contains(.head) {
            allowed.append(.head)
        }
        let isForAnyone = here.allSatisfy { $0.route.audience == .anyone }
        return .wrongMethod(allowed: allowed, audience: isForAnyone ? .anyone : .members)
    }

    private func found(_ entry: Entry, _ parts: [Substring], isHead: Bool) -> Match {
        var parameters: [String: String] = [:]
        for (template, part) in zip(entry.parts, parts) where template.hasPrefix("{") {
            guard let decoded = PercentCoding.decode(part) else { return .undecodable }
            parameters[String(template.dropFirst().dropLast())] = decoded
        }
        return .found(entry.route, parameters: parameters, isHead: isHead)
    }

    private static func parts(of path: Substring) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func places(_ template: [Substring]) -> Int { template.count { $0.hasPrefix("{") } }

    private static func fits(_ parts: [Substring], _ template: [Substring]) -> Bool {
        guard parts.count == template.count else { return false }
        return zip(parts, template).allSatisfy { part, template in
            template.hasPrefix("{") ? !part.isEmpty : part == template
        }
    }
}
