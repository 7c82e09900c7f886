import DecoderProtocol
import Foundation
import Testing

/// A program in the decoder's sandbox that tries to get out of it. Where the machine lacks a layer, the report says so and
/// what that layer alone forbids is not asked for.
@Suite struct SandboxTests {
    struct Outcome {
        var lines: [[String]]

        func report(_ layer: String) -> String? {
            lines.first { $0.starts(with: ["sandbox", layer]) }.map { $0.dropFirst(2).joined(separator: " ") }
        }

        /// What was tried in this thread, and what became of it.
        func attempts(_ thread: String) -> [String: String] {
            let found = lines.filter { $0.first == thread && $0.count == 4 }
            return Dictionary(found.map { ($0[1], $0[2]) }, uniquingKeysWith: { first, _ in first })
        }

        /// The error number of an attempt.
        func code(_ thread: String, _ attempt: String) -> CInt? {
            lines.first { $0.count == 4 && $0[0] == thread && $0[1] == attempt }.flatMap { CInt($0[3]) }
        }
    }

    static func misbehave(_ arguments: String...) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try BuiltProgram.path("MisbehavingDecoder"))
        process.arguments = arguments
        let output = Pipe()
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        return Outcome(lines: text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) })
    }

    @Test func nothingGetsOut() throws {
        let outcome = try Self.misbehave()
        #expect(outcome.report("no_new_privs") == "in force")
        try #require(outcome.report("seccomp") == "in force", "the test machine's kernel has seccomp filters")
        for thread in ["main", "worker"] {
            let attempts = outcome.attempts(thread)
            let wanted = [
                "open-to-read", "open-own-memory", "open-raw", "create-file", "connect-tcp", "connect-unix",
                "connect-abstract", "socket-tcp", "socket-unix", "execve", "execveat", "fork", "vfork", "clone3",
                "ptrace-me", "ptrace-parent", "kill-parent", "executable-memory", "io-uring",
            ]
            #expect(Set(wanted).isSubset(of: attempts.keys), "\(thread): \(attempts.keys.sorted())")
            #expect(attempts.filter { $0.value != "denied" }.isEmpty, "\(thread)")
        }
    }

    /// Two walls: without the filter of system calls no file can be opened, either.
    @Test func landlockHoldsAlone() throws {
        let outcome = try Self.misbehave("landlock")
        guard outcome.report("landlock") == "in force" else { return }
        for thread in ["main", "worker"] {
            let attempts = outcome.attempts(thread)
            for name in ["open-to-read", "open-own-memory", "open-folder", "create-file", "make-folder"] {
                #expect(attempts[name] == "denied", "\(thread) \(name)")
            }
        }
    }

    @Test func aDeviceThatIsGoneCostsNothingElse() throws {
        let outcome = try Self.misbehave("gone")
        #expect(outcome.report("landlock") == (try Self.misbehave().report("landlock")))
        for thread in ["main", "worker"] {
            let attempts = outcome.attempts(thread)
            #expect(attempts["device-open"] == "denied")
            #expect(attempts.filter { $0.value != "denied" }.isEmpty, "\(thread)")
        }
    }

    /// A board with a decoder of its own: that device, and nothing else.
    @Test func anExceptionIsForOneDeviceAlone() throws {
        let outcome = try Self.misbehave("device")
        try #require(outcome.report("seccomp") == "in force", "the test machine's kernel has seccomp filters")
        let hasLandlock = outcome.report("landlock") == "in force"
        for thread in ["main", "worker"] {
            let attempts = outcome.attempts(thread)
            let others = attempts.filter { !$0.key.hasPrefix("device-") }
            #expect(others.keys.contains("open-other-device"))
            #expect(others.filter { $0.value != "denied" }.isEmpty, "\(thread)")
            // Without Landlock there is no exception.
            for name in ["device-open", "device-folder", "device-list"] {
                #expect(attempts[name] == (hasLandlock ? "succeeded" : "denied"), "\(thread) \(name)")
            }
            // It is no video device, which is what the kernel says once the filter lets the request through.
            #expect(outcome.code(thread, "device-video-request") == (hasLandlock ? ENOTTY : EPERM))
            #expect(outcome.code(thread, "device-other-request") == EPERM)
        }
    }
}
