import ArgumentParser
import DeviceSettings
import Logging
import MediaIndex
import NIOCore
import SystemPackage
import WebInterface

/// `vitrine index …`
struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "The index over the library.", subcommands: [Check.self, Rebuild.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the index with the library; also beside a running daemon.")
        @Flag(help: "Answer in JSON.") var json = false

        func run() async throws {
            let root = FilePath(LocalSettings.load().text("data.directory"))
            let findings: [LibraryFinding]
            do throws(MediaFault) {
                findings = try await MediaLibrary.inspect(root)
            } catch {
                throw CommandFailure.failed(error.description)
            }
            if json {
                let items: [JSONValue] = findings.map { finding in
                    .object(["kind": .string(finding.kind.rawValue), "detail": .string(finding.description)])
                }
                say(String(decoding: try encodeRequest(.object(["findings": .array(items)])), as: UTF8.self))
            } else {
                for finding in findings { say(visible(finding.description)) }
                if findings.isEmpty { say("no faults") }
            }
            if !findings.isEmpty {
                throw CommandFailure.failed("\(findings.count) faults. vitrine index rebuild mends them.")
            }
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Build the index anew from the library.")
        @OptionGroup var connection: Connection

        func run() async throws {
            do {
                try await connection.work("rebuild-index")
                return
            } catch let failure as CommandFailure where failure.exitCode == 3 && connection.host == nil {
                // Nobody runs: then the folder is free to be taken.
                do throws(MediaFault) {
                    let library = try await MediaLibrary.open(
                        FilePath(LocalSettings.load().text("data.directory")), logger: Logger(label: "library"))
                    for finding in try await library.rebuild() { say(visible(finding.description)) }
                    try await library.close()
                } catch {
                    throw CommandFailure.failed(error.description)
                }
            }
            say("rebuilt")
        }
    }
}
