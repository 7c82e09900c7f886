import Crypto
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@testable import WebInterface

@Suite(.timeLimit(.minutes(1))) struct TusTests {
    private static let path = "/api/v1/uploads"
    private static let base: HTTPFields = [.tusResumable: "1.0.0"]

    private func fields(_ more: HTTPFields) -> HTTPFields {
        var fields = Self.base
        for field in more { fields.append(field) }
        return fields
    }

    private func piece(at offset: Int, _ more: HTTPFields = [:]) -> HTTPFields {
        var fields = fields(more)
        fields[.contentType] = "application/offset+octet-stream"
        fields[.uploadOffset] = String(offset)
        return fields
    }

    /// Begins an upload and returns where it is.
    private func begin(_ harness: Harness, size: Int = 10, name: String = "photo.png") async throws -> String {
        let answer = try await harness.ask(
            .post, Self.path,
            fields([.uploadLength: "\(size)", .uploadMetadata: UploadMetadata(filename: name).text]))
        #expect(answer.status == .created && answer.headers[.uploadOffset] == "0")
        #expect(answer.headers[.uploadExpires] == "Fri, 20 Nov 2026 23:03:00 GMT")
        return try #require(answer.headers[.location])
    }

    @Test func whatTheStoreCanDoIsSaid() async throws {
        let answer = try await Harness().ask(.options, Self.path)
        #expect(answer.status == .noContent)
        #expect(answer.headers[.tusVersion] == "1.0.0" && answer.headers[.tusResumable] == "1.0.0")
        #expect(answer.headers[.tusExtension] == "creation,creation-with-upload,checksum,expiration,termination")
        #expect(answer.headers[.tusMaxSize] == "1000000")
        #expect(answer.headers[.tusChecksumAlgorithm] == "sha1,sha256")
        var plain = Harness()
        plain.uploads = PlainUploads()
        let less = try await plain.ask(.options, Self.path)
        #expect(less.headers[.tusExtension] == "creation,creation-with-upload")
        #expect(less.headers[.tusMaxSize] == nil && less.headers[.tusChecksumAlgorithm] == nil)
        #expect(try await plain.ask(.delete, "\(Self.path)/u1", Self.base).status == .methodNotAllowed)
    }

    @Test func anUploadFromBeginningToEnd() async throws {
        let harness = Harness()
        let location = try await begin(harness)
        let first = try await harness.ask(.patch, location, piece(at: 0), body: "01234")
        #expect(first.status == .noContent && first.headers[.uploadOffset] == "5")
        let head = try await harness.ask(.head, location, Self.base)
        #expect(head.status == .ok && head.headers[.uploadOffset] == "5" && head.headers[.uploadLength] == "10")
        #expect(head.headers[.cacheControl] == "no-store")
        #expect(head.headers[.uploadMetadata] == "filename cGhvdG8ucG5n")
        let second = try await harness.ask(.patch, location, piece(at: 5), body: "56789")
        #expect(second.headers[.uploadOffset] == "10" && second.headers[.uploadExpires] == nil)
        let json = try await harness.ask(.get, location).json
        #expect(json["complete"] == .bool(true) && json["offset"] == .integer(10))
        #expect((harness.uploads as? FakeUploads)?.bytes(of: "u1") == Array("0123456789".utf8))
    }

    @Test func whatTheClientSaidOfItIsGivenBackAsItWasSaid() async throws {
        let harness = Harness()
        let metadata = "filename cGhvdG8ucG5n,filetype aW1hZ2UvcG5n,is_confidential,relativePath bnVsbA=="
        let created = try await harness.ask(
            .post, Self.path, fields([.uploadLength: "10", .uploadMetadata: metadata]))
        let location = try #require(created.headers[.location])
        #expect(try await harness.ask(.head, location, Self.base).headers[.uploadMetadata] == metadata)
        let silent = try await harness.ask(.post, Self.path, fields([.uploadLength: "10"]))
        let other = try #require(silent.headers[.location])
        #expect(try await harness.ask(.head, other, Self.base).headers[.uploadMetadata] == nil)
    }

    @Test func creationMayCarryBytes() async throws {
        let harness = Harness()
        var fields = fields([.uploadLength: "10"])
        fields[.contentType] = "application/offset+octet-stream"
        let answer = try await harness.ask(.post, Self.path, fields, body: "0123")
        #expect(answer.status == .created && answer.headers[.uploadOffset] == "4")
        fields[.contentType] = "text/plain"
        #expect(try await harness.ask(.post, Self.path, fields, body: "0123").status.code == 415)
    }

    @Test(
        arguments: [
            ([:], 400), ([.uploadLength: "-1"], 400), ([.uploadLength: "+5"], 400), ([.uploadLength: "x"], 400),
            ([.uploadLength: ""], 400), ([.uploadLength: "1", .uploadDeferLength: "1"], 400),
            ([.uploadLength: "1", .uploadMetadata: "filename ***"], 400), ([.uploadLength: "1000001"], 413),
            ([.uploadLength: "99999999999999999999"], 400), ([.uploadLength: "0"], 201),
            ([.uploadLength: "1000000"], 201),
        ] as [(HTTPFields, Int)])
    func creations(more: HTTPFields, status: Int) async throws {
        let answer = try await Harness().ask(.post, Self.path, fields(more))
        #expect(answer.status.code == status)
        #expect(answer.headers[.tusResumable] == "1.0.0", "every answer names the version")
    }

    @Test(arguments: [HTTPRequest.Method.post, .patch, .head, .delete])
    func theVersionIsNeeded(method: HTTPRequest.Method) async throws {
        let path = method == .post ? Self.path : "\(Self.path)/u1"
        for fields: HTTPFields in [[:], [.tusResumable: "0.2.2"]] {
            let answer = try await Harness().ask(method, path, fields)
            #expect(answer.status.code == 412)
            #expect(answer.headers[.tusVersion] == "1.0.0")
        }
    }

    @Test func piecesThatDoNotFit() async throws {
        let harness = Harness()
        let store = try #require(harness.uploads as? FakeUploads)
        let location = try await begin(harness)
        _ = try await harness.ask(.patch, location, piece(at: 0), body: "0123")
        for offset in [0, 3, 5, 10] {
            let answer = try await harness.ask(.patch, location, piece(at: offset), body: "x")
            #expect(answer.status.code == 409 && answer.headers[.uploadOffset] == "4")
        }
        #expect(try await harness.ask(.patch, location, piece(at: 4), body: "4567890123").status.code == 413)
        var wrongType = piece(at: 4)
        wrongType[.contentType] = "application/octet-stream"
        #expect(try await harness.ask(.patch, location, wrongType, body: "x").status.code == 415)
        var noOffset = piece(at: 4)
        noOffset[.uploadOffset] = nil
        #expect(try await harness.ask(.patch, location, noOffset, body: "x").status.code == 400)
        store.state.withLock { _ = $0.locked.insert("u1") }
        let locked = try await harness.ask(.patch, location, piece(at: 4), body: "x")
        #expect(locked.status.code == 423 && locked.headers[.retryAfter] == "1")
        #expect(store.bytes(of: "u1") == Array("0123".utf8))
        #expect(try await harness.ask(.patch, "\(Self.path)/none", piece(at: 0), body: "x").status.code == 404)
    }

    @Test func checksums() async throws {
        let harness = Harness()
        let location = try await begin(harness)
        let sha1 = Data(Insecure.SHA1.hash(data: Array("0123".utf8))).base64EncodedString()
        let sha256 = Data(SHA256.hash(data: Array("4567".utf8))).base64EncodedString()
        func send(_ checksum: String, _ body: String, at offset: Int) async throws -> Int {
            try await harness.ask(
                .patch, location, piece(at: offset, [.uploadChecksum: checksum]), body: body
            ).status.code
        }
        #expect(try await send("sha1 \(sha1)", "9999", at: 0) == 460)
        #expect(try await send("sha1 \(sha1)", "0123", at: 0) == 204)
        #expect(try await send("SHA256 \(sha256)", "4567", at: 4) == 204)
        for malformed in ["md5 \(sha1)", "sha1", "sha1 ***", "", "sha1 \(sha1) x"] {
            #expect(try await send(malformed, "89", at: 8) == 400)
        }
        #expect(try await harness.ask(.head, location, Self.base).headers[.uploadOffset] == "8")
    }

    @Test func termination() async throws {
        let harness = Harness()
        let location = try await begin(harness)
        #expect(try await harness.ask(.delete, location, Self.base).status == .noContent)
        #expect(try await harness.ask(.head, location, Self.base).status == .notFound)
        #expect(try await harness.ask(.delete, location, Self.base).status == .notFound)
    }

    @Test func methodsSaidInAHeader() async throws {
        let harness = Harness()
        let location = try await begin(harness)
        let patched = try await harness.ask(.post, location, piece(at: 0, [.methodOverride: "PATCH"]), body: "0123")
        #expect(patched.status == .noContent && patched.headers[.uploadOffset] == "4")
        let head = try await harness.ask(.post, location, fields([.methodOverride: "head"]))
        #expect(head.headers[.uploadOffset] == "4" && head.body.readableBytes == 0)
        #expect(try await harness.ask(.post, location, fields([.methodOverride: "DELETE"])).status == .noContent)
        #expect(try await harness.ask(.post, location, fields([.methodOverride: "PUT"])).status == .badRequest)
    }

    @Test func everyNameArrives() async throws {
        let harness = Harness()
        for name in WildNames.all {
            let location = try await begin(harness, name: name)
            #expect(try await harness.ask(.get, location).json["name"] == .string(name))
        }
        let long = UploadMetadata(filename: String(repeating: "x", count: 1025)).text
        let answer = try await harness.ask(
            .post, Self.path, fields([.uploadLength: "1", .uploadMetadata: long]))
        #expect(answer.status == .badRequest)
    }

    @Test func wholeFilesByPut() async throws {
        let harness = Harness()
        let store = try #require(harness.uploads as? FakeUploads)
        for name in WildNames.all {
            let answer = try await harness.ask(.put, "/api/v1/media/\(PercentCoding.encode(name))", body: "bytes")
            #expect(answer.status == .accepted)
            #expect(answer.json["name"] == .string(name) && answer.json["state"] == .string("processing"))
            #expect(answer.headers[.location] == "/api/v1/media/0123")
        }
        #expect(store.state.withLock { $0.put.map(\.name) } == WildNames.all)
        #expect(store.state.withLock { $0.put.allSatisfy { $0.size == 5 && $0.bytes == Array("bytes".utf8) } })
    }

    @Test(arguments: [
        (ProblemError.unsupportedMedia("No picture."), 415), (.noRoom("Full."), 507), (.tooLarge("Long."), 413),
    ])
    func whatTheStoreRefuses(refusal: ProblemError, status: Int) async throws {
        let harness = Harness()
        (harness.uploads as? FakeUploads)?.state.withLock { $0.refusal = refusal }
        let answer = try await harness.ask(.put, "/api/v1/media/x.txt", body: "text")
        #expect(answer.status.code == status && answer.json["detail"] == .string(refusal.detail))
        #expect(try await harness.ask(.post, Self.path, fields([.uploadLength: "1"])).status.code == status)
    }

    @Test func whatPutDoesNotTake() async throws {
        let harness = Harness()
        #expect(
            try await harness.ask(.put, "/api/v1/media/x", [.contentEncoding: "gzip"], body: "x").status.code == 415)
        #expect(
            try await harness.ask(.put, "/api/v1/media/x", [.contentRange: "bytes 0-0/2"], body: "x").status.code == 400
        )
        #expect(
            try await harness.ask(.put, "/api/v1/media/x", body: String(repeating: "x", count: 1_000_001)).status.code
                == 413)
        #expect(try await harness.ask(.put, "/api/v1/media/", body: "x").status.code == 404)
        #expect(try await harness.ask(.put, "/api/v1/media", body: "x").status.code == 405)
    }
}
