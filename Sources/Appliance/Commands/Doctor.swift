import ArgumentParser
import DeviceSettings
import DisplayDrivers
import LinuxSystem
import SystemPackage
import WebInterface

/// `vitrine doctor`: what an experienced neighbour would look at first.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Look for what is wrong, and say what to do.")
    @OptionGroup var connection: Connection

    private struct FaultList: Decodable { var items: [FaultEntry] }

    func run() async throws {
        var wrong: [String] = []
        var past: [FaultEntry] = []
        let settings = LocalSettings.load()
        wrong += settings.faults.map { "configuration: \($0)" }
        if (try? Descriptor.open(Daemon.decoderProgram, .readOnly)) == nil {
            wrong.append("decoder: \(Daemon.decoderProgram) is missing; install it beside vitrine")
        }
        do {
            let bytes = try await connection.call(.get, "/api/v1/status")
            let status = try decodeAnswer(ApplianceStatus.self, bytes)
            wrong += status.faults.map { "\($0.part): \($0.detail)\($0.suggestion.map { " (\($0))" } ?? "")" }
            if status.display.driver == nil { wrong.append("display: none is open") }
            // Who names a panel wants to see a picture on it.
            let panel = status.display.chain.first { $0.driver == SPIPanelDriver.name }
            if !settings.text("spi.panel").isEmpty, let panel, panel.outcome == "unusable", let reason = panel.reason {
                wrong.append("display \(panel.driver): \(reason)")
            }
            if status.storage.isReadOnly { wrong.append("storage: the data folder cannot be written") }
            if status.storage.freeBytes < 128 << 20 {
                wrong.append("storage: less than 128 MB are free; delete something")
            }
            past = try decodeAnswer(FaultList.self, try await connection.call(.get, "/api/v1/system/faults")).items
        } catch let failure as CommandFailure {
            wrong.append("daemon: \(failure.description)")
        }
        if connection.json {
            say(
                String(
                    decoding: try encodeRequest(
                        .object([
                            "wrong": .array(wrong.map { .string($0) }),
                            "past": .array(past.map { .string(Self.line($0)) }),
                        ])), as: UTF8.self))
        } else {
            for line in wrong { say(visible(line)) }
            if wrong.isEmpty { say("nothing is wrong") }
            if !past.isEmpty { say("\nBoots and faults, the latest last:") }
            for entry in past.suffix(Self.shown) { say("  " + visible(Self.line(entry))) }
        }
        if !wrong.isEmpty {
            throw CommandFailure.failed(wrong.count == 1 ? "One thing is wrong." : "\(wrong.count) things are wrong.")
        }
    }

    /// Entries of the fault log that a person reads through; `--json` has all.
    private static let shown = 12

    private static func line(_ entry: FaultEntry) -> String {
        "\(entry.time) \(entry.kind)\(entry.text.isEmpty ? "" : " \(entry.text)")"
    }
}
