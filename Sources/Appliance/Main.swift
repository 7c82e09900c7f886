import ArgumentParser

#if canImport(Glibc)
    import Glibc
#endif

/// `vitrine`: the daemon, and the command line that talks to it.
@main
struct Vitrine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vitrine",
        abstract: "A display that keeps playing.",
        discussion: """
            `vitrine run` is the appliance itself. The other commands talk to it through its Unix socket, or with \
            --host and --token to one elsewhere.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the daemon is not running.
            """,
        version: Version.text,
        subcommands: [
            Run.self, Status.self, Play.self, Pause.self, Next.self, Previous.self, Show.self, Info.self,
            MediaCommand.self, JobsCommand.self, DisplayCommand.self, ConfigCommand.self, IndexCommand.self,
            Cleanup.self, Pin.self, Doctor.self, CardCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            write(failure.description + "\n", to: STDERR_FILENO)
            Glibc.exit(failure.exitCode)
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if !text.isEmpty { write(text + "\n", to: code.isSuccess ? STDOUT_FILENO : STDERR_FILENO) }
            // ArgumentParser says EX_USAGE (64) for wrong usage; the design's number is 2.
            Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}

/// Why a command failed, with its exit code.
struct CommandFailure: Error, CustomStringConvertible {
    var exitCode: Int32
    var description: String

    static func failed(_ description: String) -> CommandFailure {
        CommandFailure(exitCode: 1, description: description)
    }
    static func usage(_ description: String) -> CommandFailure { CommandFailure(exitCode: 2, description: description) }
    static func notRunning(_ description: String) -> CommandFailure {
        CommandFailure(exitCode: 3, description: description)
    }
    var isNotRunning: Bool { exitCode == 3 }
}

/// Writes text as it is; a closed pipe is nobody's loss.
func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 { return }
        bytes = bytes.dropFirst(count)
    }
}

/// Prints a line on standard output.
func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

/// Prints a line beside the answer, on standard error.
func remark(_ text: String) { write(text + "\n", to: STDERR_FILENO) }
