import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@testable import WebInterface

@Suite(.timeLimit(.minutes(1))) struct APITests {
    @Test func theStatusHasTheNamesOfTheDesign() async throws {
        let answer = try await Harness().ask(.get, "/api/v1/status")
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType] == "application/json")
        let json = answer.json
        #expect(json["display"]["driver"] == .string("headless"))
        #expect(json["display"]["refresh_hz"] == .integer(60))
        #expect(json["display"]["buffer_bytes"] == .integer(4_096))
        #expect(json["player"]["state"] == .string("playing"))
        #expect(json["memory"]["cache"]["budget_bytes"] == .integer(2))
        #expect(json["decoder"]["sandbox"]["no_new_privs"] == .bool(true))
        #expect(json["storage"]["read_only"] == .bool(false))
    }

    @Test func health() async throws {
        let harness = Harness()
        let answer = try await harness.ask(.get, "/healthz")
        #expect(answer.status == .ok && answer.json["status"] == .string("healthy"))
        #expect(answer.json["checks"]["display"]["detail"] == .string("1280x720"))
        harness.appliance.state.withLock { $0.checks["disk"] = .init(.unhealthy) }
        let ill = try await harness.ask(.get, "/healthz")
        #expect(ill.status == .serviceUnavailable && ill.json["status"] == .string("unhealthy"))
    }

    @Test func metrics() async throws {
        let answer = try await Harness().ask(.get, "/metrics")
        #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.text.contains("vitrine_media{state=\"rea\\\"dy\\n\"} 3\n"))
        #expect(answer.text.contains("# TYPE vitrine_http_requests_total counter"))
    }

    @Test func player() async throws {
        let harness = Harness()
        harness.appliance.add("m1")
        #expect(try await harness.ask(.post, "/api/v1/player/pause").json["state"] == .string("paused"))
        #expect(try await harness.ask(.post, "/api/v1/player/resume").json["state"] == .string("playing"))
        #expect(try await harness.ask(.post, "/api/v1/player/next").json["current"]["id"] == .string("n"))
        #expect(try await harness.ask(.post, "/api/v1/player/previous").json["current"]["id"] == .string("p"))
        #expect(try await harness.ask(.post, "/api/v1/player/info").json["rule"] == .string("info"))
        let shown = try await harness.ask(.post, "/api/v1/player/show", .json, body: #"{"id":"m1"}"#)
        #expect(shown.json["rule"] == .string("pick"))
        #expect(try await harness.ask(.post, "/api/v1/player/show", .json, body: #"{"id":"no"}"#).status == .notFound)
    }

    @Test(arguments: [
        ("", MediaQuery()), ("?limit=7&after=x%26y", MediaQuery(limit: 7, after: "x&y")),
        (
            "?query=two+words%21&kind=video&state=set_aside",
            MediaQuery(text: "two words!", kind: .video, state: .setAside)
        ),
        ("?kind=&query=", MediaQuery()),
    ])
    func mediaQueries(query: String, expected: MediaQuery) async throws {
        let harness = Harness()
        #expect(try await harness.ask(.get, "/api/v1/media\(query)").status == .ok)
        #expect(harness.appliance.state.withLock { $0.queries } == [expected])
    }

    @Test(arguments: ["limit=0", "limit=201", "limit=x", "kind=sound", "state=gone", "query=%ff"])
    func badMediaQueries(query: String) async throws {
        let answer = try await Harness().ask(.get, "/api/v1/media?\(query)")
        #expect(answer.status == .badRequest && answer.json["category"] == .string("validation_error"))
    }

    @Test func oneMedium() async throws {
        let harness = Harness()
        harness.appliance.add("m1", name: "a\n\"b\"")
        let medium = try await harness.ask(.get, "/api/v1/media/m1").json
        #expect(medium["name"] == .string("a\n\"b\"") && medium["size_bytes"] == .integer(10))
        #expect(medium["added_at"] == .string("2026-11-20T23:03:00.123Z"))
        #expect(
            try await harness.ask(.patch, "/api/v1/media/m1", .json, body: #"{"name":"new","photo_seconds":null}"#)
                .json["name"] == .string("new"))
        #expect(try await harness.ask(.patch, "/api/v1/media/m1", .json, body: #"{"photo_seconds":2.5}"#).status == .ok)
        #expect(
            harness.appliance.state.withLock { $0.changes } == [
                MediaChange(name: "new", photoSeconds: .general), MediaChange(photoSeconds: .set(2.5)),
            ])
        let bad = try await harness.ask(.patch, "/api/v1/media/m1", .json, body: #"{"name":"","photo_seconds":0}"#)
        #expect(bad.status.code == 422)
        #expect(bad.json["errors"] != .null)
        #expect(try await harness.ask(.post, "/api/v1/media/m1/retry").status == .ok)
        #expect(try await harness.ask(.delete, "/api/v1/media/m1").status == .noContent)
        #expect(try await harness.ask(.get, "/api/v1/media/m1").status == .notFound)
    }

    @Test func filesGoOutWholeInPartOrNotAtAll() async throws {
        let harness = Harness()
        harness.appliance.add("m1", name: "é.png")
        let path = "/api/v1/media/m1/file"
        let whole = try await harness.ask(.get, path)
        #expect(whole.text == "0123456789" && whole.headers[.eTag] == "\"abc\"")
        #expect(whole.headers[.contentType] == "image/png" && whole.headers[.acceptRanges] == "bytes")
        #expect(whole.headers[.contentSecurityPolicy]?.hasPrefix("sandbox;") == true)
        #expect(whole.headers[.contentDisposition]?.hasPrefix("inline;") == true)
        let part = try await harness.ask(.get, path, [.range: "bytes=2-4"])
        #expect(part.status == .partialContent && part.text == "234")
        #expect(part.headers[.contentRange] == "bytes 2-4/10" && part.headers[.contentLength] == "3")
        let stale = try await harness.ask(.get, path, [.range: "bytes=2-4", .ifRange: "\"old\""])
        #expect(stale.status == .ok && stale.text == "0123456789")
        let beyond = try await harness.ask(.get, path, [.range: "bytes=10-"])
        #expect(beyond.status.code == 416 && beyond.headers[.contentRange] == "bytes */10")
        #expect(try await harness.ask(.get, path, [.ifNoneMatch: "\"x\", W/\"abc\""]).status == .notModified)
        let head = try await harness.ask(.head, path)
        #expect(head.status == .ok && head.text == "" && head.headers[.contentLength] == "10")
        let saved = try await harness.ask(.get, "\(path)?download=1")
        #expect(saved.headers[.contentDisposition]?.hasPrefix("attachment;") == true)
    }

    @Test(arguments: ["image/svg+xml", "text/html", "application/xhtml+xml", "image/svg+xml; charset=utf-8", ""])
    func whatCouldRunIsOnlySaved(contentType: String) async throws {
        let harness = Harness()
        harness.appliance.add("m1", name: "x.svg")
        harness.appliance.state.withLock { $0.contentType = contentType }
        let answer = try await harness.ask(.get, "/api/v1/media/m1/file")
        #expect(answer.headers[.contentType] == "application/octet-stream")
        #expect(answer.headers[.contentDisposition]?.hasPrefix("attachment;") == true)
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test func settings() async throws {
        let harness = Harness()
        let path = "/api/v1/config"
        #expect(try await harness.ask(.get, path).status == .ok)
        let changed = try await harness.ask(.patch, path, .json, body: #"{"playback.photo_seconds":12}"#)
        #expect(changed.text.contains(#""default":10"#) && changed.text.contains(#""value":12"#))
        let bad = try await harness.ask(.patch, path, .json, body: #"{"playback.photo":1}"#)
        #expect(bad.status.code == 422 && bad.text.contains(#""key":"playback.photo""#))
    }

    @Test func systemActions() async throws {
        let harness = Harness()
        for action in SystemAction.allCases {
            let answer = try await harness.ask(.post, "/api/v1/system/\(action.rawValue)")
            #expect(answer.status == .accepted && answer.json["action"] == .string(action.rawValue))
            #expect(try await harness.ask(.get, "/api/v1/system/\(action.rawValue)").status == .methodNotAllowed)
        }
        #expect(harness.appliance.state.withLock { $0.begun } == SystemAction.allCases)
        #expect(try await harness.ask(.post, "/api/v1/system/reboot").status == .notFound)
    }

    @Test func theBoardIsFoundByItsLight() async throws {
        let harness = Harness()
        let path = "/api/v1/system/locate"
        #expect(try await harness.ask(.post, path).json["seconds"] == .integer(30))
        #expect(try await harness.ask(.post, path, .json, body: #"{"seconds":0}"#).status == .ok)
        #expect(try await harness.ask(.post, path, .json, body: #"{"seconds":601}"#).status == .badRequest)
        #expect(try await harness.ask(.get, path).status == .methodNotAllowed)
        #expect(harness.appliance.state.withLock { $0.tests } == ["locate 30.0", "locate 0.0"])
    }

    @Test func theTestPictureIsShownForAWhile() async throws {
        let harness = Harness()
        let path = "/api/v1/system/test-picture"
        #expect(try await harness.ask(.post, path).status == .ok)
        let still = try await harness.ask(.post, path, .json, body: #"{"seconds":5,"moves":false}"#)
        #expect(still.json["seconds"] == .integer(5) && still.json["moves"] == .bool(false))
        #expect(try await harness.ask(.post, path, .json, body: #"{"seconds":0}"#).status == .badRequest)
        #expect(harness.appliance.state.withLock { $0.tests } == ["30.0 true", "5.0 false"])
    }

    @Test func theFaultLogIsShown() async throws {
        let answer = try await Harness().ask(.get, "/api/v1/system/faults")
        #expect(answer.status == .ok)
        #expect(
            answer.text.contains(
                #"{"kind":"begin","number":7,"text":"storage: full","time":"2026-11-21T08:40:12Z","uptime_seconds":37}"#
            ))
    }

    @Test func jobs() async throws {
        let harness = Harness()
        #expect(try await harness.ask(.get, "/api/v1/jobs").text.contains(#""media_id":"m""#))
        #expect(try await harness.ask(.get, "/api/v1/jobs/7").json["progress"] == .number(0.5))
        #expect(try await harness.ask(.get, "/api/v1/jobs/8").status == .notFound)
        for number in 1...3 {
            harness.appliance.jobLines.continuation.yield(
                JobLogLine(number: number, time: Timestamp(milliseconds: 0), text: "line \(number)"))
        }
        harness.appliance.jobLines.continuation.finish()
        let log = try await harness.ask(.get, "/api/v1/jobs/7/log", [.lastEventID: "1"])
        #expect(log.headers[.contentType] == "text/event-stream")
        #expect(
            log.text == """
                retry: 2000

                id: 2
                event: line
                data: {"number":2,"text":"line 2","time":"1970-01-01T00:00:00.000Z"}

                id: 3
                event: line
                data: {"number":3,"text":"line 3","time":"1970-01-01T00:00:00.000Z"}

                event: end
                data: {}


                """)
    }

    @Test func theScreen() async throws {
        let harness = Harness()
        let snapshot = try await harness.ask(.get, "/api/v1/display/snapshot.png")
        #expect(snapshot.headers[.contentType] == "image/png" && snapshot.body.readableBytes == 4)
        harness.appliance.pictureFeed.continuation.yield(Array("one".utf8))
        harness.appliance.pictureFeed.continuation.finish()
        let stream = try await harness.ask(.get, "/api/v1/display/stream")
        #expect(stream.headers[.contentType] == "multipart/x-mixed-replace; boundary=vitrine-picture")
        #expect(
            stream.text
                == "--vitrine-picture\r\nContent-Type: image/jpeg\r\nContent-Length: 3\r\n\r\none\r\n--vitrine-picture\r\n"
        )
        #expect(harness.appliance.state.withLock { $0.wishes } == [ScreenRequest(width: 640, rate: 5)])
        #expect(try await harness.ask(.get, "/api/v1/display/stream?width=9999").status == .badRequest)
        #expect(try await harness.ask(.get, "/api/v1/display/stream?rate=nan").status == .badRequest)
    }
}
