import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import WebInterface

@Suite(.timeLimit(.minutes(1))) struct ProblemTests {
    /// Everything that is refused looks the same, whoever refuses it.
    @Test(
        arguments: [
            (HTTPRequest.Method.get, "/nothing", 404, nil), (.get, "/api/v1/nothing", 404, nil),
            (.get, "/api/v1/media/m1", 404, nil), (.delete, "/api/v1/status", 405, "GET, HEAD"),
            (.get, "/api/v1/player/pause", 405, "POST"), (.post, "/", 405, "GET, HEAD"),
            (.head, "/api/v1/events", 405, "GET"), (.get, "/api/v1/media/%ff", 400, nil),
            (.get, "/api/v1/media?limit=-1", 400, nil), (.patch, "/api/v1/config", 415, nil),
            (.patch, "/api/v1/media/x", 415, nil), (.trace, "/api/v1/media/m1", 405, "DELETE, GET, HEAD, PATCH, PUT"),
        ] as [(HTTPRequest.Method, String, Int, String?)])
    func refusals(method: HTTPRequest.Method, path: String, status: Int, allow: String?) async throws {
        let answer = try await Harness().ask(method, path)
        #expect(answer.status.code == status)
        #expect(answer.headers[.allow] == allow)
        #expect(answer.headers[.contentType] == "application/problem+json")
        guard method != .head else { return }
        #expect(answer.json["type"] == .string("about:blank"))
        #expect(answer.json["status"] == .integer(status))
        #expect(answer.json["category"] == .string("validation_error"))
        for member in ["title", "detail"] {
            guard case .string(let text) = answer.json[member] else {
                Issue.record("no \(member)")
                continue
            }
            #expect(!text.isEmpty)
        }
    }

    @Test(arguments: [
        ("application/json", "{", 400), ("application/json", "[]", 400), ("application/json", "{}", 400),
        ("application/json", #"{"id":5}"#, 400), ("application/json; charset=utf-8", #"{"id":"m1"}"#, 200),
        ("text/plain", #"{"id":"m1"}"#, 415), ("application/x-www-form-urlencoded", "id=m1", 415),
    ])
    func bodies(contentType: String, body: String, status: Int) async throws {
        let harness = Harness()
        harness.appliance.add("m1")
        let answer = try await harness.ask(
            .post, "/api/v1/player/show", [.contentType: contentType], body: body)
        #expect(answer.status.code == status)
    }

    @Test func longJSONIsNotCollected() async throws {
        let body = #"{"id":"\#(String(repeating: "x", count: WebRequest.maximumJSONByteCount))"}"#
        let answer = try await Harness().ask(.post, "/api/v1/player/show", .json, body: body)
        #expect(answer.status.code == 413)
        #expect(answer.headers[.connection] == "close", "the rest of a refused body need not come")
    }

    @Test func aProblemCarriesItsWholeAnswer() {
        let problem = ProblemError(
            status: 503, category: .system, title: "T", detail: "D", suggestion: "S", retryAfterSeconds: 7,
            faults: [.init(key: "k", detail: "d")], headers: [.init("Upload-Offset", "3")])
        let (fields, body) = problem.answer
        #expect(fields[.retryAfter] == "7" && fields[.uploadOffset] == "3")
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"category":"system_error","detail":"D","errors":[{"detail":"d","key":"k"}],"retry_after_seconds":7,"status":503,"suggestion":"S","title":"T","type":"about:blank"}"#
        )
    }

    @Test func everyAnswerIsHeldTight() async throws {
        for path in ["/", "/api/v1/status", "/nothing", "/healthz"] {
            let headers = try await Harness().ask(.get, path).headers
            let policy = try #require(headers[.contentSecurityPolicy])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self';"))
            #expect(!policy.contains("unsafe"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(headers[.xContentTypeOptions] == "nosniff")
            #expect(headers[.referrerPolicy] == "no-referrer")
            #expect(headers[.resourcePolicy] == "same-origin")
            #expect(headers[.date]?.hasSuffix(" GMT") == true)
        }
    }
}
