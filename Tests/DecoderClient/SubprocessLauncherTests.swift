import DecoderProtocol
import LinuxSystem
import Logging
import Supervision
import Synchronization
import SystemPackage
import Testing

@testable import DecoderClient

#if canImport(Glibc)
    import Glibc
#endif

/// Keeps what is logged.
final class LogRecord: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(record: self) } }

    private struct Handler: LogHandler {
        let record: LogRecord
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { record.state.withLock { $0.append(event.message.description) } }
    }
}

@Suite(.timeLimit(.minutes(1))) struct SubprocessLauncherTests {
    let record = LogRecord()

    func launch(_ script: String) async throws -> any DecoderPeer {
        try await SubprocessLauncher(executable: "/bin/sh", arguments: ["-c", script], log: record.logger)
            .launch(.current)
    }

    @Test(arguments: [
        ("exit 0", ExitCause.exited(status: 0)), ("exit 3", .exited(status: 3)),
        ("kill -SEGV $$", .signal(SIGSEGV)), ("kill -KILL $$", .signal(SIGKILL)),
    ])
    func tellsHowItEnded(script: String, cause: ExitCause) async throws {
        let peer = try await launch(script)
        #expect(await peer.waitForExit() == cause)
        #expect(await peer.waitForExit() == cause)
        #expect(processState(peer.processID) == nil)
        // Too late, and harmless.
        peer.kill()
    }

    @Test func kills() async throws {
        let peer = try await launch("kill -STOP $$")
        peer.kill()
        #expect(await peer.waitForExit() == .signal(SIGKILL))
    }

    @Test func standardInputIsTheSocket() async throws {
        let peer = try await launch("dd bs=100 count=1 2>/dev/null; dd bs=100 count=1 2>/dev/null; exit 5")
        #expect(try peer.socket.send(Array("hello\n".utf8)))
        try await until { record.lines.contains("decoder: hello") }
        peer.socket.shutDown()
        #expect(await peer.waitForExit() == .exited(status: 5))
    }

    @Test func itsEndIsSeenAtTheSocket() async throws {
        let peer = try await launch("exit 0")
        _ = await peer.waitForExit()
        // Another process that is started just then holds a copy until it runs its own program.
        try await until {
            if case .ended = try peer.socket.receive(acceptingDescriptors: false) { true } else { false }
        }
    }

    @Test func inheritsNextToNothing() async throws {
        let peer = try await launch(
            "pwd; ls -1 /proc/$$/fd; tr '\\0' '\\n' < /proc/$$/environ; exit 0")
        _ = await peer.waitForExit()
        let lines = Set(record.lines)
        #expect(lines.contains("decoder: /"))
        let environment = ["LANG=C", "MALLOC_ARENA_MAX=2", "SWIFT_BACKTRACE=enable=no"].map { "decoder: \($0)" }
        #expect(lines.filter { $0.contains("=") } == Set(environment))
        let descriptors = lines.filter { $0.dropFirst("decoder: ".count).allSatisfy(\.isNumber) }
        #expect(descriptors == ["decoder: 0", "decoder: 1", "decoder: 2"])
    }

    @Test func isInASessionOfItsOwn() async throws {
        let peer = try await launch("read -r line")
        let stat = try TextFile.read(FilePath("/proc/\(peer.processID)/stat"))
        let fields = try #require(stat.split(separator: ")").last).split(separator: " ")
        #expect(fields[3] == "\(peer.processID)")
        peer.kill()
        _ = await peer.waitForExit()
    }

    @Test func aFloodOfLinesIsCut() async throws {
        let peer = try await launch("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; exit 0")
        #expect(await peer.waitForExit() == .exited(status: 0))
        #expect((1...200).contains(record.lines.count))
    }

    @Test func saysWhatIsMissing() async throws {
        let launcher = SubprocessLauncher(
            executable: "/nowhere/vitrine-decoder", memoryMegabytes: 1, log: record.logger)
        let reason = try #require(await failure { _ = try await launcher.launch(.current) }?.startReason)
        #expect(reason.contains("/nowhere/vitrine-decoder"))
    }
}
