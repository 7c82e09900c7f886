import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What every request goes through: its route, whether it may, the route's answer or the problem, and the headers that
/// every answer has.
struct WebResponder: HTTPResponder {
    let table: RouteTable
    let policy: AccessPolicy
    let gatekeeper: Gatekeeper
    let counters: WebCounters
    let onAnswer: @Sendable () -> Void

    init(
        configuration: WebConfiguration, neighbours: Neighbours, gatekeeper: Gatekeeper,
        onAnswer: @escaping @Sendable () -> Void = {}
    ) {
        let counters = WebCounters()
        let heartbeat = configuration.heartbeat
        var routes = StaticPage().routes
        routes += StatusRoutes.all(neighbours.status, counters: counters)
        routes += EventRoutes.all(neighbours, counters: counters, heartbeat: heartbeat)
        routes += ScreenRoutes.all(neighbours.screen, counters: counters)
        routes += PlayerRoutes.all(neighbours.player)
        routes += MediaRoutes.all(neighbours.library)
        routes += PutRoute.all(neighbours.uploads)
        routes += TusRoutes.all(neighbours.uploads)
        routes += JobRoutes.all(neighbours.jobs, counters: counters, heartbeat: heartbeat)
        routes += SettingsRoutes.all(neighbours.settings)
        routes += SystemRoutes.all(neighbours.system)
        if let debug = neighbours.debug { routes += DebugRoutes.all(debug) }
        routes += ClaimRoutes.all(gatekeeper)
        self.table = RouteTable(routes)
        self.policy = AccessPolicy(
            mode: configuration.access,
            hosts: HostNames(device: configuration.deviceName, additional: configuration.hostNames))
        self.gatekeeper = gatekeeper
        self.counters = counters
        self.onAnswer = onAnswer
    }

    func respond(to request: Request, context: WebContext) async throws -> Response {
        var isHead = false
        var response: Response
        do throws(ProblemError) {
            (response, isHead) = try await answer(request, context)
        } catch {
            isHead = request.method == .head
            response = error.response
        }
        if response.status.code >= 500 {
            context.logger.debug("\(request.method) \(request.uri.path): \(response.status.code)")
        }
        if isHead { response = response.createHeadResponse() }
        SecurityHeaders.add(to: &response.headers)
        response.headers[.date] = Timestamp.now.httpDate
        if response.status.kind == .clientError || response.status.kind == .serverError {
            lastAnswer(&response, request, context)
        }
        counters.countRequest(status: response.status.code)
        onAnswer()
        return response
    }

    private func answer(
        _ request: Request, _ context: WebContext
    ) async throws(ProblemError) -> (Response, isHead: Bool) {
        let method = try effectiveMethod(of: request)
        let match = table.match(method, path: request.uri.path)
        let standing = try policy.standing(of: facts(request, context, match))
        switch match {
        case .unknown: throw .notFound("page or call at this address")
        case .undecodable: throw .badRequest("The address is no percent-encoded UTF-8 text.")
        case .wrongMethod(let allowed, _):
            let names = Set(allowed.map(\.rawValue)).sorted().joined(separator: ", ")
            throw ProblemError(
                status: 405, category: .validation, title: "Method not allowed",
                detail: "\(method.rawValue) makes no sense here; \(names) would.", headers: [.init("Allow", names)])
        case .found(let route, let parameters, let isHead):
            let incoming = WebRequest(
                request: request, context: context, parameters: parameters, standing: standing)
            return (try await route.handle(incoming), isHead || method == .head)
        }
    }

    /// Old proxies and clients know no PATCH and DELETE, so tus lets them say it in a header of a POST.
    private func effectiveMethod(of request: Request) throws(ProblemError) -> HTTPRequest.Method {
        guard request.method == .post, let name = request.headers[.methodOverride] else { return request.method }
        switch name.uppercased() {
        case "PATCH": return .patch
        case "DELETE": return .delete
        case "HEAD": return .head
        default: throw .badRequest("X-HTTP-Method-Override has to be PATCH, DELETE or HEAD.")
        }
    }

    private func facts(_ request: Request, _ context: WebContext, _ match: RouteTable.Match) -> AccessPolicy.Facts {
        let audience: AccessPolicy.Audience =
            switch match {
            case .found(let route, _, _): route.audience
            case .wrongMethod(_, let audience): audience
            case .undecodable, .unknown: request.uri.path.hasPrefix("/api/") ? .members : .anyone
            }
        let token = SessionToken(
            authorization: request.headers[.authorization], cookies: request.headers[values: .cookie])
        return AccessPolicy.Facts(
            door: context.door, isChanging: ![.get, .head, .options].contains(request.method), audience: audience,
            host: request.head.authority, origin: request.headers[.origin], fetchSite: request.headers[.fetchSite],
            fetchMode: request.headers[.fetchMode], hasSession: token.map(gatekeeper.knows) ?? false)
    }

    /// A refused body need not arrive. The connection stays for a moment, so that the client gets to read why.
    private func lastAnswer(_ response: inout Response, _ request: Request, _ context: WebContext) {
        guard
            (request.headers[.contentLength].flatMap { Int($0) } ?? 0) > 0 || request.headers[.transferEncoding] != nil
        else { return }
        response.headers[.connection] = "close"
        let channel = context.channel
        channel.eventLoop.scheduleTask(in: .init(WebConfiguration.lingering)) { channel.close(promise: nil) }
    }
}
