import ArgumentParser
import AsyncHTTPClient
import NIOCore
import WebInterface

/// Sends one verb to the player and prints the state after it.
private func control(_ connection: Connection, _ verb: String, body: JSONValue? = nil) async throws {
    let encoded = try body.map { HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try encodeRequest($0))) }
    let bytes = try await connection.call(
        .post, "/api/v1/player/\(verb)", body: encoded, contentType: body == nil ? nil : "application/json")
    if connection.json { return say(String(decoding: bytes, as: UTF8.self)) }
    let player = try decodeAnswer(PlayerStatus.self, bytes)
    say(player.state.rawValue + (player.current.map { ": \(visible($0.name))" } ?? ""))
}

/// `vitrine play`
struct Play: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Go on playing.")
    @OptionGroup var connection: Connection
    func run() async throws { try await control(connection, "resume") }
}

/// `vitrine pause`
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Hold what is on the screen.")
    @OptionGroup var connection: Connection
    func run() async throws { try await control(connection, "pause") }
}

/// `vitrine next`
struct Next: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what comes next.")
    @OptionGroup var connection: Connection
    func run() async throws { try await control(connection, "next") }
}

/// `vitrine previous`
struct Previous: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what was before.")
    @OptionGroup var connection: Connection
    func run() async throws { try await control(connection, "previous") }
}

/// `vitrine info`
struct Info: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show on the screen, for a while, how this device is reached.")
    @OptionGroup var connection: Connection
    func run() async throws { try await control(connection, "info") }
}

/// `vitrine show ID`
struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one medium now.")
    @Argument(help: "Its id, as `vitrine media list` prints it.") var id: String
    @OptionGroup var connection: Connection
    func run() async throws { try await control(connection, "show", body: .object(["id": .string(id)])) }
}
