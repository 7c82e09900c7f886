import HTTPTypes
import Hummingbird

/// How a device gets access.
enum ClaimRoutes {
    private struct Claim: Decodable {
        var pin: String
        /// What the device calls itself.
        var label: String?
        /// Answer with the token instead of a cookie: for programs.
        var token: Bool?
    }

    private struct Granted: Encodable {
        var claimed = true
        var token: String?
    }

    private struct State: Encodable {
        var state: Gatekeeper.State
        /// Whether who asks has access.
        var member: Bool

        private enum CodingKeys: String, CodingKey {
            case member
        }

        func encode(to encoder: any Encoder) throws {
            try state.encode(to: encoder)
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(member, forKey: .member)
        }
    }

    static func all(_ gatekeeper: Gatekeeper) -> [Route] {
        [
            Route(.get, "/api/v1/claim", for: .anyone) { request throws(ProblemError) in
                try .json(State(state: await gatekeeper.state, member: request.standing == .member))
            },
            Route(.post, "/api/v1/claim", for: .anyone) { request throws(ProblemError) in
                let claim = try await request.json(Claim.self)
                let label = claim.label ?? request.header(.userAgent) ?? "unknown"
                let token = try await gatekeeper.claim(pin: claim.pin, label: label)
                if claim.token == true { return try .json(Granted(token: token.text)) }
                return try .json(Granted(), headers: [.setCookie: token.cookie])
            },
            Route(.post, "/api/v1/claim/pin") { _ throws(ProblemError) in
                try .json(State(state: try await gatekeeper.showPIN(), member: true))
            },
        ]
    }
}
