import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@testable import WebInterface

/// What is written about the interface, and what it is.
@Suite(.timeLimit(.minutes(1))) struct DocumentTests {
    /// The calls in the document: its lines of paths and methods, by their indentation.
    private func documented() throws -> Set<String> {
        let file = try #require(PageFiles.all.first { $0.path == "/api/v1/openapi.yaml" })
        var calls: Set<String> = []
        var path = ""
        var isInPaths = false
        for line in String(decoding: file.bytes, as: UTF8.self).split(separator: "\n") {
            if !line.hasPrefix(" ") { isInPaths = line == "paths:" }
            guard isInPaths, line.hasSuffix(":") else { continue }
            if line.hasPrefix("  /") { path = String(line.dropFirst(2).dropLast()) }
            if line.hasPrefix("    "), !line.hasPrefix("     ") {
                let name = line.dropFirst(4).dropLast()
                if ["get", "put", "post", "patch", "delete", "head", "options"].contains(name) {
                    calls.insert("\(name.uppercased()) \(path)")
                }
            }
        }
        return calls
    }

    @Test func everyRouteIsInTheDocumentAndTheOtherWayRound() async throws {
        let pages = Set(PageFiles.all.map(\.path)).subtracting(["/", "/api/v1/openapi.yaml"])
        // With all that can be asked for, what only `debug.enabled` brings included.
        var harness = Harness()
        harness.debug = DebugTests.Recorder()
        let routes = await harness.responder().table.routes.filter { !pages.contains($0.path) }
        let calls = Set(routes.map { "\($0.method.rawValue) \($0.path)" })
        #expect(calls.count == routes.count, "no route is there twice")
        let documented = try documented()
        #expect(calls.subtracting(documented) == [])
        #expect(documented.subtracting(calls) == [])
    }

    @Test func everyFileOfThePageIsServed() async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/WebInterface/Page").standardized
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
        #expect(names.contains("index.html"))
        let served = Set(PageFiles.all.map { $0.path.split(separator: "/").last.map(String.init) ?? "index.html" })
        #expect(Set(names) == served)
    }

    @Test func thePageIsCachedUntilItChanges() async throws {
        let harness = Harness()
        for file in PageFiles.all {
            let first = try await harness.ask(.get, file.path)
            #expect(first.status == .ok && first.body.readableBytes == file.bytes.count)
            #expect(first.headers[.contentType] == file.contentType && first.headers[.cacheControl] == "no-cache")
            let tag = try #require(first.headers[.eTag])
            let second = try await harness.ask(.get, file.path, [.ifNoneMatch: tag])
            #expect(second.status == .notModified && second.body.readableBytes == 0)
        }
        #expect(Set(StaticPage().files.map(\.entityTag)).count == PageFiles.all.count)
    }
}
