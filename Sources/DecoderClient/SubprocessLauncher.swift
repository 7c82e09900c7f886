public import DecoderProtocol
import LinuxSystem
public import Logging
import Subprocess
import Supervision
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Starts `vitrine-decoder` in a session of its own, with one end of a socket as its standard input, nothing else of ours
/// open, and next to nothing in its environment. What it writes goes to the log.
public struct SubprocessLauncher: DecoderLauncher {
    private let executable: FilePath
    private let arguments: [String]
    private let cgroups: DecoderCgroups?
    private let log: Logger

    /// - Parameters:
    ///   - memoryMegabytes: `decoder.limits.memory_mb`.
    ///   - cgroups: what puts each process into a control group of its own, before it has been told anything.
    public init(executable: FilePath, memoryMegabytes: Int, cgroups: DecoderCgroups? = nil, log: Logger) {
        self.executable = executable
        self.cgroups = cgroups
        arguments = ["--memory-mb", String(memoryMegabytes)]
        self.log = log
    }

    /// For tests of the launcher itself.
    init(executable: FilePath, arguments: [String], cgroups: DecoderCgroups? = nil, log: Logger) {
        self.executable = executable
        self.cgroups = cgroups
        self.arguments = arguments
        self.log = log
    }

    public var limits: DecoderLimitReport {
        cgroups?.report ?? .absent(reason: "decoders were started without control groups")
    }

    public func launch(_ role: DecoderRole) async throws(DecoderError) -> any DecoderPeer {
        do {
            let ends = try PacketSocket.pair()
            return try await SubprocessPeer(
                executable: executable, arguments: arguments, role: role, cgroups: cgroups,
                socket: ends.nonblocking, input: ends.blocking, log: log)
        } catch {
            throw .cannotStart(reason: "\(executable) did not start: \(error)")
        }
    }
}

/// The process's ends of socket and pipe, until the process has them: as long as we had them, too, its end would never be
/// seen.
private final class HandedOver: Sendable {
    let input: FileDescriptor
    let output: FileDescriptor
    private let held: Mutex<[Descriptor]>

    init(input: Descriptor, output: Descriptor) {
        self.input = FileDescriptor(rawValue: input.rawValue)
        self.output = FileDescriptor(rawValue: output.rawValue)
        held = Mutex([input, output])
    }

    func drop() { held.withLock { $0 = [] } }
}

/// A process started with swift-subprocess.
struct SubprocessPeer: DecoderPeer {
    let socket: PacketSocket
    let processID: Int32
    private let handle: ProcessHandle?

    /// A crash must end the process at once: Swift's own handler would start a program to print a backtrace, which the
    /// sandbox forbids, and then wait for it.
    private static let environment: [Environment.Key: String] = [
        "LANG": "C", "MALLOC_ARENA_MAX": "2", "SWIFT_BACKTRACE": "enable=no",
    ]

    /// When the whole board is out of memory, a decoder goes before the daemon does: a picture can be decoded again.
    /// proc_pid_oom_score_adj(5).
    private static let outOfMemoryScore = "500"

    /// Waits for the process, and tells how it ended.
    private let life: Task<ExitCause?, Never>

    init(
        executable: FilePath, arguments: [String], role: DecoderRole, cgroups: DecoderCgroups?, socket: PacketSocket,
        input: PacketSocket, log: Logger
    ) async throws {
        let (started, reportStart) = AsyncThrowingStream<Int32, any Error>.makeStream()
        let (reading, writing) = try Descriptor.pipe()
        let theirs = HandedOver(input: input.descriptor, output: writing)
        // Ends with the process, when all that it wrote is in the log.
        let process = Task { () -> ExitCause? in
            do {
                var options = PlatformOptions()
                // Not of our session: what ends a terminal's processes ends the daemon first, and the daemon ends them.
                options.createSession = true
                let result = try await Subprocess.run(
                    .path(executable), arguments: Arguments(arguments),
                    environment: .custom(Self.environment), workingDirectory: "/",
                    platformOptions: options,
                    input: .fileDescriptor(theirs.input, closeAfterSpawningProcess: false),
                    output: .fileDescriptor(theirs.output, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(theirs.output, closeAfterSpawningProcess: false)
                ) { execution in
                    theirs.drop()
                    reportStart.yield(execution.processIdentifier.value)
                    reportStart.finish()
                    await DecoderOutput(of: execution.processIdentifier.value, from: reading, to: log).waitForEnd()
                }
                switch result.terminationStatus {
                case .exited(let status): return .exited(status: status)
                case .signaled(let signal): return .signal(signal)
                }
            } catch {
                theirs.drop()
                reportStart.finish(throwing: error)
                log.error("lost sight of a decoder process", metadata: ["error": "\(error)"])
                return nil
            }
        }
        var processID: Int32?
        for try await number in started { processID = number }
        guard let processID else { throw CancellationError() }
        self.processID = processID
        self.socket = socket
        // It may have ended already, which waiting for it will tell.
        handle = try? ProcessHandle(processID: processID)
        Self.giveUpFirst(processID)
        let stay = await cgroups?.admit(processID, role: role)
        life = Task {
            let cause = await process.value
            return if let stay { await stay.end(with: cause) } else { cause }
        }
    }

    private static func giveUpFirst(_ processID: Int32) {
        // Without it the kernel chooses by size, as well as it can.
        guard let file = try? Descriptor.open(FilePath("/proc/\(processID)/oom_score_adj"), .writeOnly) else { return }
        try? DurableFile.write(Array(outOfMemoryScore.utf8), to: file)
    }

    func kill() { try? handle?.send(signal: SIGKILL) }

    func waitForExit() async -> ExitCause? { await life.value }
}
