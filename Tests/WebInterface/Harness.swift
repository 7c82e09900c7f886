import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@testable import WebInterface

/// The web interface over rooms that are played.
struct Harness: Sendable {
    /// A device that has a session.
    static let member = SessionToken(text: String(repeating: "a", count: 64))

    var appliance = FakeAppliance()
    var uploads: any UploadAccess = FakeUploads()
    var events = EventBroadcast()
    var claim = FakeClaim(
        record: AccessRecord(sessions: [
            .init(digest: Harness.member.digest, label: "test", createdAt: Timestamp(milliseconds: 0))
        ]))
    var debug: (any DebugControl)?
    var configuration = WebConfiguration(port: 0, access: .open(onNetwork: true))

    static let logger: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    var neighbours: Neighbours {
        Neighbours(
            player: appliance, status: appliance, events: events, library: appliance, uploads: uploads,
            jobs: appliance, screen: appliance, settings: appliance, system: appliance, claim: claim,
            debug: debug)
    }

    func responder() async -> WebResponder {
        let gatekeeper = Gatekeeper(mode: configuration.access, store: claim, logger: Self.logger)
        await gatekeeper.open()
        return WebResponder(configuration: configuration, neighbours: neighbours, gatekeeper: gatekeeper)
    }

    /// Asks the router, without a network.
    func ask<Value>(
        _ body: @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        let application = Application(responder: await responder(), logger: Self.logger)
        return try await application.test(.router, body)
    }

    /// One request.
    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = [:], body: String? = nil
    ) async throws -> TestResponse {
        try await ask { client in
            try await client.execute(
                uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// The body as JSON.
    var json: JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: Data(body.readableBytesView))) ?? .null
    }
}

extension JSONValue {
    subscript(_ key: String) -> JSONValue {
        if case .object(let members) = self { return members[key] ?? .null }
        return .null
    }
}

extension HTTPFields {
    static let json: HTTPFields = [.contentType: "application/json"]
}
