import HTTPTypes
import Testing

@testable import WebInterface

@Suite struct AnswerTests {
    @Test(
        arguments: [
            (nil, ByteRange.whole), ("bytes=0-4", .part(0..<5)), ("bytes=5-", .part(5..<10)),
            ("bytes=-3", .part(7..<10)),
            ("bytes=0-99", .part(0..<10)), ("bytes=9-9", .part(9..<10)), ("bytes=10-", .unsatisfiable),
            ("bytes=-0", .unsatisfiable), ("bytes=-99", .part(0..<10)), ("bytes=5-4", .whole),
            ("bytes=0-1,3-4", .whole),
            ("lines=0-4", .whole), ("bytes=a-b", .whole), ("bytes=-", .whole), ("bytes=", .whole),
            ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=0-99999999999999999999", .part(0..<10)),
            ("bytes=+1-2", .whole), ("Bytes= 1-2 ", .part(1..<3)),
        ] as [(String?, ByteRange)])
    func ranges(header: String?, expected: ByteRange) { #expect(ByteRange(header, byteCount: 10) == expected) }

    @Test func aRangeOfNothing() {
        #expect(ByteRange("bytes=0-", byteCount: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-1", byteCount: 0) == .unsatisfiable)
        #expect(ByteRange(nil, byteCount: 0) == .whole)
    }

    @Test(arguments: [
        ("photo.jpg", "attachment; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg"),
        ("a b", "attachment; filename=\"a b\"; filename*=UTF-8''a%20b"),
        ("\"\r\nX: y", "attachment; filename=\"___X: y\"; filename*=UTF-8''%22%0D%0AX%3A%20y"),
        ("../../etc", "attachment; filename=\".._.._etc\"; filename*=UTF-8''..%2F..%2Fetc"),
        ("é😀", "attachment; filename=\"__\"; filename*=UTF-8''%C3%A9%F0%9F%98%80"),
    ])
    func dispositions(name: String, expected: String) {
        #expect(ContentDisposition(isInline: false, name: name).text == expected)
    }

    @Test(
        arguments: [
            ("abc", "abc"), ("a%20b", "a b"), ("%2e%2E%2F", "../"), ("%F0%9F%98%80", "😀"), ("a+b", "a+b"), ("%", nil),
            ("%2", nil), ("%zz", nil), ("%ff", nil), ("%C3", nil), ("%00", "\0"), ("%ED%A0%80", nil), ("", ""),
        ] as [(String, String?)])
    func percentDecoding(text: String, expected: String?) { #expect(PercentCoding.decode(text) == expected) }

    @Test func everyNameSurvivesItsEncoding() {
        for name in WildNames.all { #expect(PercentCoding.decode(PercentCoding.encode(name)) == name) }
        #expect(PercentCoding.decode("a+b%2B", plusIsSpace: true) == "a b+")
    }

    @Test func figuresForPrometheus() {
        let text = MetricsText.encode([
            Metric("a_total", .counter, help: "Back\\slash\nline", value: 3),
            Metric("b", .gauge, help: "B.", samples: [.init(0.5, [.init("n", "q\"\\\n")]), .init(.infinity)]),
            Metric("c", .gauge, help: "None.", samples: []),
        ])
        #expect(
            text == """
                # HELP a_total Back\\\\slash\\nline
                # TYPE a_total counter
                a_total 3
                # HELP b B.
                # TYPE b gauge
                b{n="q\\"\\\\\\n"} 0.5
                b +Inf

                """)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_795_215_780_123, "2026-11-20T23:03:00.123Z", "Fri, 20 Nov 2026 23:03:00 GMT"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z", "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String, String)])
    func timestamps(milliseconds: Int64, text: String, http: String) throws {
        let timestamp = Timestamp(milliseconds: milliseconds)
        #expect(timestamp.text == text)
        #expect(timestamp.httpDate == http)
        let encoded = try JSONText.encode([timestamp])
        #expect(try JSONText.decode([Timestamp].self, from: encoded) == [timestamp])
    }

    @Test func namesInJSONAreInSnakeCaseAndKeysOfDataAreNot() throws {
        let status = DecoderStatus(state: "idle", restarts: 1, sandbox: ["noNewPrivs": true])
        #expect(
            String(decoding: try JSONText.encode(status), as: UTF8.self)
                == #"{"restarts":1,"sandbox":{"noNewPrivs":true},"state":"idle"}"#)
        let values = try JSONText.decode(
            [String: JSONValue].self, from: Array(#"{"a_b.c_d":[1,2.5,"x",null,true,{"e_f":[]}]}"#.utf8))
        #expect(
            values == [
                "a_b.c_d": .array([
                    .integer(1), .number(2.5), .string("x"), .null, .bool(true), .object(["e_f": .array([])]),
                ])
            ])
    }

    @Test func uploadMetadata() {
        #expect(UploadMetadata(header: nil) == UploadMetadata(header: ""))
        let both = UploadMetadata(header: "name YQ==, filename Yg==,filetype aW1hZ2UvcG5n,is_confidential")
        #expect(both?.filename == "b")
        #expect(UploadMetadata(header: "filename Yg==,name YQ==")?.filename == "b")
        #expect(UploadMetadata(header: "filename ***") == nil)
        #expect(UploadMetadata(header: "filename /w==") == nil)
        #expect(UploadMetadata(header: "filename a b c") == nil)
        for name in WildNames.all {
            #expect(UploadMetadata(header: UploadMetadata(filename: name).text)?.filename == name)
        }
    }

    @Test func aListenerGetsTheLastOfEachThing() {
        var backlog = EventBacklog()
        let item = MediaItem(id: "a", name: "", sizeBytes: 0, addedAt: .now, state: .ready)
        backlog.add(.status)
        backlog.add(.medium(item))
        backlog.add(.status)
        backlog.add(.mediumRemoved(id: "a"))
        backlog.add(.settings)
        #expect(backlog.take() == [.status, .mediumRemoved(id: "a"), .settings])
        #expect(backlog.take() == [])
    }

    @Test func aSlowListenerCostsLittleAndIsTold() {
        var backlog = EventBacklog()
        for number in 0...EventBacklog.limit { backlog.add(.mediumRemoved(id: "\(number)")) }
        backlog.add(.mediumRemoved(id: "last"))
        #expect(backlog.take() == [.everything, .mediumRemoved(id: "last")])
    }

    @Test func theAudienceShrinksWhenSomebodyLeaves() {
        let broadcast = EventBroadcast()
        do {
            let listener = broadcast.listen()
            #expect(broadcast.listenerCount == 1)
            broadcast.publish(.settings)
            #expect(listener.take() == [.status, .settings])
        }
        #expect(!broadcast.hasListeners)
    }

    @Test func routesAreFoundByPathAndMethod() {
        let route = { (method, path) in Route(method, path) { _ throws(ProblemError) in throw .internalFault() } }
        let table = RouteTable([
            route(.get, "/a/{id}"), route(.delete, "/a/{id}"), route(.get, "/a/fixed"),
            Route(.get, "/s", isEndless: true) { _ throws(ProblemError) in throw .internalFault() },
        ])
        func describe(_ match: RouteTable.Match) -> String {
            switch match {
            case .found(let route, let parameters, let isHead):
                "\(route.method) \(route.path) \(parameters["id"] ?? "-")\(isHead ? " head" : "")"
            case .wrongMethod(let allowed, _): allowed.map(\.rawValue).joined(separator: ",")
            case .undecodable: "undecodable"
            case .unknown: "unknown"
            }
        }
        #expect(describe(table.match(.get, path: "/a/x%2Fy")) == "GET /a/{id} x/y")
        #expect(describe(table.match(.get, path: "/a/fixed")) == "GET /a/fixed -")
        #expect(describe(table.match(.delete, path: "/a/fixed")) == "GET,HEAD")
        #expect(describe(table.match(.head, path: "/a/1")) == "GET /a/{id} 1 head")
        #expect(describe(table.match(.put, path: "/a/1")) == "GET,DELETE,HEAD")
        #expect(describe(table.match(.head, path: "/s")) == "GET")
        #expect(describe(table.match(.get, path: "/a/%ff")) == "undecodable")
        for path in ["/a", "/a/", "/a/1/", "//a/1", "/b", ""] {
            #expect(describe(table.match(.get, path: path)) == "unknown")
        }
    }
}

/// File names that break what is careless.
enum WildNames {
    static let all = [
        "my photo.jpg", "\"quoted\" 'name'.png", "line\nbreak\r\n.gif", "../../etc/passwd", "..", ".", "/", "a/b\\c",
        "emoji 😀👩‍👩‍👧.jpg", String(repeating: "é", count: 127) + "x", "שלום עולם.mp4", "\u{202E}gpj.exe", "%2F%00",
        "a?b#c&d=e+f",
        "null\0byte", " ", "-rf", "CON", "ａ", "e\u{301}",
    ]
}
