import ArgumentParser
import AsyncHTTPClient
import DisplayDrivers
import LinuxSystem
import SystemPackage
import WebInterface

/// `vitrine display …`
struct DisplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "display", abstract: "The screen.", subcommands: [Probe.self, Test.self, Snapshot.self])

    struct Probe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Which displays there are, and why each is or is not in use.")
        @OptionGroup var connection: Connection

        func run() async throws {
            let display: DisplayStatus
            do {
                display = try decodeAnswer(
                    ApplianceStatus.self, try await connection.call(.get, "/api/v1/status")
                ).display
            } catch let failure as CommandFailure where failure.isNotRunning && connection.host == nil {
                // Who looks for the reason of a dark screen may have no daemon that runs.
                remark("the appliance is not running: what follows is what it would find")
                display = await look()
            }
            if connection.json { return say(String(decoding: try encodeAnswer(display), as: UTF8.self)) }
            for link in display.chain {
                say("\(link.driver)  \(link.outcome)\(link.reason.map { ": \($0)" } ?? "")")
            }
            for note in display.notes ?? [] { say("note: \(note)") }
            let others = [DRMDriver.name, SPIPanelDriver.name, HeadlessDriver.name].filter { name in
                !display.chain.contains { $0.driver == name }
            }
            if !others.isEmpty { say("note: display.order leaves out \(others.joined(separator: " and "))") }
        }

        /// Asks every driver that the settings name.
        private func look() async -> DisplayStatus {
            let displays = Displays(LocalSettings.load(), stored: [:], isKept: true, clock: MonotonicClock())
            var chain: [DisplayStatus.Link] = []
            for driver in displays.drivers {
                switch await driver.probe() {
                case .usable: chain.append(DisplayStatus.Link(driver: driver.name, outcome: "usable"))
                case .unusable(let reason):
                    chain.append(DisplayStatus.Link(driver: driver.name, outcome: "unusable", reason: reason))
                }
            }
            return DisplayStatus(chain: chain)
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the test picture: colour bars, corner marks, a grey ramp, a moving bar and a frame counter."
        )
        @Option(help: "For how long, 1 to 3600.") var seconds: Double = 30
        @Flag(help: "Without the bar and the counter.") var still = false
        @OptionGroup var connection: Connection

        func run() async throws {
            let body: JSONValue = .object(["seconds": .number(seconds), "moves": .bool(!still)])
            let bytes = try await connection.call(
                .post, "/api/v1/system/test-picture", body: .bytes(try encodeRequest(body)),
                contentType: "application/json")
            if connection.json { say(String(decoding: bytes, as: UTF8.self)) }
        }
    }

    struct Snapshot: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Save what is on the screen now as a PNG file.")
        @Argument var file: String
        @OptionGroup var connection: Connection

        func run() async throws {
            let bytes = try await connection.call(.get, "/api/v1/display/snapshot.png")
            do throws(Errno) {
                try DurableFile.replace(FilePath(file), with: bytes)
            } catch {
                throw CommandFailure.failed("\(file) cannot be written: \(error).")
            }
        }
    }
}
