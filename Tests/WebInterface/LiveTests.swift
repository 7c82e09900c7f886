import HTTPTypes
import NIOCore
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@testable import WebInterface

/// What only shows over real connections.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LiveTests {
    private func request(_ line: String, _ fields: [String] = [], body: String = "") -> String {
        ([line + " HTTP/1.1", "Host: localhost"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    @Test func oneConnectionTakesSeveralRequests() async throws {
        try await LiveServer.run(Harness()) { server in
            try await server.connect { connection in
                try await connection.send(request("GET /healthz"))
                _ = try await connection.receive(until: "healthy")
                try await connection.send(request("POST /api/v1/player/pause", ["Content-Length: 0"]))
                let text = try await connection.receive(until: "paused")
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(text.components(of: "HTTP/1.1 ") == 2)
            }
        }
    }

    @Test func aClientThatAsksFirstIsAskedForItsBody() async throws {
        let harness = Harness()
        try await LiveServer.run(harness) { server in
            try await server.connect { connection in
                try await connection.send(
                    request("PUT /api/v1/media/a.png", ["Content-Length: 5", "Expect: 100-continue"]))
                _ = try await connection.receive(until: "HTTP/1.1 100 Continue\r\n\r\n")
                try await connection.send("bytes")
                #expect(try await connection.receive(until: "processing").contains("HTTP/1.1 202 Accepted"))
            }
            // A refusal comes in place of the question, so the body never travels.
            try await server.connect { connection in
                try await connection.send(
                    request("PUT /api/v1/media/a.png", ["Content-Length: 99999999", "Expect: 100-continue"]))
                let text = try await connection.receive(until: "Too large")
                #expect(text.hasPrefix("HTTP/1.1 413 ") && !text.contains("100 Continue"))
            }
        }
        #expect((harness.uploads as? FakeUploads)?.state.withLock { $0.put.count } == 1)
    }

    @Test(arguments: [
        ("NONSENSE\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        ("GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
    ])
    func whatIsNoProperRequest(text: String, status: Int) async throws {
        try await LiveServer.run(Harness()) { server in
            try await server.connect { connection in
                try await connection.send(text)
                let answer = try await connection.receive(until: "\"type\":\"about:blank\"")
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
                #expect(answer.lowercased().contains("content-type: application/problem+json"))
                #expect(answer.lowercased().contains("x-content-type-options: nosniff"))
            }
        }
    }

    /// Bytes that arrived before the cut count; the client asks how many and goes on.
    @Test(arguments: [["Content-Length: 10"], ["Transfer-Encoding: chunked"]])
    func anUploadGoesOnAfterACut(framing: [String]) async throws {
        let harness = Harness()
        let store = try #require(harness.uploads as? FakeUploads)
        let isChunked = framing[0].hasPrefix("Transfer")
        let tus = ["Tus-Resumable: 1.0.0", "Content-Type: application/offset+octet-stream"]
        try await LiveServer.run(harness) { server in
            try await server.connect { connection in
                try await connection.send(
                    request("POST /api/v1/uploads", ["Tus-Resumable: 1.0.0", "Upload-Length: 10", "Content-Length: 0"]))
                _ = try await connection.receive(until: "\r\n\r\n")
                let part = isChunked ? "4\r\n0123\r\n" : "0123"
                try await connection.send(
                    request("PATCH /api/v1/uploads/u1", tus + framing + ["Upload-Offset: 0"], body: part))
                while store.bytes(of: "u1").count < 4 { await Task.yield() }
                try await connection.cut()
            }
            try await server.connect { connection in
                try await connection.send(request("HEAD /api/v1/uploads/u1", ["Tus-Resumable: 1.0.0"]))
                #expect(try await connection.receive(until: "\r\n\r\n").contains("Upload-Offset: 4"))
                try await connection.send(
                    request(
                        "PATCH /api/v1/uploads/u1", tus + ["Content-Length: 6", "Upload-Offset: 4"], body: "456789"))
                _ = try await connection.receive(until: "204 No Content")
            }
        }
        #expect(store.bytes(of: "u1") == Array("0123456789".utf8))
    }

    /// Half a body must not pass for a whole one, however it is framed and however the connection ends.
    @Test(arguments: [true, false], [["Content-Length: 10"], ["Transfer-Encoding: chunked"]])
    func aCutPutLeavesNothing(isReset: Bool, framing: [String]) async throws {
        let harness = Harness()
        let store = try #require(harness.uploads as? FakeUploads)
        let part = framing[0].hasPrefix("Transfer") ? "4\r\n0123\r\n" : "0123"
        try await LiveServer.run(harness) { server in
            try await server.connect { connection in
                try await connection.send(request("PUT /api/v1/media/a.png", framing, body: part))
                if isReset { try await connection.cut() } else { try await connection.channel.close(mode: .output) }
                if !isReset { _ = try? await connection.receiveToEnd() }
            }
        }
        #expect(store.state.withLock { $0.put.isEmpty })
    }

    @Test func streamsEndWhenTheServerDoes() async throws {
        let harness = Harness()
        try await LiveServer.run(harness) { server in
            try await server.connect { events in
                try await events.send(request("GET /api/v1/events"))
                _ = try await events.receive(until: "event: status\ndata: {")
                try await server.connect { pictures in
                    try await pictures.send(request("GET /api/v1/display/stream"))
                    harness.appliance.pictureFeed.continuation.yield(Array("jpeg".utf8))
                    _ = try await pictures.receive(until: "jpeg\r\n--vitrine-picture")
                    harness.events.publish(.mediumRemoved(id: "m9"))
                    _ = try await events.receive(until: "event: medium-removed\ndata: {\"id\":\"m9\"}\n\n")
                    try await server.shutDown()
                    #expect(try await events.receiveToEnd().hasSuffix("0\r\n\r\n"), "ended properly, not cut")
                    #expect(try await pictures.receiveToEnd().hasSuffix("0\r\n\r\n"))
                }
            }
        }
        #expect(!harness.events.hasListeners)
    }

    @Test func aListenerThatGoesIsForgotten() async throws {
        let harness = Harness()
        try await LiveServer.run(harness) { server in
            try await server.connect { connection in
                try await connection.send(request("GET /api/v1/events"))
                _ = try await connection.receive(until: "event: status")
                #expect(harness.events.listenerCount == 1)
            }
            while harness.events.hasListeners { await Task.yield() }
        }
    }

    @Test func aQuietStreamShowsThatItLives() async throws {
        var harness = Harness()
        harness.configuration.heartbeat = .milliseconds(20)
        try await LiveServer.run(harness) { server in
            try await server.connect { connection in
                try await connection.send(request("GET /api/v1/events"))
                _ = try await connection.receive(until: ServerSentEvent.heartbeat)
            }
        }
    }

    /// A request that never ends does not keep the server from ending.
    @Test func aStuckUploadIsCutAtTheEnd() async throws {
        var harness = Harness()
        harness.configuration.shutdownTimeout = .milliseconds(50)
        let store = try #require(harness.uploads as? FakeUploads)
        try await LiveServer.run(harness) { server in
            try await server.connect { connection in
                try await connection.send(
                    request("PUT /api/v1/media/a.png", ["Content-Length: 10", "Expect: 100-continue"]))
                _ = try await connection.receive(until: "100 Continue")
                try await server.shutDown()
            }
        }
        #expect(store.state.withLock { $0.put.isEmpty })
    }

    @Test func aSilentConnectionIsClosed() async throws {
        var harness = Harness()
        harness.configuration.idleTimeout = .milliseconds(50)
        try await LiveServer.run(harness) { server in
            try await server.connect { connection in
                try await connection.send("GET / HTTP/1.1\r\nHost: loc")
                #expect(try await connection.receiveToEnd() == "")
            }
        }
    }

    @Test func theSocketIsTrustedAndGuardedByItsMode() async throws {
        let path = "/tmp/vitrine-web-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
        var harness = Harness()
        harness.configuration.access = .pin
        harness.configuration.socketPath = path
        let closed = harness
        try await LiveServer.run(closed) { server in
            var status = stat()
            #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o660)
            #expect(server.endpoints.contains(.unixSocket(path: path)))
            try await server.connectToSocket { connection in
                try await connection.send("GET /api/v1/status HTTP/1.1\r\nHost: anything\r\n\r\n")
                _ = try await connection.receive(until: "headless")
            }
            try await server.connect { connection in
                try await connection.send(request("GET /api/v1/status"))
                _ = try await connection.receive(until: "HTTP/1.1 401 ")
            }
            #expect(throws: WebServerError.self) { try UnixSocketFile(path: path).prepare() }
        }
        #expect(access(path, F_OK) != 0, "the socket goes with the server")
    }

    @Test func whatIsNoStaleSocketStays() throws {
        let path = "/tmp/vitrine-web-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).file"
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        defer { unlink(path) }
        #expect(throws: WebServerError.self) { try UnixSocketFile(path: path).prepare() }
        #expect(access(path, F_OK) == 0)
        #expect(throws: WebServerError.self) {
            try UnixSocketFile(path: "/tmp/" + String(repeating: "x", count: 120)).prepare()
        }
    }

    @Test func aPortThatIsTakenIsSaid() async throws {
        try await LiveServer.run(Harness()) { server in
            let second = WebServer(
                configuration: WebConfiguration(port: server.port), neighbours: Harness().neighbours,
                logger: Harness.logger)
            await #expect(throws: WebServerError.self) { try await second.run() }
        }
    }
}

extension String {
    fileprivate func components(of separator: String) -> Int { ranges(of: separator).count }
}
