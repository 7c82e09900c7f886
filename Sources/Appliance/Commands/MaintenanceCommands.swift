import ArgumentParser
import AsyncHTTPClient
import DeviceSettings
import LinuxSystem
import SystemPackage
import WebInterface

/// `vitrine config …`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The settings.", subcommands: [Check.self, ShowSettings.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List every fault, with file, line, key and what was expected.")
        @Flag(help: "Answer in JSON.") var json = false

        func run() throws {
            let faults = LocalSettings.load().faults
            if json {
                let items: [JSONValue] = faults.map { fault in
                    .object([
                        "origin": .string(fault.origin), "line": fault.line.map(JSONValue.integer) ?? .null,
                        "key": .string(fault.key), "value": fault.value.map(JSONValue.string) ?? .null,
                        "expected": .string(fault.expected),
                    ])
                }
                say(String(decoding: try encodeRequest(.object(["faults": .array(items)])), as: UTF8.self))
            } else if faults.isEmpty {
                say("no faults")
            } else {
                for fault in faults { say(fault.description) }
            }
            if !faults.isEmpty { throw CommandFailure.failed("\(faults.count) faults; each costs its key alone.") }
        }
    }

    struct ShowSettings: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The effective values, each with where it came from.")
        @Flag(help: "Answer in JSON.") var json = false

        func run() throws {
            let all = LocalSettings.load().all
            if json {
                let items: [JSONValue] = all.map { setting in
                    .object([
                        "key": .string(setting.key.name), "value": JSONValue(setting.value),
                        "origin": .string(setting.origin), "summary": .string(setting.key.summary),
                    ])
                }
                return say(String(decoding: try encodeRequest(.object(["settings": .array(items)])), as: UTF8.self))
            }
            for setting in all { say("\(setting.key.name) = \(setting.value)  # \(setting.origin)") }
        }
    }
}

/// `vitrine cleanup`
struct Cleanup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Throw away what is left over and not needed.")
    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.work("cleanup")
    }
}

/// `vitrine pin`
struct Pin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put the PIN on the screen for a few minutes, and print it, so that another device can be let in.")
    @OptionGroup var connection: Connection

    private struct Answer: Decodable { var pin: String? }

    func run() async throws {
        let bytes = try await connection.call(.post, "/api/v1/claim/pin")
        if connection.json { return say(String(decoding: bytes, as: UTF8.self)) }
        say(try decodeAnswer(Answer.self, bytes).pin ?? "no PIN is needed")
    }
}
