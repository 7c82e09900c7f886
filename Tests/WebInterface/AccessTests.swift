import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import WebInterface

/// Every route with every credential.
@Suite(.timeLimit(.minutes(1))) struct AccessTests {
    /// What anybody may ask for. Whatever is added to the server is closed unless it is added here, too.
    private static let open: Set<String> = [
        "GET /healthz", "GET /api/v1/claim", "POST /api/v1/claim", "GET /api/v1/openapi.yaml", "GET /",
    ]

    private var closed: Harness {
        var harness = Harness()
        harness.configuration.access = .pin
        // Streams end at once, so that every route answers.
        harness.appliance.pictureFeed.continuation.finish()
        harness.appliance.jobLines.continuation.finish()
        return harness
    }

    private enum Credential: CaseIterable {
        case none, wrongCookie, wrongBearer, cookie, bearer

        var fields: HTTPFields {
            switch self {
            case .none: [:]
            case .wrongCookie: [.cookie: "vitrine_session=\(String(repeating: "b", count: 64))"]
            case .wrongBearer: [.authorization: "Bearer \(String(repeating: "b", count: 64))"]
            case .cookie: [.cookie: "other=1; vitrine_session=\(Harness.member.text)"]
            case .bearer: [.authorization: "Bearer \(Harness.member.text)"]
            }
        }

        var isGood: Bool { self == .cookie || self == .bearer }
    }

    @Test func everyRouteWithEveryCredential() async throws {
        let harness = closed
        let files = Set(PageFiles.all.map { "GET \($0.path)" })
        for route in await harness.responder().table.routes where route.path != "/api/v1/events" {
            let call = "\(route.method.rawValue) \(route.path)"
            let path = route.path.replacing("{id}", with: "7")
            for credential in Credential.allCases {
                let answer = try await harness.ask(route.method, path, credential.fields)
                let mayPass = credential.isGood || Self.open.contains(call) || files.contains(call)
                #expect((answer.status != .unauthorized) == mayPass, "\(call) with \(credential)")
                if !mayPass {
                    #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"vitrine\"")
                    #expect(answer.headers[.contentType] == "application/problem+json")
                }
            }
        }
        #expect(harness.appliance.state.withLock { $0.begun.count } == 2 * SystemAction.allCases.count)
    }

    @Test func theStreamOfEventsIsForMembers() async throws {
        #expect(try await closed.ask(.get, "/api/v1/events").status == .unauthorized)
    }

    @Test func strangersLearnNothingOfWhatThereIs() async throws {
        let harness = closed
        #expect(try await harness.ask(.get, "/api/v1/nothing").status == .unauthorized)
        #expect(try await harness.ask(.put, "/api/v1/status").status == .unauthorized)
        #expect(try await harness.ask(.get, "/nothing").status == .notFound)
        let health = try await harness.ask(.get, "/healthz")
        #expect(health.status == .ok && health.json["checks"]["display"]["status"] == .string("healthy"))
        #expect(health.json["checks"]["display"]["detail"] == .null)
        let known = try await harness.ask(.get, "/healthz", Credential.cookie.fields)
        #expect(known.json["checks"]["display"]["detail"] == .string("1280x720"))
    }

    @Test func aPageElsewhereCannotAct() async throws {
        var fields = Credential.cookie.fields
        fields[.origin] = "http://evil.example"
        for path in ["/api/v1/player/pause", "/api/v1/claim", "/api/v1/system/restart"] {
            #expect(try await closed.ask(.post, path, fields).status == .forbidden)
        }
        fields[.origin] = "http://localhost"
        #expect(try await closed.ask(.post, "/api/v1/player/pause", fields).status == .ok)
        fields[.fetchSite] = "cross-site"
        #expect(try await closed.ask(.post, "/api/v1/player/pause", fields).status == .forbidden)
        // A method in a header does not make a change into reading.
        fields = Credential.cookie.fields
        fields[.methodOverride] = "HEAD"
        fields[.origin] = "http://evil.example"
        #expect(try await closed.ask(.post, "/api/v1/status", fields).status == .forbidden)
    }

    @Test func claiming() async throws {
        var harness = closed
        let screen = FakeClaim()
        harness.claim = screen
        try await harness.ask { client in
            let pin = try #require(screen.pin)
            let state = try await client.execute(uri: "/api/v1/claim", method: .get)
            #expect(state.json == .object(["claimed": .bool(false), "pin_shown": .bool(true), "member": .bool(false)]))
            func claim(_ body: String) async throws -> TestResponse {
                try await client.execute(uri: "/api/v1/claim", method: .post, headers: .json, body: .init(string: body))
            }
            let wrong = try await claim(#"{"pin":"x"}"#)
            #expect(wrong.status == .forbidden)
            #expect(wrong.json["suggestion"] == .string("Look at the screen and try again; 4 tries are left."))
            let right = try await claim(#"{"pin":"\#(pin)"}"#)
            #expect(right.status == .ok && right.json == .object(["claimed": .bool(true)]))
            let cookie = try #require(right.headers[.setCookie])
            #expect(cookie.hasSuffix("; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"))
            let pair = try #require(cookie.split(separator: ";").first.map(String.init))
            let status = try await client.execute(uri: "/api/v1/status", method: .get, headers: [.cookie: pair])
            #expect(status.status == .ok)
            #expect(try await claim(#"{"pin":"\#(pin)"}"#).status == .conflict)
            // One more device, and a program this time.
            let shown = try await client.execute(uri: "/api/v1/claim/pin", method: .post, headers: [.cookie: pair])
            #expect(shown.json["pin_shown"] == .bool(true))
            let second = try #require(screen.pin)
            let program = try await claim(#"{"pin":"\#(second)","label":"cli","token":true}"#)
            guard case .string(let token) = program.json["token"] else {
                Issue.record("no token")
                return
            }
            #expect(program.headers[.setCookie] == nil)
            let listed = try await client.execute(
                uri: "/api/v1/jobs", method: .get, headers: [.authorization: "Bearer \(token)"])
            #expect(listed.status == .ok)
        }
    }

    @Test func guessingIsSlow() async throws {
        var harness = closed
        let screen = FakeClaim()
        harness.claim = screen
        try await harness.ask { client in
            var answers: [TestResponse] = []
            for _ in 0..<6 {
                answers.append(
                    try await client.execute(
                        uri: "/api/v1/claim", method: .post, headers: .json, body: .init(string: #"{"pin":"wrong"}"#)))
            }
            #expect(answers.map(\.status.code) == [403, 403, 403, 403, 429, 429])
            #expect(answers[4].headers[.retryAfter] == "10")
            #expect(screen.pin != nil)
            let state = try await client.execute(uri: "/api/v1/claim", method: .get)
            #expect(state.json["retry_after_seconds"] != .null)
        }
    }
}
