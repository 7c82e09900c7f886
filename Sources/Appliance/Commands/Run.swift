import ArgumentParser
import CLinux
import DeviceSettings
import Logging
import MediaIndex
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// `vitrine run`: the appliance itself.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the appliance.")

    @Option(name: .customLong("set"), help: "A setting, such as web.port=9000; above all other layers.")
    var assignments: [String] = []

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        // Until the services take these over, nothing was taken that an orderly end would have to save.
        for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
        vitrine_limit_heaps(2)
        var settings = LocalSettings.load(arguments: assignments)
        var refusal: MediaFault?
        do throws(MediaFault) {
            // Settings are among what is erased.
            if try DataErasure.carryOut(in: FilePath(settings.text("data.directory"))) {
                settings = LocalSettings.load(arguments: assignments)
            }
        } catch {
            refusal = error
        }
        let format = settings.text("log.format")
        LoggingSystem.bootstrap { label in
            if format == "json" { return JSONLogHandler(label: label) }
            return TextLogHandler(label: label)
        }
        var logger = Logger(label: "vitrine")
        logger.logLevel = Logger.Level(rawValue: settings.text("log.level")) ?? .info
        if let refusal { logger.error("what was to be erased is still there: \(refusal.reason)") }
        let daemon = Daemon(
            settings: settings, environment: processEnvironment(), logger: logger,
            onListening: { addresses in
                let place = addresses.isEmpty ? "waits for a network" : "is at \(addresses.joined(separator: "  "))"
                say("Vitrine \(place)  (Ctrl-C ends it)")
            })
        do {
            try await daemon.run()
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure.failed("\(error)")
        }
    }
}
